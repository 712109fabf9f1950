"""Nothing leaves the machine, and nothing is left behind in the user's home."""

import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
import openrek
openrek.analyze(sys.argv[1])
"""


def test_an_analysis_leaves_nothing_in_the_home_nor_telemetry(tmp_path: Path, cat: bytes) -> None:
    image, home = tmp_path / "cat.jpg", tmp_path / "home"
    image.write_bytes(cat)
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(image)], check=True, env=environment | {"HOME": str(home)}, timeout=120
    )
    assert not list(home.iterdir())
