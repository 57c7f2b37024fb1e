# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print a table of the tests with all versions: `python -m versions REPORT`, which the nox session `matrix` runs.

REPORT is the report of nox. Each session that passed has written the versions that it used into .dev/results.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import typing as t
from pathlib import Path

from docs.tables.page import PAGES, list_table, with_section

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parents[1] / ".dev" / "results"
PAGE = PAGES / "guide_testing.rst"
HEADER = ("ansible-core", "amazon.aws", "boto3", "botocore", "Sanity", "Unit tests", "Integration tests")
PACKAGES = HEADER[:4]


class Result(t.TypedDict):
    """What a session that passed has written."""

    row: str
    kind: str
    versions: dict[str, str]
    details: str


def main() -> None:
    """Print the table, and fail if a session failed."""
    parser = argparse.ArgumentParser(prog="dev.py matrix", description="Test with every supported version.")
    parser.add_argument("report", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write-docs", action="store_true", help="write the table into the guide to testing")
    given = parser.parse_args()
    rows = list(json.loads((HERE / "versions.json").read_text(encoding="utf-8"))["rows"])
    sessions = json.loads(given.report.read_text(encoding="utf-8"))["sessions"]
    failed = [session["name"] for session in sessions if session["result"] != "success"]
    passed = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(RESULTS.glob("*.json"))]
    tested = {row: cells(row, passed, failed, rows) for row in rows}
    lines = [("", *HEADER), *((row, *texts) for row, texts in tested.items() if any(texts))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    if failed or not passed:
        sys.exit(f"Failed: {', '.join(failed) or 'no session passed'}")
    if given.write_docs:
        if not all(map(any, tested.values())):
            sys.exit("Run all rows to write the table into the documentation.")
        table = list_table(HEADER, tested.values(), (12, 10, 14, 14, 12, 19, 19))
        section = f"Tested on {datetime.datetime.now(datetime.timezone.utc).date()}:\n\n{table}"
        PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), "versions", section), encoding="utf-8")
        print(f"Written into {PAGE.relative_to(HERE.parents[1])}")


def cells(row: str, passed: t.Iterable[Result], failed: t.Iterable[str], rows: t.Sequence[str]) -> list[str]:
    """Return the cells of a row: the versions that its sessions used, and the results."""
    results = [result for result in passed if result["row"] == row]
    failures = [name for name in failed if row == max((r for r in rows if f"-{r}" in name), key=len, default="")]
    spans = []
    for package in PACKAGES:
        found = {r["versions"][package] for r in results if package in r["versions"] and r["kind"] != "sanity"}
        ends = sorted(found, key=version_key)
        spans.append(" to ".join(dict.fromkeys([ends[0], ends[-1]])) if ends else "")
    kinds = {"sanity": ("sanity",), "units": ("units",), "integration": ("integration", "scenarios", "old-target")}
    for kind, prefixes in kinds.items():
        broken = [f"FAILED ({name})" for name in failures if name.startswith(prefixes)]
        mine = sorted((r for r in results if r["kind"] == kind), key=lambda r: version_key(r["versions"]["python"]))
        spans.append(", ".join([*broken, *(f"{r['versions']['python']}{r['details']}" for r in mine)]))
    return spans


def version_key(version: str) -> list[int]:
    """Return what versions are sorted by."""
    return [int(part) for part in version.split(".") if part.isdigit()]


if __name__ == "__main__":
    main()
