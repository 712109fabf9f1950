"""Run by Alembic: takes the connection it is given, whose transaction holds all migrations or none."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
