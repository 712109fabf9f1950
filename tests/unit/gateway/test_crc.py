"""CRCs by the check values of their catalogue, in one piece and in several."""

import zlib

import pytest

from openrek.gateway.s3.digests import ALGORITHMS, Digests, digest_of


@pytest.mark.parametrize(
    ("algorithm", "check", "empty"),
    [
        ("crc32", "cbf43926", "00000000"),
        ("crc32c", "e3069283", "00000000"),
        ("crc64nvme", "ae8b14860a799888", "0" * 16),
    ],
)
def test_check_values(algorithm: str, check: str, empty: str) -> None:
    """https://reveng.sourceforge.io/crc-catalogue/all.htm"""
    assert digest_of(algorithm, b"123456789").hex() == check
    assert digest_of(algorithm, b"").hex() == empty


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [1, 7, 1000, 65_537])
def test_digests_grow_with_their_bytes(algorithm: str, size: int) -> None:
    data = bytes(range(256)) * 400
    digests = Digests([algorithm])
    for start in range(0, len(data), size):
        digests.update(data[start : start + size])
    assert digests.raw(algorithm) == digest_of(algorithm, data)


@pytest.mark.parametrize(("algorithm", "polynomial", "bits"), [("crc32c", 0x82F63B78, 32),
                                                               ("crc64nvme", 0x9A6C9329AC4BC9B5, 64)])  # fmt: skip
def test_crcs_are_those_of_their_polynomials(algorithm: str, polynomial: int, bits: int) -> None:
    data = zlib.compress(bytes(range(256))) * 40
    ones = (1 << bits) - 1
    state = ones
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (polynomial if state & 1 else 0)
    assert int.from_bytes(digest_of(algorithm, data), "big") == state ^ ones
