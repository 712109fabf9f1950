"""Tags: up to 200 names with values on a resource."""

from collections.abc import Collection, Mapping

from sqlalchemy import Engine, bindparam, delete, func, insert, select

from openrek.db import Reader, collections, lock, tags, writing
from openrek.errors import QuotaExceededError, ResourceNotFoundError

MAX_TAGS = 200


# One row for a collection without tags, none for no collection.
_OF_COLLECTION = (
    select(tags.c.name, tags.c.value)
    .select_from(collections.outerjoin(tags, tags.c.resource_arn == bindparam("arn")))
    .where(collections.c.name == bindparam("name"))
    .order_by(tags.c.name)
)
_OF_ARN = select(tags.c.name, tags.c.value).where(tags.c.resource_arn == bindparam("arn")).order_by(tags.c.name)


class Tags:
    """Tags by the resource's ARN. Whether there is such a resource is for the caller to know."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def of_collection(self, name: str, arn: str) -> dict[str, str]:
        """The tags of the collection of this name and ARN.

        Raises:
            ResourceNotFoundError: there is no such collection.
        """
        rows = self._reader.all(_OF_COLLECTION, {"name": name, "arn": arn})
        if not rows:
            raise ResourceNotFoundError(f"Collection {name[:260]!r} does not exist.")
        return {row[0]: row[1] for row in rows if row[0] is not None}

    def of(self, arn: str) -> dict[str, str]:
        """The tags of a resource; none if there is no such resource."""
        return dict(self._reader.all(_OF_ARN, {"arn": arn}))

    def write(self, arn: str, added: Mapping[str, str]) -> None:
        """Adds tags and replaces those of the same names, all or none.

        Raises:
            QuotaExceededError: the resource would have more than 200.
        """
        if not added:
            return
        with writing(self._database) as connection:
            lock(connection, f"tags {arn}")  # who counts them sees all
            connection.execute(delete(tags).where(tags.c.resource_arn == arn, tags.c.name.in_(list(added))))
            connection.execute(
                insert(tags), [{"resource_arn": arn, "name": name, "value": value} for name, value in added.items()]
            )
            count = connection.execute(
                select(func.count()).select_from(tags).where(tags.c.resource_arn == arn)
            ).scalar_one()
            if count > MAX_TAGS:
                raise QuotaExceededError(
                    f"A resource can have at most {MAX_TAGS} tags; with these {arn[:200]} would have {count}."
                )

    def remove(self, arn: str, names: Collection[str] | None = None) -> None:
        """Removes the named tags, or all; absent tags are ignored."""
        statement = delete(tags).where(tags.c.resource_arn == arn)
        if names is not None:
            statement = statement.where(tags.c.name.in_(list(names)))
        with writing(self._database) as connection:
            connection.execute(statement)
