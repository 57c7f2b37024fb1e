# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated sections of a reStructuredText page, each between two comments with its name."""

from __future__ import annotations

import typing as t
from pathlib import Path

EMPTY_CELL = "\\-"
PAGES = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst"


def with_section(text: str, name: str, section: str) -> str:
    """Return the page with a section replaced.

    Args:
        text: The page.
        name: The name in the comments.
        section: The new content.

    Raises:
        ValueError: The page does not contain the comments.
    """
    begin, end = f".. The tests write {name} from here\n", f".. The tests write {name} up to here\n"
    before, found_begin, rest = text.partition(begin)
    _old, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"The page does not contain the comments around {name}.")
    return f"{before}{begin}\n{section.strip()}\n\n{end}{after}"


def list_table(header: t.Sequence[str], rows: t.Iterable[t.Sequence[str]], widths: t.Sequence[int]) -> str:
    """Return a table. Each cell is one line of reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {' '.join(map(str, widths))}", ""]
    for cells in (header, *rows):
        lines += [f"   {'* -' if number == 0 else '  -'} {cell or EMPTY_CELL}" for number, cell in enumerate(cells)]
    return "\n".join(lines)
