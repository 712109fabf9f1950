"""A few processes that decode images: each image within limits of memory and time, whatever its bytes are."""

import contextlib
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from typing import Any

from openrek import cancellation
from openrek.errors import ImageFormatError, ImageTooLargeError
from openrek.imaging.structure import DecodedImage, ImageStructure

MEMORY_BYTES = 600_000_000
"""Of address space for each process, beyond what it has when it starts: `header.MAX_READER_BYTES`, the file, and what
turning the image upright takes."""
CPU_SECONDS = 2.0
"""For one image. 100 million pixels of PNG take 1.3 on the machine they were measured on."""
_ELAPSED_SECONDS = 60.0
"""For one image, in case that a process hangs without using its CPU time."""
_START_SECONDS = 30.0
_AT_ONCE_SECONDS = 0.5
_POLL_SECONDS = 0.05
_READY = b"ready\n"
_MESSAGE_BYTES = 65_536
_CODE = "from openrek.imaging.decoder_process import main; main()"


class PoolUnavailableError(Exception):
    """This system does not let the decoder processes start."""


class DecoderPool:
    """Decoder processes, started as they are needed and kept. Safe to share between threads.

    A process that runs out of its limits, crashes or works for a cancelled request is killed; the next image gets a new
    one. The processes end when this one does, however it ends.

    Args:
        size: Processes at most.
        memory_bytes: See MEMORY_BYTES.
        cpu_seconds: See CPU_SECONDS.
    """

    def __init__(self, size: int, memory_bytes: int = MEMORY_BYTES, cpu_seconds: float = CPU_SECONDS) -> None:
        self._size = size
        self._limits = (memory_bytes, cpu_seconds)
        self._idle: list[_Decoder] = []
        self._all: set[_Decoder] = set()
        self._returned = threading.Condition()
        self._closed = False

    def start(self) -> None:
        """Starts one process if there is none, without waiting for it."""
        with self._returned:
            if not self._all:
                with contextlib.suppress(PoolUnavailableError):
                    self._idle.append(self._new())

    def decode(self, structure: ImageStructure, scale: int) -> DecodedImage:
        """Decodes one image; see `decode.decode`.

        Raises:
            ImageFormatError: the file is truncated or damaged, or takes too long.
            ImageTooLargeError: it takes too much memory.
            RequestCancelledError: the request was cancelled meanwhile.
            PoolUnavailableError: a process cannot be started.
        """
        try:
            result = self._decode(structure, scale)
        except _DecoderDiedError as died:
            # Killed at once it reached no limit of time: something else killed it, perhaps while it was idle.
            killed_early = died.status == -signal.SIGKILL and died.after_seconds < _AT_ONCE_SECONDS
            if self._closed or not killed_early:
                raise _error_for(died, self._limits[1]) from None
            try:
                result = self._decode(structure, scale)
            except _DecoderDiedError as again:
                raise _error_for(again, self._limits[1]) from None
        if "error" in result:
            if result["error"] == "memory":
                raise _too_large(self._limits[0])
            raise ImageFormatError(result["message"])
        return DecodedImage(result["width"], result["height"], result["pixels"], result["cpu_seconds"])

    def _decode(self, structure: ImageStructure, scale: int) -> dict[str, Any]:
        decoder = self._take()
        started = time.monotonic()
        healthy = False
        try:
            result = decoder.decode(structure, scale)
            healthy = True
        except _DecoderDiedError as died:
            died.after_seconds = time.monotonic() - started
            raise
        finally:
            self._give_back(decoder, healthy)
        return result

    def close(self) -> None:
        """Ends all processes; images in decoding fail."""
        with self._returned:
            self._closed = True
            decoders, self._all, self._idle = self._all, set(), []
        for decoder in decoders:
            decoder.end()

    @property
    def process_ids(self) -> frozenset[int]:
        """Of the processes that run."""
        with self._returned:
            return frozenset(decoder.process.pid for decoder in self._all)

    def _take(self) -> "_Decoder":
        with self._returned:
            while True:
                cancellation.check()
                while self._idle:
                    decoder = self._idle.pop()
                    if decoder.process.poll() is None:
                        return decoder
                    self._all.discard(decoder)
                    decoder.end()
                if len(self._all) < self._size:
                    return self._new()
                self._returned.wait(_POLL_SECONDS)

    def _new(self) -> "_Decoder":
        decoder = _Decoder(*self._limits)
        self._all.add(decoder)
        return decoder

    def _give_back(self, decoder: "_Decoder", healthy: bool) -> None:
        if not healthy:
            decoder.end()
        with self._returned:
            if healthy and decoder in self._all:
                self._idle.append(decoder)
            else:
                self._all.discard(decoder)
            self._returned.notify()


