"""A PostgreSQL server of the tests' own, from Debian's package `postgresql`."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

USER = "openrek"
PASSWORD = "p@ss/word?"  # what must be encoded in a URL
_QUOTED_PASSWORD = "p%40ss%2Fword%3F"
_SECONDS = 60
# Of these a power failure may take what was committed; a crash of the server alone does not.
_FAST = {"fsync": "off", "full_page_writes": "off"}
_OPTIONS = {"shared_buffers": "32MB", "max_connections": "100", "log_min_messages": "fatal", "jit": "off"}


@dataclass(slots=True)
class PostgresqlServer:
    """A server in a folder of its own, over TCP on the loopback interface. It asks for the password."""

    programs: Path
    """Folder of `initdb` and `postgres`."""
    folder: Path
    port: int
    durable: bool
    """Whether commits are flushed to the disk."""
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        import psycopg

        options = _OPTIONS if self.durable else {**_OPTIONS, **_FAST}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self.programs / "postgres"),
                    *("-D", str(self.folder / "data"), "-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)),
                    *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
                ],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                **_as_user(),
            )
        end = time.monotonic() + _SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"PostgreSQL did not start: {error}\n{self.log()}") from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends all sessions in order, SIGQUIT and SIGKILL are crashes."""
        process, self._process = self._process, None
        if process is None:
            return
        children = _children(process.pid) if how == signal.SIGKILL else []
        for pid in (process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise

    def url(self, database: str) -> str:
        """`postgresql://…` of a database."""
        return f"postgresql://{USER}:{_QUOTED_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def new_database(self, options: str = "") -> str:
        """Create an empty database and return its URL.

        Args:
            options: Of CREATE DATABASE.
        """
        name = f"test_{uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database and end the sessions that use it."""
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Execute a statement outside of transactions, as superuser."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "log").read_text(errors="replace") if (self.folder / "log").exists() else ""


def find_postgresql() -> Path | None:
    """The folder of PostgreSQL's programs, the newest if there are several. Debian keeps them out of PATH."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    folders.sort(key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0)
    if folders:
        return folders[-1]
    found = shutil.which("postgres")
    if found is None or not Path(found).resolve().with_name("initdb").exists():
        return None
    return Path(found).resolve().parent


@contextmanager
def running_postgresql(programs: Path, *, durable: bool = False) -> Iterator[PostgresqlServer]:
    """A new server, which is stopped and removed at the end."""
    # Not pytest's folder: only its owner may enter that, and PostgreSQL does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="openrek-pg-"))
    try:
        (folder / "password").write_text(PASSWORD)
        if user := _as_user():
            for path in (folder, folder / "password"):
                shutil.chown(path, user["user"], user["group"])
        subprocess.run(
            [
                str(programs / "initdb"),
                *("-D", str(folder / "data"), "-U", USER, "--pwfile", str(folder / "password"), "-A", "scram-sha-256"),
                *("-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=_SECONDS,
            **_as_user(),
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        server = PostgresqlServer(programs, folder, port, durable)
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)


def _as_user() -> dict[str, Any]:
    """Arguments of subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`.")


def _children(pid: int) -> list[int]:
    import psutil

    with suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    return []
