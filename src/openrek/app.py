"""Composition root: builds everything from settings. The only file that sees every room."""

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrek.closing import close_all
from openrek.cloudwatch import Log, LogStore
from openrek.config import ACCOUNT, Settings, load_settings
from openrek.data_folder import make_private
from openrek.db import open_sqlite
from openrek.embedded import open_engine, runtime_options
from openrek.function import AnalysisStore, Function, FunctionServices, function_role
from openrek.function.findings import Findings
from openrek.function.local_recognition import LocalRecognition
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.recognition import Picture
from openrek.gateway import Gateway, GatewayServices
from openrek.gateway.access import Access
from openrek.gateway.admission import ImageQueue
from openrek.gateway.browsers import cors_rule
from openrek.gateway.s3 import sweep
from openrek.iam import (
    AccessKeys,
    Caller,
    Credentials,
    Vault,
    Verifier,
    ensure_credentials,
    ensure_token,
    presign_url,
    role_credentials,
)
from openrek.periodic_tasks import PeriodicTasks
from openrek.rekognition import Client, Services, dispatch
from openrek.rekognition.admission import Admission
from openrek.s3 import (
    AuthorizedObjectStore,
    LocalObjectStore,
    MemoryObjectStore,
    ObjectStore,
    RemoteObjectStore,
    RoutingObjectStore,
    S3Place,
    migrate_facts,
    object_arn,
)
from openrek.state import Repositories
from openrek.version import __version__

if TYPE_CHECKING:
    from openrek.vision import Engine

_MAX_IMAGE_BYTES = 5_242_880
_READERS = 16
_ROUND_SECONDS = 3600.0
_CLOSE_SECONDS = 30.0


