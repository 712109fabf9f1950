"""Composition root: builds everything from settings. The only file that sees every room."""

import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrek.cloudwatch import Log, LogStore
from openrek.config import ACCOUNT, Settings, load_settings
from openrek.db import open_sqlite
from openrek.embedded import open_engine
from openrek.function import Archive, Function, FunctionServices, function_role
from openrek.gateway import Gateway, GatewayServices
from openrek.gateway.access import Access
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
from openrek.rekognition import Client, Services, dispatch
from openrek.resources import Resources
from openrek.s3 import (
    Buckets,
    GuardedObjects,
    LocalObjectStore,
    ObjectFacts,
    ObjectStore,
    RemoteObjectStore,
    S3Place,
    object_arn,
)
from openrek.version import __version__

if TYPE_CHECKING:
    from openrek.vision import Engine

_MAX_IMAGE_BYTES = 5_242_880


class App:
    """The whole system of one process: `asgi` serves it, `close` ends it in order."""

    def __init__(self, settings: Settings, log_to_stdout: bool = True) -> None:
        from openrek.console import STATIC

        self.settings = settings
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.credentials: Credentials = ensure_credentials(settings.data_dir, settings.region)
        self.token: str = ensure_token(settings.data_dir)
        self.access = Access(self.token)
        self.engine: Engine = open_engine(settings.workers, settings.queue, settings.data_dir)
        database = open_sqlite(database_path(settings))
        self._log_store = LogStore(database, settings.log_retention_days)
        self.log = Log.to_stdout(self._log_store) if log_to_stdout else Log(None, self._log_store)

        local = None if settings.s3 else LocalObjectStore(settings.data_dir / "objects")
        objects, bucket = open_objects(settings, local)
        Archive(objects, bucket).sweep()
        sweep(settings.data_dir / "objects")
        self._resources = Resources(lambda: database, settings.region)
        if stale := self._resources.celebrities.stale(self.engine.face_model):
            self.log.emit(
                "stale",
                f"{sum(stale.values())} photos of {len(stale)} celebrities were read by another face model and are "
                "compared with nobody; `openrek celebrities list` says which to add again",
                level="WARNING",
            )
        services = Services(engine=self.engine, objects=objects, resources=self._resources)
        # Whoever has a link of the function's may do with it what the function may, as on AWS, where it signs so, too.
        role, role_key = function_role(bucket), role_credentials(self.credentials, "function")
        log_arn = f"arn:aws:logs:{settings.region}:{ACCOUNT}:log-group:/aws/lambda/openrek:log-stream:local"
        guarded = GuardedObjects(objects, role.require)
        function = Function(
            FunctionServices(
                recognition=Client(replace(services, caller=role)),
                archive=Archive(guarded, bucket),
                objects=guarded,
                log=self.log.permitted(partial(role.may, "logs:PutLogEvents", log_arn)),
                share=partial(_link, role_key, settings, "GET"),
                offer=partial(_offer, role, role_key, settings),
                link_seconds=settings.link_seconds,
                max_image_bytes=_MAX_IMAGE_BYTES,
            )
        )
        function.sweep()
        keys = AccessKeys(self.credentials, lambda: database, Vault(settings.data_dir), [(role_key, role)])
        # A request waits in its thread while the engine works: as many threads as pictures may be in the house.
        self._executor = ThreadPoolExecutor(settings.queue + settings.workers + 16, "request")
        self.asgi = Gateway(
            GatewayServices(
                access=self.access,
                keys=keys,
                dispatch=partial(_dispatch, services),
                function=function,
                objects=objects,
                local=local,
                facts=ObjectFacts(database),
                log=self.log,
                log_store=self._log_store,
                static=STATIC,
                executor=self._executor,
                health=self._health,
                max_image_bytes=_MAX_IMAGE_BYTES,
                allowed_hosts=tuple(host.lower() for host in (*settings.allowed_hosts, settings.host)),
                region=settings.region,
                bucket=bucket,
            ),
            Verifier(keys, region=None),
        )

    def close(self) -> None:
        """Ends the request threads, the engine, then the log."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self.engine.close()
        self._resources.close()
        self._log_store.close()

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
        return Buckets(elsewhere, remote), place.bucket
    local = local or LocalObjectStore(settings.data_dir / "objects")
    local.create_bucket(settings.bucket)
    return Buckets(elsewhere, local) if elsewhere else local, settings.bucket


def open_keys(settings: Settings) -> AccessKeys:
    """The access keys of this data folder."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = ensure_credentials(settings.data_dir, settings.region)
    return AccessKeys(owner, lambda: open_sqlite(database_path(settings)), Vault(settings.data_dir))


def open_resources(settings: Settings) -> Resources:
    """What is kept between requests, in this data folder."""
    return Resources(lambda: open_sqlite(database_path(settings)), settings.region)


def database_path(settings: Settings) -> Path:
    """Where the log and the resources are kept."""
    return settings.data_dir / "openrek.sqlite3"


_client_lock = threading.Lock()
_client: list[Client] = []


def local_client(service: str) -> Client:
    """The process's own client, see `openrek.client`."""
    if service != "rekognition":
        raise ValueError(f"there is no {service!r} here; openrek answers 'rekognition'")
    with _client_lock:
        if not _client:
            settings = load_settings(os.environ)
            objects, _ = open_objects(settings)
            engine = open_engine(settings.workers, settings.queue, settings.data_dir)
            _client.append(Client(Services(engine=engine, objects=objects, resources=open_resources(settings))))
        return _client[0]


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
