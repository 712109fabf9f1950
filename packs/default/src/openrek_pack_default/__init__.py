"""openrek's default model pack: this folder holds the models, `pack.toml` describes them."""

from pathlib import Path


def path() -> Path:
    """The folder of the pack."""
    return Path(__file__).parent
