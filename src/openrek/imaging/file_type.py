"""What a file is that is not an image of a supported format."""

from typing import NamedTuple


class FileType(NamedTuple):
    """The apparent type of a file that is not a supported image."""

    name: str
    advice: str
    """What to do, as a sentence."""
