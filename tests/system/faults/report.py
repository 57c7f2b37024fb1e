# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run in Markdown: each fault with the expected and the actual results."""

from __future__ import annotations

import re
import typing as t

from faults.cases import COMPLETE, Case

_MARKUP = re.compile(r"([\\|*_`<])")

Problems = t.Mapping[t.Tuple[int, str], str]


def markdown(cases: t.Sequence[Case], plugins: t.Sequence[str], problems: Problems) -> str:
    """Return the report.

    Args:
        cases: The cases of the run.
        plugins: The plugins that ran each case.
        problems: The problem of each case number and plugin that failed.
    """
    complete = sum(case.expected == [COMPLETE] for case in cases)
    lines = [
        "# Faults",
        "",
        f"{len(cases)} cases ran with {', '.join(plugins)}: {complete} must return the complete fleet, and"
        f" {len(cases) - complete} a one-line error message. {len(problems)} runs failed.",
        "",
        "| Fault | Duration | Transport | Expected | Result |",
        "| --- | --- | --- | --- | --- |",
    ]
    for case in sorted(cases, key=lambda case: (case.fault.name, case.is_permanent, case.transport)):
        failed = [f"{plugin}: {text}" for (number, plugin), text in problems.items() if number == case.number]
        cells = (
            case.fault.name.replace("``", ""),
            "permanent" if case.is_permanent else "temporary",
            case.transport,
            " or ".join(part.strip("; ") for part in case.expected),
            "; ".join(failed) or "passed",
        )
        lines.append(f"| {' | '.join(_escape(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _escape(cell: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(cell.split()))
