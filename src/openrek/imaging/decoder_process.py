"""The decoder process: reads one image file after another from a socket, and answers with pixels in shared memory.

It is started by `imaging.decoder_pool` with the socket as its standard input, and ends when the other end closes, even
in the middle of an image. Memory is limited for all of its life, CPU time for each image. It imports Pillow alone.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from PIL import AvifImagePlugin, Image

from openrek.errors import ImageFormatError
from openrek.imaging.decode import decode
from openrek.imaging.structure import ImageStructure

REQUEST = struct.Struct(">IQ")
"""Before each request: bytes of its JSON, and of the file that follows."""
READY = b"ready\n"


def main() -> None:
    """Serves until the socket closes. Arguments: bytes of memory, and CPU seconds for each image."""
    memory_bytes, cpu_seconds = int(sys.argv[1]), float(sys.argv[2])
    connection = socket.socket(fileno=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to handle; the socket closes then
    Image.init()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    _limit_memory(memory_bytes)
    connection.sendall(READY)
    while (request := _receive(connection)) is not None:
        answer, descriptor = _answer(*request, cpu_seconds)
        del request
        message = json.dumps(answer).encode() + b"\n"
        if descriptor is None:
            connection.sendall(message)
        else:
            socket.send_fds(connection, [message], [descriptor])
            os.close(descriptor)


def _end_with(connection: socket.socket) -> None:
    """Ends the process when the other end of the socket is closed, which the kernel does when its process dies."""
    poll = select.poll()
    poll.register(connection, 0)
    poll.poll()
    os._exit(0)


def _limit_memory(more: int) -> None:
    if not sys.platform.startswith("linux"):
        return  # elsewhere the limit does not hold, or counts what is merely mapped
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + more, used + more))


def _receive(connection: socket.socket) -> tuple[ImageStructure, int] | None:
    head = _exactly(connection, REQUEST.size)
    if head is None:
        return None
    json_bytes, file_bytes = REQUEST.unpack(head)
    facts, essential = _exactly(connection, json_bytes), _exactly(connection, file_bytes)
    if facts is None or essential is None:
        return None
    values: dict[str, Any] = json.loads(facts)
    scale: int = values.pop("scale")
    return ImageStructure(essential=essential, **values), scale


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    received = bytearray(count)
    view, have = memoryview(received), 0
    while have < count:
        got = connection.recv_into(view[have:])
        if not got:
            return None
        have += got
    view.release()
    return bytes(received)


def _answer(structure: ImageStructure, scale: int, cpu_seconds: float) -> tuple[dict[str, Any], int | None]:
    """The answer, and a file of the pixels if there are any."""
    started = time.process_time()
    descriptor = _unnamed_file()
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # its signal, SIGPROF, ends the process
    try:
        width, height = decode(structure, scale, partial(_write, descriptor))
        answer: dict[str, Any] = {"width": width, "height": height}
    except ImageFormatError as error:
        answer = {"error": "format", "message": error.message}
    except MemoryError:
        answer = {"error": "memory"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    answer["cpu_seconds"] = time.process_time() - started
    if "error" in answer:
        os.close(descriptor)
        return answer, None
    return answer, descriptor


def _write(descriptor: int, rows: bytes) -> None:
    left = memoryview(rows)
    while left:
        left = left[os.write(descriptor, left) :]


def _unnamed_file() -> int:
    if hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):
            return os.memfd_create("openrek-pixels")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


if __name__ == "__main__":
    main()
