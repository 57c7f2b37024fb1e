# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results for the terminal and for the documentation."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Results
from docs.tables.page import list_table, with_section

PLOT = """\
.. figure:: performance.svg
   :alt: CPU time and peak memory at 1,000, 10,000 and 100,000 stack instances, for both sources and the boto3 loop

   CPU time and memory by number of stack instances, without latency
"""
BUSY_CPUS = 0.1
"""The number of CPUs in use by other programs from which a machine is busy."""


def line(row: Results) -> str:
    """Return a row for the terminal."""
    verdict = {"": "", "True": "met", "False": "MISSED"}[str(row["met"]) if row["target"] else ""]
    return (
        f"{row['what']}:\n    {_ratio(row['ratio'])} ({_ratio(row['lowest'])} to {_ratio(row['highest'])}); "
        f"{_figure(row['ours'], row['measure'])} against {_figure(row['peer'], row['measure'])}"
        + (f"; wanted {row['target']}: {verdict}" if verdict else "")
    )


def busy(results: Results) -> str | None:
    """Return a warning if other programs used the machine."""
    used = max((trial["cpus_used_by_others"] for trial in results["trials"]), default=0.0)
    if used < BUSY_CPUS:
        return None
    return (
        f"The machine was busy: other programs kept up to {used:.1f} of its {results['machine']['cpus']} CPUs, and the"
        f" load average was {results['load_average']:.1f} before the start."
    )


def write_docs(results: Results, page: Path) -> None:
    """Replace the figures of a page. Raises ValueError if it has no comments around them."""
    text = page.read_text(encoding="utf-8")
    page.write_text(with_section(text, "figures", _table(results)), encoding="utf-8")


def _table(results: Results) -> str:
    machine, warning = results["machine"], busy(results)
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    measured = (
        f"Measured on {results['date']}, each figure {results['rounds']} times, with {versions}, on"
        f" {machine['cpus']} CPUs ({machine['cpu']}), {machine['memory_gib']} GiB, {machine['system']}."
    )
    rows = [_cells(row) for trial in results["trials"] for row in trial["rows"]]
    table = list_table(("Comparison", "Ratio", "Target", "Collection", "Peer"), rows, (44, 14, 14, 14, 14))
    return "\n\n".join([measured, *([warning] if warning else []), table, PLOT])


def _cells(row: Results) -> list[str]:
    ratio = f"{_ratio(row['ratio'])} ({_ratio(row['lowest'])} to {_ratio(row['highest'])})"
    figures = [_figure(row[who], row["measure"]) for who in ("ours", "peer")]
    return [row["what"], ratio, row["target"], *figures]


def _ratio(value: float) -> str:
    return f"{value:.1f} ×" if value >= 10 else f"{value:.2f} ×"


def _figure(value: float, measure: str) -> str:
    if measure == "peak":
        return f"{value / 2**20:.0f} MiB"
    if value < 0.01:
        return f"{value * 1e6:.0f} µs"
    return f"{value:.2f} s"
