"""Benchmarks are scripts that no distribution installs; their tests find them here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
