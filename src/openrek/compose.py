"""The composition root: the parts of one process, built from settings.

`openrek serve`, the in-process client, the commands and the function on AWS all take their parts from here. A part is
built when it is first used, and its modules are imported then: a command pays only for what it needs, and the function
on AWS has no database.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from openrek import cancellation
from openrek.config import Settings
from openrek.data_folder import FolderLock, check_writable, make_private

if TYPE_CHECKING:
    from sqlalchemy import Engine as Database

    from openrek.cloudwatch import Log, LogStore
    from openrek.function.local_recognition import LocalRecognition
    from openrek.iam import AccessKeys, Caller, Credentials
    from openrek.jobs import JobRunner
    from openrek.rekognition import Client, Services
    from openrek.rekognition.admission import Admission
    from openrek.rekognition.curation.crops import FaceCrops
    from openrek.s3 import LocalObjectStore, ObjectStore
    from openrek.state import Repositories
    from openrek.vision import Engine, ModelPack

T = TypeVar("T")
DATABASE_FILE = "openrek.sqlite3"
JOBS_FILE = "jobs.sqlite3"


class _Part(Generic[T]):
    """A property that is computed once, under the system's lock."""

    def __init__(self, build: "Callable[[System], T]") -> None:
        self._build = build
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, system: None, owner: type) -> "_Part[T]": ...

    @overload
    def __get__(self, system: "System", owner: type) -> T: ...

    def __get__(self, system: "System | None", owner: type) -> "T | _Part[T]":
        if system is None:
            return self
        with system.lock:
            if self._name not in system.__dict__:
                cancellation.check()  # a signal during the start ends it between two parts
                system.__dict__[self._name] = self._build(system)
        value: T = system.__dict__[self._name]
        return value


