"""The pack's build is a maintainers' tool that no distribution installs; its tests find it here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "packs" / "default" / "build"))
