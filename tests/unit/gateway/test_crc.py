"""CRCs, by the check values of their catalogue, and by themselves: lanes must say what a byte at a time says."""

import numpy as np
import pytest

from openrek.gateway.s3.crc import CRC32C, CRC64NVME, Crc

BOTH = pytest.mark.parametrize("crc", [CRC32C, CRC64NVME], ids=["CRC-32C", "CRC-64/NVME"])


def test_check_values() -> None:
    """https://reveng.sourceforge.io/crc-catalogue/all.htm"""
    assert CRC32C.digest(b"123456789").hex() == "e3069283"
    assert CRC64NVME.digest(b"123456789").hex() == "ae8b14860a799888"
    assert (CRC32C.digest(b"").hex(), CRC64NVME.digest(b"").hex()) == ("00000000", "0" * 16)


@BOTH
@pytest.mark.parametrize("size", [16_383, 16_384, 16_385, 17_000, 65_536, 100_003])
def test_long_data_go_through_lanes_as_short_ones_go_by_bytes(crc: Crc, size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    ones = (1 << crc.bits) - 1
    state = ones
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (crc.polynomial if state & 1 else 0)
    assert int.from_bytes(crc.digest(data), "big") == state ^ ones


@BOTH
def test_one_other_bit_is_seen_wherever_it_is(crc: Crc) -> None:
    data = bytearray(50_000)
    whole = crc.digest(bytes(data))
    for place in (0, 7, 8, 24_999, 49_999):
        data[place] ^= 1
        assert crc.digest(bytes(data)) != whole
        data[place] ^= 1