class App:
    """The whole system of one process: `asgi` serves it, `close` ends it in order."""

    def __init__(self, settings: Settings, log_to_stdout: bool = True) -> None:
        from openrek.console import STATIC

        self.settings = settings
        make_private(settings.data_dir)
        self.credentials: Credentials = ensure_credentials(settings.data_dir, settings.region)
        self.token: str = ensure_token(settings.data_dir)
        self.access = Access(self.token)
        self.engine: Engine = open_engine(runtime_options(settings), settings.data_dir, True)
        database = open_sqlite(database_path(settings))
        self._log_store = LogStore(database, settings.log_retention_days)
        self.log = Log.to_stdout(self._log_store) if log_to_stdout else Log(None, self._log_store)

        local = None if settings.s3 else LocalObjectStore(settings.data_dir / "objects")
        objects, bucket = open_objects(settings, local)
        if local is not None:
            migrate_facts(database, local)
            local.sweep()
        AnalysisStore(objects, bucket).sweep()
        sweep(settings.data_dir / "objects")
        self._resources = Repositories(lambda: database, settings.region)
        if stale := self._resources.celebrities.stale(self.engine.face_model):
            self.log.emit(
                "stale",
                f"{sum(stale.values())} photos of {len(stale)} celebrities were read by another face model and are "
                "compared with nobody; `openrek celebrities list` says which to add again",
                level="WARNING",
            )
        admission = Admission(settings.workers + settings.queue)
        services = Services(engine=self.engine, objects=objects, resources=self._resources, admission=admission)
        # Whoever has a link of the function's may do with it what the function may, as on AWS, where it signs so, too.
        role, role_key = function_role(bucket), role_credentials(self.credentials, "function")
        log_arn = f"arn:aws:logs:{settings.region}:{ACCOUNT}:log-group:/aws/lambda/openrek:log-stream:local"
        guarded = AuthorizedObjectStore(objects, role.require)
        function = Function(
            FunctionServices(
                recognition=LocalRecognition(replace(services, caller=role)),
                archive=AnalysisStore(guarded, bucket),
                objects=guarded,
                log=self.log.permitted(partial(role.may, "logs:PutLogEvents", log_arn)),
                share=partial(_link, role_key, settings, "GET"),
                offer=partial(_offer, role, role_key, settings),
                link_seconds=settings.link_seconds,
                max_image_bytes=_MAX_IMAGE_BYTES,
            )
        )
        function.sweep()
        rounds: list[Callable[[], object]] = [function.sweep, partial(sweep, settings.data_dir / "objects")]
        if local is not None:
            rounds.append(local.sweep)
        self._rounds = PeriodicTasks(rounds, _ROUND_SECONDS)
        keys = AccessKeys(self.credentials, lambda: database, Vault(settings.data_dir), [(role_key, role)])
        self.pictures = ImageQueue(admission, settings.workers)
        self._executor = ThreadPoolExecutor(_READERS, "request")
        self._events = ThreadPoolExecutor((settings.workers + 1) // 2, "event")
        self.asgi = Gateway(
            GatewayServices(
                access=self.access,
                keys=keys,
                dispatch=partial(_dispatch, services),
                function=function,
                objects=objects,
                local=local,
                log=self.log,
                log_store=self._log_store,
                static=STATIC,
                pictures=self.pictures,
                executor=self._executor,
                events=self._events,
                health=self._health,
                max_image_bytes=_MAX_IMAGE_BYTES,
                allowed_hosts=_hosts(settings),
                public_origin=(settings.public_url.partition("://")[0].lower(), settings.public_host),
                region=settings.region,
                bucket=bucket,
                cors=cors_rule(settings.cors_origins),
            ),
            Verifier(keys, region=None),
        )

    def close(self, seconds: float = _CLOSE_SECONDS) -> tuple[str, ...]:
        """Ends the request threads, the engine, then the log; waits for the work under way.

        Args:
            seconds: For all of it. What takes longer goes on in daemon threads.

        Returns:
            Names of the parts that were still closing when the time was up.
        """
        return close_all(
            {
                "periodic tasks": self._rounds.close,
                "image requests": self.pictures.close,
                "requests": partial(self._executor.shutdown, cancel_futures=True),
                "events": partial(self._events.shutdown, cancel_futures=True),
                "engine": self.engine.close,
                "resources": self._resources.close,
                "log": self._log_store.close,
            },
            seconds,
        )

    def _health(self) -> Mapping[str, Any]:
        return {
            "status": "ok",
            "version": __version__,
            "models": [model.name for model in self.engine.models],
        }


def open_objects(settings: Settings, local: LocalObjectStore | None = None) -> tuple[ObjectStore, str]:
    """The object store, and the name of the bucket of the analyses.

    Args:
        settings: Where objects are.
        local: The store of the data folder, if it is open already.

    Raises:
        RuntimeError: a bucket elsewhere cannot be used.
    """
    places = [S3Place(url) for url in settings.s3_buckets]
    elsewhere = {place.bucket: RemoteObjectStore(place) for place in places}
    for store in elsewhere.values():
        store.check()
    if settings.s3:
        place = S3Place(settings.s3)
        remote = RemoteObjectStore(place)
        remote.check()
        return RoutingObjectStore(elsewhere, remote), place.bucket
    make_private(settings.data_dir)
    local = local or LocalObjectStore(settings.data_dir / "objects")
    local.check()
    local.create_bucket(settings.bucket)
    return RoutingObjectStore(elsewhere, local) if elsewhere else local, settings.bucket


def open_keys(settings: Settings) -> AccessKeys:
    """The access keys of this data folder."""
    make_private(settings.data_dir)
    owner = ensure_credentials(settings.data_dir, settings.region)
    return AccessKeys(owner, lambda: open_sqlite(database_path(settings)), Vault(settings.data_dir))


def open_resources(settings: Settings) -> Repositories:
    """What is kept between requests, in this data folder."""
    return Repositories(lambda: open_sqlite(database_path(settings)), settings.region)


def database_path(settings: Settings) -> Path:
    """Where the log and the resources are kept."""
    return settings.data_dir / "openrek.sqlite3"


_local_lock = threading.RLock()


def local_client(service: str) -> Client:
    """The process's own client, see `openrek.client`."""
    if service != "rekognition":
        raise ValueError(f"there is no {service!r} here; openrek answers 'rekognition'")
    with _local_lock:
        return _local_client()


def local_findings(data: bytes) -> Findings:
    """See `openrek.analyze`. The picture may be as large as a stored one; nothing is kept."""
    from botocore.exceptions import ClientError

    if len(data) > MAX_STORED_BYTES:
        message = f"the picture has {len(data):,} bytes; it may have at most {MAX_STORED_BYTES:,}"
        raise ClientError({"Error": {"Code": "ImageTooLargeException", "Message": message}}, "Analyze")
    with _local_lock:
        recognition = _local_recognition()
    # As a stored object, which may be larger than the bytes of a request.
    return recognition.analyze_image(Picture(data, ("local", "image"))).findings


def warm_up() -> None:
    """Loads what `local_findings` needs.

    Raises:
        LookupError: a model is missing or damaged.
        ValueError: a setting in the environment is wrong.
    """
    with _local_lock:
        _local_recognition()


@cache
def _local_engine() -> "Engine":
    settings = load_settings(os.environ)
    return open_engine(runtime_options(settings), settings.data_dir)


@cache
def _local_client() -> Client:
    settings = load_settings(os.environ)
    objects, _ = open_objects(settings)
    return Client(_local_services(settings, objects))


@cache
def _local_recognition() -> LocalRecognition:
    return LocalRecognition(_local_services(load_settings(os.environ), MemoryObjectStore()))


def _local_services(settings: Settings, objects: ObjectStore) -> Services:
    return Services(
        engine=_local_engine(), objects=objects, resources=open_resources(settings), admission=_local_admission()
    )


@cache
def _local_admission() -> Admission:
    settings = load_settings(os.environ)
    return Admission(settings.workers + settings.queue)


def _hosts(settings: Settings) -> tuple[str, ...]:
    public = settings.public_host.rpartition(":")[0] or settings.public_host
    return tuple(host.lower() for host in (*settings.allowed_hosts, settings.host, public) if host)


def _dispatch(
    services: Services, operation: str, request: dict[str, Any], caller: Caller, context: Mapping[str, str]
) -> dict[str, Any]:
    return dispatch(operation, request, replace(services, caller=caller, context=context))


def _offer(role: Caller, credentials: Credentials, settings: Settings, origin: str, bucket: str, key: str) -> str:
    # A link that would not work is not given out.
    role.require("s3:PutObject", object_arn(bucket, key))
    return _link(credentials, settings, "PUT", origin, bucket, key)


def _link(credentials: Credentials, settings: Settings, method: str, origin: str, bucket: str, key: str) -> str:
    return presign_url(
        credentials,
        f"{origin}/{bucket}/{key}",
        region=settings.region,
        service="s3",
        expires_seconds=settings.link_seconds,
        method=method,
    )
