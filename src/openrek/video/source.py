"""Where the bytes of a video come from. FFmpeg gets an open file, never a name or an address that it could follow."""

import io
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

ReadRange = Callable[[int, int], bytes]
"""(start, end) → the bytes from `start` up to but without `end`; fewer where the object ends."""


class BinaryFile(Protocol):
    """A binary file that can be read from any position, such as an open file or a `RangeReader`."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, none at the end; all if it is negative."""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """See io.IOBase.seek."""

    def tell(self) -> int:
        """Position of the next byte."""

    def close(self) -> None:
        """Ends reading."""


Source = Path | bytes | BinaryFile
"""A file, its bytes, or an open binary file."""

_BLOCK_BYTES = 1 << 20
_BLOCKS = 16


class RangeReader(io.RawIOBase):
    """A file whose bytes are read by range, as of an object in a store. Holds the last 16 MiB that were read.

    What `read_range` raises passes through FFmpeg unchanged. Not safe to share between threads.
    """

    def __init__(self, read_range: ReadRange, size_bytes: int) -> None:
        """
        Args:
            read_range: Reads a range of the object.
            size_bytes: Of the object.
        """
        self._read_range = read_range
        self._size = size_bytes
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """See io.IOBase.seek."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError(f"position {origin + offset} lies before the start")
        self._position = origin + offset
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; fewer at the end of a block, none at the end of the object."""
        left = max(self._size - self._position, 0)
        size = left if size is None or size < 0 else min(size, left)
        parts = []
        while size > 0:
            number, offset = divmod(self._position, _BLOCK_BYTES)
            part = self._block(number)[offset : offset + size]
            if not part:
                break
            parts.append(part)
            self._position += len(part)
            size -= len(part)
        return b"".join(parts)

    def readall(self) -> bytes:
        """The rest."""
        return self.read()

    def _block(self, number: int) -> bytes:
        if (block := self._blocks.get(number)) is None:
            start = number * _BLOCK_BYTES
            block = self._blocks[number] = self._read_range(start, min(start + _BLOCK_BYTES, self._size))
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return block


def open_source(source: Source) -> tuple[BinaryFile, bool]:
    """An open binary file at its start, and whether the caller must close it.

    Raises:
        OSError: the file cannot be opened.
    """
    if isinstance(source, bytes):
        return io.BytesIO(source), True
    if isinstance(source, Path):
        return source.open("rb"), True
    source.seek(0)
    return source, False


def size_of(file: BinaryFile) -> int:
    """Bytes of an open file, which is then at its start."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