class System:
    """The parts of one process; see `compose`. Safe to share between threads.

    Args:
        settings: Where everything is.
        placement: An object store and the bucket of the analyses, in place of those of the settings. With it nothing
            is read from or written to the data folder: there is no database, and pulled models are not used.
        pin_models: Loads all models with the engine and keeps them, for a process that serves requests. Otherwise each
            is loaded when it is first needed.
    """

    def __init__(
        self, settings: Settings, placement: "tuple[ObjectStore, str] | None" = None, pin_models: bool = False
    ) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self._placement = placement
        self._folder_lock: FolderLock | None = None
        self._pin_models = pin_models

    @_Part
    def folder(self) -> Path:
        """The data folder, private.

        Raises:
            OSError: It cannot be created.
        """
        make_private(self.settings.data_dir)
        return self.settings.data_dir

    def hold_folder(self) -> None:
        """Make this the one service of the data folder, until it is closed.

        Raises:
            RuntimeError: Another service has the folder, or it cannot be written.
        """
        check_writable(self.folder)
        self._folder_lock = FolderLock(self.folder)

    @_Part
    def credentials(self) -> "Credentials":
        """The owner's access key.

        Raises:
            RuntimeError: The file of the data folder is damaged.
        """
        from openrek.iam import ensure_credentials

        return ensure_credentials(self.folder, self.settings.region)

    @_Part
    def token(self) -> str:
        """The token of the REST API.

        Raises:
            RuntimeError: The file of the data folder is damaged.
        """
        from openrek.iam import ensure_token

        return ensure_token(self.folder)

    @_Part
    def database(self) -> "Database":
        """Keys, collections, celebrities and tags.

        Raises:
            RuntimeError: The file or the server cannot be used.
        """
        from openrek.db import open_database

        if self._placement is not None:
            raise RuntimeError("This process keeps no state.")
        return open_database(self.settings.database or self.folder / DATABASE_FILE)

    @_Part
    def log_store(self) -> "LogStore":
        """The log.

        Raises:
            RuntimeError: A database file cannot be used.
        """
        from openrek.cloudwatch import LogStore
        from openrek.db import LOG_FILE, open_log_database

        if (self.folder / DATABASE_FILE).exists() and not self.settings.database:
            _ = self.database  # an older release kept the log there, and migrating it brings the records along
        return LogStore(open_log_database(self.folder / LOG_FILE), self.settings.log_retention_days)

    @_Part
    def log(self) -> "Log":
        """The log of a process that prints none.

        Raises:
            RuntimeError: A database file cannot be used.
        """
        from openrek.cloudwatch import Log

        return Log(None, self.log_store)

    @_Part
    def repositories(self) -> "Repositories":
        """What Rekognition keeps between requests."""
        from openrek.state import Repositories

        return Repositories(lambda: self.database, self.settings.region)

    def keys(self, roles: "Mapping[Credentials, Caller] | None" = None) -> "AccessKeys":
        """The access keys.

        Args:
            roles: Callers by keys that are stored nowhere, for example the function's.
        """
        from openrek.iam import AccessKeys, Vault

        return AccessKeys(self.credentials, lambda: self.database, Vault(self.folder), tuple((roles or {}).items()))

    def verify_vault(self) -> None:
        """Returns if `master.key` is absent or whole, so that a damaged file is found at the start.

        Raises:
            RuntimeError: The file `master.key` is damaged.
        """
        from openrek.iam import Vault

        Vault(self.folder).check()

    @_Part
    def local(self) -> "LocalObjectStore | None":
        """The object store of the data folder; None where objects are kept elsewhere."""
        from openrek.s3 import LocalObjectStore

        if self._placement is not None or self.settings.s3:
            return None
        return LocalObjectStore(self.folder / "objects")

    @_Part
    def placement(self) -> "tuple[ObjectStore, str]":
        """The object store, and the bucket of the analyses.

        Raises:
            RuntimeError: A bucket elsewhere cannot be used.
        """
        return self._placement or _place(self.settings, self.local)

    @_Part
    def crops(self) -> "FaceCrops | None":
        """Where crops of indexed faces are kept.

        Those that are kept can be seen, and are deleted with their faces, whatever `keep_faces` is now.
        """
        from openrek.rekognition.curation.crops import FaceCrops

        return None if self._placement is not None else FaceCrops(*self.placement, is_on=self.settings.keep_faces)

    @_Part
    def engine(self) -> "Engine":
        """The engine over all installed packs and the pulled models in use.

        Raises:
            LookupError: A model is missing or damaged; the message has the fix.
            ValueError: The execution provider of the settings is not available.
        """
        from openrek.vision import Engine, RuntimeOptions, load_packs

        pulled, use = self._pulled()
        settings = self.settings
        options = RuntimeOptions(
            settings.workers,
            settings.execution_provider,
            settings.threads,
            settings.model_memory,
            settings.precision,
        )
        engine = Engine((*load_packs(), *pulled), options, use)
        if self._pin_models:
            engine.pin()
        return engine

    @_Part
    def admission(self) -> "Admission":
        """The bound on requests that use the engine, which the gateway and the in-process client share."""
        from openrek.rekognition.admission import Admission

        return Admission(self.settings.workers + self.settings.queue)

    def services(self, **replaced: Any) -> "Services":
        """What operations are given; arguments replace parts by name."""
        from openrek.rekognition import Services

        parts: dict[str, Callable[[], Any]] = {
            "engine": lambda: self.engine,
            "objects": lambda: self.placement[0],
            "resources": lambda: self.repositories,
            "admission": lambda: self.admission,
            "log": lambda: (lambda: self.log) if self._placement is None else None,
        }
        if "objects" not in replaced:
            parts |= {"crops": lambda: self.crops, "bucket": lambda: self.placement[1]}
        return Services(**{name: part() for name, part in parts.items() if name not in replaced}, **replaced)

    def client(self, **replaced: Any) -> "Client":
        """A client that answers in this process; arguments as of `services`."""
        from openrek.rekognition import Client

        return Client(self.services(**replaced))

    def recognition(self, **replaced: Any) -> "LocalRecognition":
        """Recognition of images in this process; arguments as of `services`."""
        from openrek.function.local_recognition import LocalRecognition

        return LocalRecognition(self.services(**replaced))

    def run_jobs(self, log: "Log") -> "JobRunner":
        """Run jobs in this process until the runner is closed."""
        from openrek.jobs import JobRunner, JobSettings, OutboxSettings

        settings = self.settings
        outbox = OutboxSettings(settings.sns_endpoint, settings.webhook_url, settings.webhook_secret)
        return JobRunner(self.services(), JobSettings(self._jobs_url, settings.jobs, settings.workers, outbox), log)

    def _jobs_url(self) -> str:
        from openrek.db import private_file, sqlalchemy_url

        if self.settings.database:
            return sqlalchemy_url(self.settings.database)  # a schema of its own there, which all services share
        return f"sqlite:///{private_file(self.folder / JOBS_FILE)}"

    def closers(self) -> dict[str, Callable[[], object]]:
        """What closes the parts that were built, by name, the ones that others depend on last."""
        built = self.__dict__
        closers: dict[str, Callable[[], object]] = {
            name: built[name].close for name in ("engine", "repositories", "log_store") if name in built
        }
        if "database" in built:
            closers["database"] = built["database"].dispose
        if self._folder_lock is not None:
            closers["data folder"] = self._folder_lock.close
        return closers

    def close(self) -> None:
        """Close the parts that were built."""
        for close in self.closers().values():
            close()

    def __enter__(self) -> "System":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pulled(self) -> "tuple[tuple[ModelPack, ...], Mapping[str, str]]":
        if self._placement is not None:
            return (), {}
        from openrek.model_store import Library

        return Library(self.settings.data_dir).in_use()


def compose(settings: Settings, placement: "tuple[ObjectStore, str] | None" = None, pin_models: bool = False) -> System:
    """The system of these settings. Nothing is opened yet; see System for the arguments."""
    return System(settings, placement, pin_models)


def _place(settings: Settings, local: "LocalObjectStore | None") -> "tuple[ObjectStore, str]":
    from openrek.s3 import RemoteObjectStore, RoutingObjectStore, S3Location

    elsewhere: dict[str, ObjectStore] = {}
    for place in map(S3Location, settings.s3_buckets):
        store = RemoteObjectStore(place)
        store.check()
        elsewhere[place.bucket] = store
    if local is None:
        place = S3Location(settings.s3)
        remote = RemoteObjectStore(place)
        remote.check()
        return RoutingObjectStore(elsewhere, remote), place.bucket
    local.create_bucket(settings.bucket)
    return RoutingObjectStore(elsewhere, local) if elsewhere else local, settings.bucket
