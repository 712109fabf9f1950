"""Which CPUs run networks in 8 bits."""

import sys
from pathlib import Path

import pytest

from openrek.vision.runtime import cpu
from openrek.vision.runtime.cpu import has_dot_products

HASWELL = "flags\t\t: fpu sse4_2 avx avx2 fma bmi2"
SKYLAKE_SERVER = "flags\t\t: fpu avx2 avx512f avx512bw avx512vl"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (HASWELL, False),
        (SKYLAKE_SERVER, False),
        (f"{SKYLAKE_SERVER} avx512_vnni", True),
        (f"{HASWELL} avx_vnni", True),
        ("Features\t: fp asimd crc32 atomics asimdhp", False),
        ("Features\t: fp asimd crc32 atomics asimddp", True),
        ("model name\t: AMD avx512_vnni edition", False),
        ("flags\t\t: not_avx512_vnni_but_like_it", False),
    ],
    ids=["avx2", "avx512", "avx512 with vnni", "avx with vnni", "arm", "arm with dot product", "name", "like it"],
)
def test_dot_products_are_known_by_the_flags(line: str, expected: bool) -> None:
    assert has_dot_products(["processor\t: 0", line, ""]) is expected


def test_one_processor_without_them_is_enough_to_do_without() -> None:
    assert not has_dot_products([f"{HASWELL} avx_vnni", HASWELL])


def test_a_machine_that_does_not_say_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not has_dot_products([])
    monkeypatch.setattr(cpu, "_CPUINFO", tmp_path / "missing")
    monkeypatch.setattr(sys, "platform", "linux")
    cpu.multiplies_bytes.cache_clear()
    try:
        assert not cpu.multiplies_bytes()
    finally:
        cpu.multiplies_bytes.cache_clear()
