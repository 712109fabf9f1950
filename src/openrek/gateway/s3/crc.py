"""CRCs that neither zlib nor a wheel among our dependencies computes: CRC-32C, CRC-64/NVME.

Numbers: https://reveng.sourceforge.io/crc-catalogue/all.htm. A CRC is linear, so the data is cut into lanes that go
through the table side by side, a byte of each at a time, and are joined afterwards.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_LANES = 1024
# Shorter data than this a byte at a time.
_SHORT = 16 * _LANES


@dataclass(frozen=True)
class Crc:
    """A reflected CRC that begins with all ones and ends inverted."""

    bits: int
    polynomial: int
    """Reflected, without the highest term."""

    def digest(self, data: bytes) -> bytes:
        """The CRC, its most significant byte first."""
        ones = (1 << self.bits) - 1
        if len(data) < _SHORT:
            return (self._serial(data, ones) ^ ones).to_bytes(self.bits // 8, "big")
        # To begin with all ones is to begin with none and to invert the first bytes.
        width = self.bits // 8
        head = (int.from_bytes(data[:width], "little") ^ ones).to_bytes(width, "little")
        length = -(-len(data) // _LANES)
        # Zeros before the data do not change a CRC that begins with none.
        padded = np.zeros(length * _LANES, np.uint8)
        padded[-len(data) :] = np.frombuffer(data, np.uint8)
        first = len(padded) - len(data)
        padded[first : first + width] = np.frombuffer(head, np.uint8)
        columns = np.ascontiguousarray(padded.reshape(_LANES, length).T)
        states = np.zeros(_LANES, np.uint64)
        low, eight = np.uint64(0xFF), np.uint64(8)
        for column in columns:
            states = self._table[(states & low).astype(np.uint8) ^ column] ^ (states >> eight)
        found = int(self._join(states, length)[0]) ^ ones
        return found.to_bytes(width, "big")

    @cached_property
    def _table(self) -> Words:
        """What each byte makes of a state of zero."""
        values = np.arange(256, dtype=np.uint64)
        one = np.uint64(1)
        for _ in range(8):
            values = (values >> one) ^ np.where(values & one, np.uint64(self.polynomial), np.uint64(0))
        return values

    @cached_property
    def _numbers(self) -> list[int]:
        return [int(value) for value in self._table]

    def _serial(self, data: bytes, state: int) -> int:
        table = self._numbers
        for byte in data:
            state = table[(state ^ byte) & 0xFF] ^ (state >> 8)
        return state

    def _join(self, states: Words, length: int) -> Words:
        """The states of neighbouring lanes, each of so many bytes, joined until one is left."""
        moved = self._moved(length)
        while len(states) > 1:
            states = _apply(moved, states[::2]) ^ states[1::2]
            moved = _apply(moved, moved)
        return states

    def _moved(self, count: int) -> Words:
        """What so many zero bytes make of each bit of a state: a matrix, by squaring."""
        bits = np.uint64(1) << np.arange(self.bits, dtype=np.uint64)
        result, power = bits, self._table[(bits & np.uint64(0xFF)).astype(np.uint8)] ^ (bits >> np.uint64(8))
        while count:
            if count & 1:
                result = _apply(power, result)
            power = _apply(power, power)
            count >>= 1
        return result


def _apply(matrix: Words, states: Words) -> Words:
    """Each state through the matrix of its bits' images."""
    result = np.zeros_like(states)
    for place, image in enumerate(matrix):
        result ^= np.where((states >> np.uint64(place)) & np.uint64(1), image, np.uint64(0))
    return result


CRC32C = Crc(32, 0x82F63B78)
CRC64NVME = Crc(64, 0x9A6C9329AC4BC9B5)
