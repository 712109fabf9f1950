"""DBOS and PyAV are imported by the first job of a process, not by what only might run one."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["openrek", "openrek.aws", "openrek.rekognition", "openrek.app", "openrek.jobs"])
def test_neither_is_imported_early(module: str) -> None:
    program = f"import sys, {module}; print([name for name in ('dbos', 'av') if name in sys.modules])"
    environment = {"OPENREK_BUCKET": "some-bucket"}  # which the function on AWS needs
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False
    )
    assert found.stdout.strip() == "[]", found.stderr
