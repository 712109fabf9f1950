"""Tags: up to 200 names with values on a resource."""

from collections.abc import Collection, Mapping

from sqlalchemy import Engine, delete, func, insert, select

from openrek.db import tags
from openrek.errors import ServiceQuotaExceededException

MAX_TAGS = 200


class Tags:
    """Tags by the resource's ARN. Whether there is such a resource is for the caller to know."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def read(self, arn: str) -> dict[str, str]:
        """The resource's tags."""
        with self._database.connect() as connection:
            rows = connection.execute(
                select(tags.c.name, tags.c.value).where(tags.c.resource_arn == arn).order_by(tags.c.name)
            )
            return {row.name: row.value for row in rows}

    def write(self, arn: str, added: Mapping[str, str]) -> None:
        """Adds tags and replaces those of the same names, all or none.

        Raises:
            ServiceQuotaExceededException: the resource would have more than 200.
        """
        if not added:
            return
        with self._database.begin() as connection:
            connection.execute(delete(tags).where(tags.c.resource_arn == arn, tags.c.name.in_(list(added))))
            connection.execute(
                insert(tags), [{"resource_arn": arn, "name": name, "value": value} for name, value in added.items()]
            )
            count = connection.execute(
                select(func.count()).select_from(tags).where(tags.c.resource_arn == arn)
            ).scalar_one()
            if count > MAX_TAGS:
                raise ServiceQuotaExceededException(
                    f"a resource may have at most {MAX_TAGS} tags; with these {arn[:200]} would have {count}"
                )

    def remove(self, arn: str, names: Collection[str] | None = None) -> None:
        """Removes the named tags, or all; those absent are no error."""
        statement = delete(tags).where(tags.c.resource_arn == arn)
        if names is not None:
            statement = statement.where(tags.c.name.in_(list(names)))
        with self._database.begin() as connection:
            connection.execute(statement)
