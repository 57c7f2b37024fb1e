# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matrix of versions as a table, made of the reports that its runs have left."""

from __future__ import annotations

import datetime
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from docs.tables.page import PAGES, list_table, with_section
from versions.used import Used, version_key

Results = t.Sequence[t.Tuple[str, Mapping[str, t.Optional[Used]]]]
"""Each row's name, and its runs: kind → report, or None where it has not passed."""

PAGE = PAGES / "guide_testing.rst"
HEADER = ("ansible-core", "amazon.aws", "boto3", "botocore", "Sanity", "Unit tests", "Integration targets")


def as_text(results: Results) -> str:
    """A table for a terminal."""
    lines = [("", *HEADER), *((name, *cells(runs)) for name, runs in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def write(results: Results, page: Path = PAGE) -> Path:
    """Put the table into the documentation. Raises ValueError where it has no place for it."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    table = list_table(HEADER, [cells(runs) for _name, runs in results], (12, 10, 14, 14, 12, 19, 19))
    section = f"Run on {today}; all of it passed.\n\n{table}"
    page.write_text(with_section(page.read_text(encoding="utf-8"), "versions", section), encoding="utf-8")
    return page


def cells(runs: Mapping[str, Used | None]) -> list[str]:
    """A row: the versions that its runs have used, and what has passed."""
    reports = [report for report in runs.values() if report]
    libraries = [python["libraries"] for report in reports for python in report["pythons"]]
    return [
        _span(report["ansible_core"] for report in reports),
        _span(report["amazon_aws"] for report in reports),
        *(_span(found[name] for found in libraries if name in found) for name in ("boto3", "botocore")),
        *(_told(runs, kind, tell) for kind, tell in (("sanity", _sanity), ("units", _units))),
        "; ".join(_told(runs, kind, _integration) for kind in ("integration", "old-target") if kind in runs),
    ]


def _told(runs: Mapping[str, Used | None], kind: str, tell: t.Callable[[Used], str]) -> str:
    if kind not in runs:
        return ""
    report = runs[kind]
    return tell(report) if report else "not passed"


def _sanity(report: Used) -> str:
    return f"{report['passed']} checks"


def _units(report: Used) -> str:
    used = [python for python in report["pythons"] if python["unit_tests"]]
    tests = sum(python["unit_tests"] for python in used)
    return f"{tests} on Python {_listed([python['version'] for python in used])}"


def _integration(report: Used) -> str:
    """With two Pythons, the older one is the target's: there is no virtual environment for what was not used."""
    versions = [python["version"] for python in report["pythons"]]
    where = f"Python {versions[-1]}" + (f", modules on {versions[0]}" if len(versions) > 1 else "")
    return f"{len(report['targets'])} with {where}"


def _span(versions: Iterable[str]) -> str:
    """A version, or the oldest and the newest where Pythons did not all get the same."""
    found = sorted(set(versions), key=version_key)
    return " to ".join(dict.fromkeys([found[0], found[-1]])) if found else ""


def _listed(versions: Sequence[str]) -> str:
    return ", ".join(versions)
