# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated sections and tables."""

from __future__ import annotations

import pytest

from docs.tables.page import list_table, with_section

PAGE = """\
before

.. The tests write faults from here
.. The tests write faults up to here

after
"""


def test_only_the_section_is_replaced() -> None:
    once = with_section(PAGE, "faults", "old")
    again = with_section(once, "faults", "new\n")
    assert again == PAGE.replace("here\n..", "here\n\nnew\n\n..")
    assert with_section(again, "faults", "new") == again


@pytest.mark.parametrize("page", ["", "text\n", PAGE.replace("up to", "until"), PAGE.replace("faults", "other")])
def test_missing_comments_are_an_error(page: str) -> None:
    with pytest.raises(ValueError, match="does not contain the comments around faults"):
        with_section(page, "faults", "new")


def test_empty_cells() -> None:
    assert list_table(("A", "B"), [("1", "")], (30, 70)).splitlines() == [
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 30 70",
        "",
        "   * - A",
        "     - B",
        "   * - 1",
        "     - \\-",
    ]
