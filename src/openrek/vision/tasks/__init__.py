"""The vision tasks: one module a task, each over the models of that task."""
