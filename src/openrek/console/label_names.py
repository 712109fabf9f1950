"""Names of labels in Vietnamese, for the console: `python -m openrek.console.label_names` writes them.

The wire's names stay English, as Rekognition's are; the console shows these in their place. They are a file among its
others, so that they come from wherever those do.
"""

import orjson

from openrek.console import STATIC
from openrek.rekognition.operations.images.moderation import taxonomy
from openrek.rekognition.render.taxonomy import entries

FILE = STATIC / "labels.vi.json"


def label_names_json() -> bytes:
    """The file: {"labels": {English: Vietnamese}, "moderation": {English: Vietnamese}}, a name a line."""
    names = {
        "labels": {name: entry.vietnamese for name, entry in entries().items() if entry.vietnamese is not None},
        "moderation": {name: label.vietnamese for name, label in taxonomy().items()},
    }
    return orjson.dumps(names, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)


if __name__ == "__main__":
    FILE.write_bytes(label_names_json())
