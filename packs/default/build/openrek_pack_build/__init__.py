"""Rebuilds the default model pack from pinned packages. Run `packs/default/build/build_pack.py`."""
