"""Libraries that are made smaller come to lie in memory as before. That they work is shown by test_runtime.py."""

import ctypes
import platform
import re
import struct
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from openrek.deploy.libraries import hollow, is_library, packed, weakened

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="there are no ELF libraries here"
)


def libraries(*packages: str) -> Iterator[Path]:
    for package in packages:
        found = find_spec(package)
        assert found is not None
        assert found.origin is not None
        folder = Path(found.origin).parent
        for part in (folder, *folder.parent.glob(f"{package}.libs")):
            yield from (path for path in part.rglob("*.so*") if is_library(path.read_bytes()))


def segments(data: bytes) -> list[tuple[int, ...]]:
    (table,) = struct.unpack_from("<Q", data, 32)
    (number,) = struct.unpack_from("<H", data, 56)
    return [struct.unpack_from("<IIQQQQQQ", data, table + 56 * place) for place in range(number)]


def memory(data: bytes) -> dict[int, bytes]:
    """What a loader maps, by address, without the headers of the file, which are in the first segment."""
    table, entries = struct.unpack_from("<Q", data, 32)[0], len(segments(data))
    without = bytearray(data)
    without[:64] = bytes(64)
    without[table : table + 56 * entries] = bytes(56 * entries)
    return {each[3]: bytes(without[each[2] : each[2] + each[5]]) for each in segments(data) if each[0] == 1}


def test_a_packed_library_is_in_memory_what_it_was() -> None:
    saved = 0
    for path in libraries("numpy", "PIL", "tesserocr"):
        data = path.read_bytes()
        small = packed(data)
        saved += len(data) - len(small)
        assert memory(small) == memory(data), path.name
        loads = [each for each in segments(small) if each[0] == 1]
        assert all((offset - address) % 0x1000 == 0 for _, _, offset, address, _, _, _, _ in loads)
        for (kind, flags, offset, *rest), (old_kind, old_flags, old_offset, *old_rest) in zip(
            segments(small), segments(data), strict=True
        ):
            assert (kind, flags, rest[:-1]) == (old_kind, old_flags, old_rest[:-1])
            size = rest[2]
            if kind == 2:  # the dynamic section
                assert small[offset : offset + size] == data[old_offset : old_offset + size]
        assert packed(small) == small
    assert saved > 0


def test_a_packed_library_loads(tmp_path: Path) -> None:
    path = min((path for path in libraries("tesserocr") if path.name.startswith("libjpeg")), default=None)
    assert path is not None
    small = tmp_path / "small.so"
    small.write_bytes(packed(path.read_bytes()))
    assert small.stat().st_size < path.stat().st_size
    assert ctypes.CDLL(str(small)).jpeg_std_error


def test_a_hollow_library_loads_and_has_nothing(tmp_path: Path) -> None:
    path = tmp_path / "hollow.so"
    path.write_bytes(hollow(next(libraries("numpy")).read_bytes()))
    assert is_library(path.read_bytes())
    with pytest.raises(AttributeError):
        _ = ctypes.CDLL(str(path)).anything


def test_only_what_is_named_is_weakened() -> None:
    data = max(libraries("cv2"), key=lambda path: path.stat().st_size).read_bytes()
    changed = weakened(data, re.compile(rb"sws_"))
    places = [place for place, (old, new) in enumerate(zip(data, changed, strict=True)) if old != new]
    assert places
    assert {changed[place] >> 4 for place in places} == {2}
    assert weakened(data, re.compile(rb"no_such_symbol")) == data


def test_what_is_no_library_is_not_taken_for_one() -> None:
    for data in (b"", b"INPUT(libm.so.6)", b"\x7fELF\x01\x01" + bytes(100), b"\x7fELF\x02\x01" + bytes(100)):
        assert not is_library(data)
