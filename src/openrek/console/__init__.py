"""The web console: static files that a browser runs as they are. The gateway serves them."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""Folder of `index.html` (for `/`), `docs.html` (for `/docs`) and everything under `/console/`."""

__all__ = ["STATIC"]
