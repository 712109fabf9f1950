"""`openrek serve`"""

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrek.cancellation import Cancellation, use
from openrek.cli.plain import plainly
from openrek.cli.settings import read_settings, state_options
from openrek.cli.stop_signals import StopSignals, end_now
from openrek.errors import RequestCancelledError

if TYPE_CHECKING:
    from openrek.app import App
    from openrek.config import Settings

# From the first signal to the end: 10 s are promised.
_STOP_SECONDS = 9.0
_POLL_SECONDS = 0.1
_BUILD_SECONDS = 6.0
_OPEN_REQUESTS_SECONDS = 5
_CANCEL_SECONDS = 0.5
_CLOSE_SECONDS = 3.0


@click.command(name="serve", short_help="Start the service and its web console.")
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1, this machine only]")
@click.option("--port", type=int, help="TCP port, 0 for any free one.  [default: 8420]")
@state_options
@click.option(
    "--s3",
    metavar="URL",
    help="Keep objects on S3: s3://BUCKET?endpoint=URL&region=REGION.  [default: the data folder]",
)
@click.option(
    "--s3-bucket",
    "s3_buckets",
    metavar="URL",
    multiple=True,
    help="An additional bucket with a location of its own; repeatable.",
)
@click.option(
    "--public-url", metavar="URL", help="Address of the service behind a proxy, for example https://photos.example."
)
@click.option(
    "--cors-origin",
    "cors_origins",
    metavar="ORIGIN",
    multiple=True,
    help="Origin whose pages may call the service, for example https://app.example; repeatable.",
)
@click.option(
    "--keep-faces",
    is_flag=True,
    default=None,
    help="Keep the crop of each indexed face, for people who correct collections.",
)
@click.option("--workers", type=int, help="Inference threads.  [default: the number of cores]")
@click.option("--jobs", type=int, help="Videos to analyze at a time, or 0.  [default: the number of cores less one]")
@click.option("--quiet", is_flag=True, help="Do not print log records; they are still stored.")
def command(
    host: str | None,
    port: int | None,
    data_dir: Path | None,
    s3: str | None,
    s3_buckets: tuple[str, ...],
    public_url: str | None,
    cors_origins: tuple[str, ...],
    keep_faces: bool | None,
    workers: int | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Start the service: web console, REST API and Amazon Rekognition's protocol, on one port.

    The first start writes the keys into the data folder. Ctrl-C ends it.
    """
    started = time.perf_counter()
    settings = read_settings(
        host=host,
        port=port,
        data_dir=data_dir,
        s3=s3,
        s3_buckets=s3_buckets or None,
        public_url=public_url,
        cors_origins=cors_origins or None,
        keep_faces=keep_faces,
        workers=workers,
        jobs=jobs,
    )
    if os.name == "posix":
        os.umask(0o077)  # what it writes is the owner's alone
    stop = StopSignals(_STOP_SECONDS)
    stop.install()
    with contextlib.closing(_listen(settings.host, settings.port)) as listener:
        click.echo("openrek: loading the models …", err=True)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            app = runner.run(_open(settings, stop, log_to_stdout=not quiet))
            unfinished: tuple[str, ...] = ()
            if app is not None:
                try:
                    if not stop.requested:
                        runner.run(_serve(app, listener, stop, started))
                finally:
                    unfinished = app.close(_CLOSE_SECONDS)
    # All is closed. The interpreter's own end would only free memory, which takes long on a busy machine, and no
    # deadline could hold it.
    end_now(f"openrek: not finished in time: {', '.join(unfinished)}\n" if unfinished else "")


async def _open(settings: "Settings", stop: StopSignals, *, log_to_stdout: bool) -> "App | None":
    """Builds the system in a thread: the main thread stays free to receive signals, whatever a part waits for.

    A signal cancels the loading of models; a migration or a write under way is finished. A part that waits for
    something for too long is given up.

    Returns:
        None if a signal came while models were loaded.
    """
    from openrek.app import App

    loading = Cancellation()

    def build() -> App:
        with use(loading):
            return App(settings, log_to_stdout=log_to_stdout)

    building = asyncio.create_task(asyncio.to_thread(build))
    while not building.done() and not stop.requested:
        await asyncio.wait({building}, timeout=_POLL_SECONDS)
    if stop.requested:
        loading.cancel()
    await asyncio.wait({building}, timeout=_BUILD_SECONDS)
    if not building.done():
        end_now("openrek: stopped while it started\n")
    try:
        return await building
    except RequestCancelledError:
        return None
    except Exception as error:
        raise plainly(error) from None


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(512)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        option = "--host" if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL else "--port"
        raise click.ClickException(
            f"cannot listen on {host} port {port}: {error.strerror or error}. Choose another with {option}."
        ) from None
    return listener


def _greet(app: "App", host: str, port: int, seconds: float) -> None:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    url = f"http://{shown}:{port}"
    outside = app.settings.public_url or _outside(host, port)
    data = app.settings.data_dir
    lines = [
        f"openrek is ready after {seconds:.1f} s at {url}",
        "",
        f"  Console (this link works once):  {url}/login?key={app.access.new_link_key()}",
        *(
            [f"  From other machines (likewise):  {outside}/login?key={app.access.new_link_key()}"]
            if outside is not None
            else []
        ),
        f"  REST API token:                  {data / 'token'}",
        f"  API description:                 {url}/docs",
        "",
        "  boto3 and the AWS CLI, in any shell:",
        f"    export AWS_ENDPOINT_URL_REKOGNITION={url}",
        f"    export AWS_SHARED_CREDENTIALS_FILE={data / 'credentials'} AWS_PROFILE=openrek",
        "",
    ]
    click.echo("\n".join(lines), err=True)
    sys.stderr.flush()


def _outside(host: str, port: int) -> str | None:
    """Where other machines reach a service that listens on every address, by the address that leads to them."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104
        return None
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # documentation's network: nothing is sent, only a route is looked up
        address: str = probe.getsockname()[0]
        if not address.startswith("127."):
            return f"http://{address}:{port}"
    return None


async def _serve(app: "App", listener: socket.socket, stop: StopSignals, started: float) -> None:
    """Serves until a signal. Prints that the service is ready once it accepts requests."""
    import uvicorn

    from openrek.gateway.sockets import Http

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.should_exit:
                _greet(app, app.settings.host, listener.getsockname()[1], time.perf_counter() - started)

        def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
            return contextlib.nullcontext()  # uvicorn's handlers would replace openrek's

    config = uvicorn.Config(
        app.asgi,
        http=Http,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_OPEN_REQUESTS_SECONDS,
        backlog=512,
    )
    server = Server(config)

    def end() -> None:
        server.force_exit = server.should_exit  # a second signal waits for no open request
        server.should_exit = True

    # An answer that took longer than the end may take is given up; where its code stood then helps nobody.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not _is_cancelled(record))
    stop.subscribe(end)
    await server.serve(sockets=[listener])
    if tasks := set(server.server_state.tasks):
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)  # so that each cancels the work it waits for


def _is_cancelled(record: logging.LogRecord) -> bool:
    return isinstance(record.exc_info, tuple) and isinstance(record.exc_info[1], asyncio.CancelledError)


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        from uvloop import Loop
    except ImportError:
        return None
    return Loop
