"""The report of a bulk run: one CSV row an image."""

import csv
from collections import Counter
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from openrek.cli.plain import plain


class Outcome(StrEnum):
    """What became of an image."""

    INDEXED = "indexed"
    NO_FACE = "no_face"
    """No face was detected, or none passed the filters."""
    SKIPPED = "skipped"
    """It was indexed before."""
    FAILED = "failed"


class Report:
    """A CSV file with the columns image, outcome and reason.

    A row is on the disk as soon as `add` returns, so that a process that is killed leaves what it acknowledged.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[Outcome] = Counter()
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(("image", "outcome", "reason"))
        self._file.flush()

    def add(self, image: str, outcome: Outcome, reason: str = "") -> None:
        """Append a row.

        Args:
            image: The path, relative to the folder, or the key.
            outcome: What became of the image.
            reason: Why; what is to know of it. Empty if there is nothing.

        Raises:
            OSError: The disk is full.
        """
        self.counts[outcome] += 1
        # A cell that begins like a formula would be one in a spreadsheet.
        cells = (plain(image), outcome.value, plain(reason))
        self._rows.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
        self._file.flush()

    def __enter__(self) -> "Report":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
