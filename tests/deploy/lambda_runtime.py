"""Lambda on this machine: AWS's own runtime interface client runs an artefact against this small runtime API.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# What Lambda's Python has beside the function's own files.
_RUNTIME = (
    "awslambdaric boto3 botocore dateutil jmespath runtime_client s3transfer simplejson six snapshot_restore_py urllib3"
)
_SECONDS = 60


class LambdaRuntime:
    """The runtime API for one process: hands out events and takes answers."""

    def __init__(self) -> None:
        self._events: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._number = 0
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                identifier, event = runtime._events.get()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", identifier)
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + _SECONDS * 1000))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:1:function:openrek")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                runtime._answers.put((self.path.rpartition("/")[2], json.loads(body)))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """What the function answers.

        Raises:
            RuntimeError: it raised, or could not be loaded.
            queue.Empty: it did not answer in a minute.
        """
        self._number += 1
        self._events.put((f"00000000-0000-4000-8000-{self._number:012d}", json.dumps(event).encode()))
        kind, answer = self._answers.get(timeout=_SECONDS)
        if kind == "error":
            raise RuntimeError(json.dumps(answer))
        return answer

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def running_artefact(
    tree: Path, handler: str, environment: Mapping[str, str], scratch: Path, stdout: Any = None
) -> Iterator[LambdaRuntime]:
    """The artefact's files under Lambda's runtime client: with them, the runtime's own packages and nothing else.

    Args:
        tree: The unpacked artefact, built for this Python.
        handler: As "openrek.aws.handler".
        environment: The function's variables.
        scratch: A folder for the runtime's packages.
        stdout: Where the function's log goes; nowhere if None.
    """
    runtime = LambdaRuntime()
    process = subprocess.Popen(
        [sys.executable, "-S", "-m", "awslambdaric", handler],
        cwd=tree,
        stdout=stdout or subprocess.DEVNULL,
        stderr=stdout or subprocess.DEVNULL,
        env={
            "AWS_LAMBDA_RUNTIME_API": runtime.address,
            "AWS_LAMBDA_FUNCTION_NAME": "openrek",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/openrek",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_EC2_METADATA_DISABLED": "true",
            "_HANDLER": handler,
            "LAMBDA_TASK_ROOT": str(tree),
            "PYTHONPATH": f"{tree}:{runtime_packages(scratch)}",
            "PYTHONDONTWRITEBYTECODE": "1",  # the function's folder cannot be written to on Lambda
            "TZ": ":UTC",
            **environment,
        },
    )
    try:
        yield runtime
    finally:
        process.kill()
        process.wait()
        runtime.close()


def runtime_packages(scratch: Path) -> Path:
    """A folder with what Lambda's Python has, and not the rest of what is installed here."""
    folder = scratch / "runtime"
    folder.mkdir(exist_ok=True)
    for name in _RUNTIME.split():
        found = find_spec(name)
        assert found is not None, name
        assert found.origin is not None, name
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        if not (folder / source.name).exists():
            (folder / source.name).symlink_to(source)
    return folder
