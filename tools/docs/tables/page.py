# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page in reStructuredText with sections that nobody writes by hand, each between two marks with its name."""

from __future__ import annotations

import typing as t
from pathlib import Path

NOTHING = "\\-"
PAGES = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst"


def with_section(text: str, name: str, section: str) -> str:
    """The page's text with O(section) in place of what is between the marks of that name. Raises ValueError."""
    begin, end = f".. The tests write {name} from here\n", f".. The tests write {name} up to here\n"
    before, found_begin, rest = text.partition(begin)
    _old, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"The page lacks the marks between which {name} belongs.")
    return f"{before}{begin}\n{section.strip()}\n\n{end}{after}"


def list_table(header: t.Sequence[str], rows: t.Iterable[t.Sequence[str]], widths: t.Sequence[int]) -> str:
    """A table whose cells are reStructuredText of one line each."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {' '.join(map(str, widths))}", ""]
    for cells in (header, *rows):
        lines += [f"   {'* -' if number == 0 else '  -'} {cell or NOTHING}" for number, cell in enumerate(cells)]
    return "\n".join(lines)
