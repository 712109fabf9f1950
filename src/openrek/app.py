"""Entry points: the service, and the in-process client and analysis behind `openrek.client` and `openrek.analyze`."""

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrek.closing import close_all
from openrek.cloudwatch import Log
from openrek.compose import System, compose
from openrek.config import ACCOUNT, Settings, load_settings
from openrek.function import AnalysisStore, Function, FunctionServices, function_role
from openrek.function.findings import Findings
from openrek.function.local_recognition import LocalRecognition
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.recognition import SourceImage
from openrek.function.video_library import VideoLibrary
from openrek.gateway import Gateway, GatewayServices
from openrek.gateway.access import Access
from openrek.gateway.admission import ImageQueue
from openrek.gateway.browsers import cors_rule
from openrek.gateway.s3 import sweep
from openrek.iam import (
    Caller,
    Credentials,
    Verifier,
    presign_url,
    role_credentials,
)
from openrek.periodic_tasks import PeriodicTasks
from openrek.rekognition import Client, Services, dispatch
from openrek.rekognition.curation.curation import Curation
from openrek.s3 import (
    AuthorizedObjectStore,
    MemoryObjectStore,
    migrate_facts,
    object_arn,
)
from openrek.version import __version__

if TYPE_CHECKING:
    from openrek.function.local_video import OnProgress, VideoFindings
    from openrek.video.analysis import Watch

_MAX_IMAGE_BYTES = 5_242_880
_READERS = 16
_SWEEP_SECONDS = 3600.0
_FIRST_ANALYSES_SWEEP_SECONDS = 60.0
_CLOSE_SECONDS = 30.0
_FOLLOW_SECONDS = 0.5
"""Vectors that another process deleted stay in this one's memory for at most so long."""
_ERASE_SECONDS = 60.0


