"""All repositories over one database, each opened when it is first used."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from openrek.config import ACCOUNT

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from openrek.db import Reader
    from openrek.state.celebrities import Celebrities
    from openrek.state.collections import Collections
    from openrek.state.faces import Faces
    from openrek.state.jobs import Jobs
    from openrek.state.notifications import Notifications
    from openrek.state.request_tokens import RequestTokens
    from openrek.state.tags import Tags
    from openrek.state.users import Users
    from openrek.state.workers import Workers


class Repositories:
    """`repositories.collections` is the class `Collections` of `openrek.state.collections`, and so on by name.

    A repository is found by its module: a new one needs no entry here but, for type checkers, an annotation. Its
    constructor takes the database and the shared reader. Modules are imported at their first use, because the function
    on AWS has neither a database nor SQLAlchemy.

    Args:
        open_database: Opens the database; called once, at the first use.
        region: Region in ARNs.
    """

    if TYPE_CHECKING:
        celebrities: Celebrities
        collections: Collections
        jobs: Jobs
        notifications: Notifications
        workers: Workers
        faces: Faces
        request_tokens: RequestTokens
        tags: Tags
        users: Users

    def __init__(self, open_database: "Callable[[], Engine]", region: str = "us-east-1") -> None:
        self._open = open_database
        self.region = region
        """Region in ARNs."""

    @cached_property
    def _database(self) -> "Engine":
        return self._open()

    @cached_property
    def _reader(self) -> "Reader":
        from openrek.db import Reader

        return Reader(self._database)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        module_name = f"openrek.state.{name}"
        try:
            module = import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name != module_name:
                raise
            raise AttributeError(f"openrek.state has no repository {name!r}") from None
        repository = getattr(module, name.title().replace("_", ""))(self._database, self._reader)
        setattr(self, name, repository)
        return repository

    def close(self) -> None:
        """Close the connection that reads share."""
        if "_reader" in self.__dict__:
            self._reader.close()

    def arn(self, kind: str, name: str) -> str:
        """The Amazon resource name, as "arn:aws:rekognition:us-east-1:000000000000:collection/visitors"."""
        return f"arn:aws:rekognition:{self.region}:{ACCOUNT}:{kind}/{name}"
