"""The report of a bulk run."""

import csv
from pathlib import Path

from openrek.cli.bulk.report import Outcome, Report


def test_a_row_is_in_the_file_before_the_run_ends(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with Report(path) as report:
        report.add("a/1.jpg", Outcome.INDEXED)
        report.add("a/2, 3.jpg", Outcome.FAILED, 'no "image"')
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert rows == [
        {"image": "a/1.jpg", "outcome": "indexed", "reason": ""},
        {"image": "a/2, 3.jpg", "outcome": "failed", "reason": 'no "image"'},
    ]
    assert report.counts == {Outcome.INDEXED: 1, Outcome.FAILED: 1}


def test_a_file_name_is_neither_a_formula_nor_a_line_break(tmp_path: Path) -> None:
    with Report(tmp_path / "report.csv") as report:
        report.add("=cmd|' /C calc'!A0.jpg", Outcome.NO_FACE)
        report.add("two\nlines.jpg", Outcome.NO_FACE)
    lines = (tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("'=")
    assert lines[2].startswith(r"two\nlines.jpg,")
