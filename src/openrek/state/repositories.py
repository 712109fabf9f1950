"""All that is kept, opened when it is first asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from openrek.config import ACCOUNT

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from openrek.db import Reader
    from openrek.state.celebrities import Celebrities
    from openrek.state.collections import Collections
    from openrek.state.tags import Tags


class Repositories:
    """Collections, celebrities and tags in one database.

    Args:
        open_database: Opens it; called once, at the first use.
        region: Of the ARNs.
    """

    def __init__(self, open_database: "Callable[[], Engine]", region: str = "us-east-1") -> None:
        self._open = open_database
        self.region = region
        """Of the ARNs."""

    @cached_property
    def _database(self) -> "Engine":
        return self._open()

    @cached_property
    def _reader(self) -> "Reader":
        from openrek.db import Reader

        return Reader(self._database)

    @cached_property
    def collections(self) -> "Collections":
        """Collections of faces."""
        from openrek.state.collections import Collections

        return Collections(self._database, self._reader)

    @cached_property
    def celebrities(self) -> "Celebrities":
        """People that the operator made known."""
        from openrek.state.celebrities import Celebrities

        return Celebrities(self._database)

    @cached_property
    def tags(self) -> "Tags":
        """Tags by ARN."""
        from openrek.state.tags import Tags

        return Tags(self._database, self._reader)

    def close(self) -> None:
        """Ends what was opened."""
        if "_reader" in self.__dict__:
            self._reader.close()

    def arn(self, kind: str, name: str) -> str:
        """The Amazon resource name, as "arn:aws:rekognition:us-east-1:000000000000:collection/visitors"."""
        return f"arn:aws:rekognition:{self.region}:{ACCOUNT}:{kind}/{name}"