class App:
    """The whole system of one process: `asgi` serves it, `close` ends it in order."""

    def __init__(self, settings: Settings, log_to_stdout: bool = True) -> None:
        self.settings = settings
        self._system = compose(settings, pin_models=True)
        try:
            self._open(settings, self._system, log_to_stdout)
        except BaseException:
            self._system.close()
            raise

    def _open(self, settings: Settings, system: System, log_to_stdout: bool) -> None:
        from openrek.console import STATIC

        system.hold_folder()
        self.credentials = system.credentials
        self.token = system.token
        self.access = Access(self.token)
        system.verify_vault()
        log_store = system.log_store
        self.engine = system.engine
        self.log = Log.to_stdout(log_store) if log_to_stdout else Log(None, log_store)
        local = system.local
        objects, bucket = system.placement
        if local is not None:
            local.check()
            migrate_facts(system.database, local)
        if stale := system.repositories.celebrities.stale(self.engine.face_model):
            self.log.emit(
                "stale",
                f"{sum(stale.values())} photos of {len(stale)} celebrities were embedded by another face model and are "
                "not compared; `openrek celebrities list` names those to add again",
                level="WARNING",
            )
        services = system.services(log=lambda: self.log)
        # Whoever has a link of the function's may do with it what the function may, as on AWS, where it signs so, too.
        role, role_key = function_role(bucket), role_credentials(self.credentials, "function")
        keys = system.keys({role_key: role})
        if settings.database:
            keys.check()  # another service, with another data folder, may have created them
        log_arn = f"arn:aws:logs:{settings.region}:{ACCOUNT}:log-group:/aws/lambda/openrek:log-stream:local"
        guarded = AuthorizedObjectStore(objects, role.require)
        archive = AnalysisStore(guarded, bucket)
        function = Function(
            FunctionServices(
                recognition=system.recognition(caller=role),
                archive=archive,
                objects=guarded,
                log=self.log.permitted(partial(role.may, "logs:PutLogEvents", log_arn)),
                share=partial(_link, role_key, settings, "GET"),
                offer=partial(_offer, role, role_key, settings),
                link_seconds=settings.link_seconds,
                max_image_bytes=_MAX_IMAGE_BYTES,
            )
        )
        ending = threading.Event()
        sweeps: list[Callable[[], object]] = [
            *([local.sweep] if local is not None else []),
            partial(function.sweep, ending),
            partial(sweep, settings.data_dir / "objects"),
        ]
        self._sweeps = PeriodicTasks(sweeps, _SWEEP_SECONDS, first_seconds=0, failed=self._task_failed, stopping=ending)
        # All analyses are looked through long after the start.
        self._analyses_sweep = PeriodicTasks(
            [partial(archive.sweep, ending)],
            _SWEEP_SECONDS,
            first_seconds=_FIRST_ANALYSES_SWEEP_SECONDS,
            failed=self._task_failed,
            stopping=ending,
        )
        self._jobs = system.run_jobs(self.log) if settings.jobs else None
        self._follower = PeriodicTasks([services.vectors.follow], _FOLLOW_SECONDS, failed=self._task_failed)
        self._eraser = PeriodicTasks([system.repositories.collections.erase], _ERASE_SECONDS, failed=self._task_failed)
        self.image_queue = ImageQueue(system.admission, settings.workers)
        self._executor = ThreadPoolExecutor(_READERS, "request")
        self._events = ThreadPoolExecutor((settings.workers + 1) // 2, "event")
        self.asgi = Gateway(
            GatewayServices(
                access=self.access,
                keys=keys,
                dispatch=partial(_dispatch, services),
                function=function,
                curation=Curation(services),
                videos=VideoLibrary(services, settings.data_dir),
                objects=objects,
                local=local,
                log=self.log,
                log_store=log_store,
                static=STATIC,
                image_queue=self.image_queue,
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
                "sweeps": self._sweeps.close,
                "sweep of analyses": self._analyses_sweep.close,
                "followed vectors": self._follower.close,
                "erasure of deleted rows": self._eraser.close,
                **({"jobs": self._jobs.close} if self._jobs is not None else {}),
                "image requests": self.image_queue.close,
                "requests": partial(self._executor.shutdown, cancel_futures=True),
                "events": partial(self._events.shutdown, cancel_futures=True),
                **self._system.closers(),
            },
            seconds,
        )

    def _task_failed(self, error: Exception) -> None:
        self.log.emit("failed", "A periodic task failed; it runs again later.", level="ERROR", cause=repr(error)[:500])

    def _health(self) -> Mapping[str, Any]:
        return {
            "status": "ok",
            "version": __version__,
            "models": [model.name for model in self.engine.models],
        }


_local_lock = threading.RLock()


def local_client(service: str) -> Client:
    """The process's own client, see `openrek.client`."""
    if service != "rekognition":
        raise ValueError(f"there is no {service!r} here; openrek answers 'rekognition'")
    with _local_lock:
        return _local_client()


def local_findings(data: bytes) -> Findings:
    """See `openrek.analyze`. The image may be as large as a stored one; nothing is kept."""
    _check_size(len(data))
    with _local_lock:
        recognition = _local_recognition()
    # As a stored object, which may be larger than the bytes of a request.
    return recognition.analyze_image(SourceImage(data, ("local", "image"))).findings


def local_video_findings(
    path: Path, on_progress: "OnProgress | None" = None, watch: "Watch | None" = None
) -> "VideoFindings":
    """What is found in a video file, in this process and without a job; nothing is kept.

    Raises:
        OpenrekError: It cannot be analyzed; the message has the reason.
        OSError: It cannot be read.
    """
    from openrek.function.local_video import analyze_video
    from openrek.video import Video

    with Video(path) as video:
        with _local_lock:
            system = _local_system()
        services = system.services(objects=MemoryObjectStore())
        return analyze_video(video, services, system.settings.workers + 1, on_progress, watch)


def read_image(path: Path) -> bytes:
    """The file's bytes. No more of it is read than an image may have: a device or a pipe may never end.

    Raises:
        ClientError: It is larger.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_STORED_BYTES + 1)
        _check_size(max(len(data), os.fstat(file.fileno()).st_size))
    return data


def _check_size(size: int) -> None:
    from botocore.exceptions import ClientError

    if size > MAX_STORED_BYTES:
        message = f"Image has {size:,} bytes; at most {MAX_STORED_BYTES:,} are allowed. Scale it down."
        raise ClientError({"Error": {"Code": "ImageTooLargeException", "Message": message}}, "Analyze")


def warm_up() -> None:
    """Load what `local_findings` needs.

    Raises:
        LookupError: A model is missing or damaged.
        ValueError: A setting in the environment is invalid.
    """
    with _local_lock:
        _local_recognition()


@cache
def _local_system() -> System:
    return compose(load_settings(os.environ))


@cache
def _local_client() -> Client:
    return _local_system().client()


@cache
def _local_recognition() -> LocalRecognition:
    return _local_system().recognition(objects=MemoryObjectStore())


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
