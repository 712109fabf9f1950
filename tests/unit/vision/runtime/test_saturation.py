"""Networks in 8 bits have the right sums on CPUs without instructions for them, emulated where QEMU is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest
from tests.unit.vision.runtime.saturation import lowest, network

from openrek.vision.runtime import session

QEMU = shutil.which("qemu-x86_64-static") or shutil.which("qemu-x86_64")
_ROOT = Path(__file__).parents[4]


def test_sums_of_bytes_are_right_on_this_cpu() -> None:
    assert lowest() == pytest.approx(64)


@pytest.mark.parametrize(("able", "expected"), [(True, None), (False, "1")], ids=["able", "unable"])
def test_sessions_demand_exact_sums_where_the_cpu_might_not_give_them(
    monkeypatch: pytest.MonkeyPatch, able: bool, expected: str | None
) -> None:
    entries: dict[str, str] = {}
    made = onnxruntime.SessionOptions

    class Recording(made):  # type: ignore[misc, valid-type]
        def add_session_config_entry(self, key: str, value: str) -> None:
            entries[key] = value
            super().add_session_config_entry(key, value)

    monkeypatch.setattr(onnxruntime, "SessionOptions", Recording)
    monkeypatch.setattr(session, "multiplies_bytes", lambda: able)
    lowest()
    assert entries.get("session.x64quantprecision") == expected


def test_the_network_has_sums_beyond_16_bits() -> None:
    assert network()
    assert 2 * 255 * 127 > 2**15 - 1


@pytest.mark.skipif(QEMU is None, reason="needs qemu-x86_64 (Debian: qemu-user-static)")
@pytest.mark.parametrize("cpu", ["Haswell", "Skylake-Server-v4"])
def test_sums_of_bytes_are_right_without_vnni(cpu: str) -> None:
    assert QEMU is not None
    paths = [str(_ROOT), str(_ROOT / "src"), *(path for path in sys.path if "site-packages" in path)]
    result = subprocess.run(
        [QEMU, "-cpu", cpu, os.path.realpath(sys.executable), str(Path(__file__).with_name("saturation.py"))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert float(result.stdout.split()[0]) == pytest.approx(64)