class _DecoderDiedError(Exception):
    """The process ended or was killed before it answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
        self.after_seconds = 0.0
        """From its being taken to its end."""


class _Decoder:
    """One process and the socket to it. One thread at a time."""

    def __init__(self, memory_bytes: int, cpu_seconds: float) -> None:
        if not sys.executable or getattr(sys, "frozen", False):
            raise PoolUnavailableError("this program is not run by a Python interpreter of its own")
        self._socket, theirs = socket.socketpair()
        with theirs:
            try:
                self.process = subprocess.Popen(  # noqa: S603  # this interpreter, with fixed arguments
                    # -P: nothing may be imported from the current folder.
                    [sys.executable, "-P", "-c", _CODE, str(memory_bytes), str(cpu_seconds)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    # Threads of their own would each reserve a share of the address space.
                    env={**os.environ, "MALLOC_ARENA_MAX": "1"},
                )
            except (OSError, ValueError) as error:
                self._socket.close()
                raise PoolUnavailableError(str(error)) from None
        self._socket.settimeout(_POLL_SECONDS)
        self._is_ready = False

    def decode(self, structure: ImageStructure, scale: int) -> dict[str, Any]:
        """The process's answer, with the pixels if there are any."""
        if not self._is_ready:
            self._wait_until_ready()
        facts = asdict(structure)
        essential: bytes = facts.pop("essential")
        request = json.dumps({**facts, "scale": scale}).encode()
        deadline = time.monotonic() + _ELAPSED_SECONDS
        self._send(_head(len(request), len(essential)) + request, deadline)
        self._send(essential, deadline)
        message, descriptors = b"", []
        while not message.endswith(b"\n"):
            part, received = self._receive(deadline)
            message += part
            descriptors += received
        answer: dict[str, Any] = json.loads(message)
        for descriptor in descriptors:
            answer["pixels"] = _mapped(descriptor, 3 * answer["width"] * answer["height"])
        return answer

    def end(self) -> None:
        """Kills the process and waits for its end, which is immediate."""
        self.process.kill()
        self.process.wait()
        self._socket.close()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        try:
            message = b""
            while not message.endswith(b"\n"):
                part, _ = self._receive(deadline)
                message += part
        except _DecoderDiedError as died:
            raise PoolUnavailableError(f"the decoder process ended with status {died.status}") from None
        self._is_ready = True

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._check(deadline)
            try:
                view = view[self._socket.send(view) :]
            except TimeoutError:
                continue
            except OSError:
                raise self._died() from None

    def _receive(self, deadline: float) -> tuple[bytes, list[int]]:
        while True:
            self._check(deadline)
            try:
                part, descriptors, _, _ = socket.recv_fds(self._socket, _MESSAGE_BYTES, 1)
            except TimeoutError:
                continue
            except OSError:
                raise self._died() from None
            if not part:
                raise self._died()
            return part, descriptors

    def _check(self, deadline: float) -> None:
        cancellation.check()
        if time.monotonic() > deadline:
            self.process.kill()
            raise self._died()

    def _died(self) -> _DecoderDiedError:
        try:
            return _DecoderDiedError(self.process.wait(_POLL_SECONDS * 20))
        except subprocess.TimeoutExpired:
            self.process.kill()
            return _DecoderDiedError(self.process.wait())


def _head(request_bytes: int, file_bytes: int) -> bytes:
    return request_bytes.to_bytes(4, "big") + file_bytes.to_bytes(8, "big")


def _mapped(descriptor: int, size: int) -> mmap.mmap:
    try:
        flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
        return mmap.mmap(descriptor, size, flags=flags, prot=mmap.PROT_READ)
    finally:
        os.close(descriptor)


def _error_for(died: _DecoderDiedError, cpu_seconds: float) -> Exception:
    if died.status in (-signal.SIGPROF, -signal.SIGKILL):
        return ImageFormatError(
            f"Decoding the image takes more than {cpu_seconds:g} s of CPU time. "
            "Scale it down, or save it again as JPEG."
        )
    return ImageFormatError("Image is damaged: its decoder crashed. Save it again, for example as JPEG.")


def _too_large(memory_bytes: int) -> ImageTooLargeError:
    return ImageTooLargeError(
        f"Decoding the image takes more than {memory_bytes / 1e6:,.0f} MB of memory. "
        "Scale it down, or save it as a baseline JPEG."
    )
