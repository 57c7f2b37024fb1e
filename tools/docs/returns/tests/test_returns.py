# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from docs.returns.__main__ import with_parts

PLUGIN = """\
RETURN = '''
rows:
  contains:
    # Part: row
    stale: true
    # End of part: row
other: {}
'''
"""


@pytest.fixture(autouse=True)
def parts(tmp_path: Path) -> Path:
    (tmp_path / "row.yml").write_text("# License\n---\nid: 1\n# Part: name\n# End of part: name\n", encoding="utf-8")
    (tmp_path / "name.yml").write_text("# License\n---\nname:\n  type: str\n", encoding="utf-8")
    return tmp_path


def test_a_part_is_replaced_with_its_source_and_the_parts_in_it(parts: Path) -> None:
    written = with_parts(PLUGIN, parts)
    assert written.splitlines()[3:10] == [
        "    # Part: row",
        "    id: 1",
        "    # Part: name",
        "    name:",
        "      type: str",
        "    # End of part: name",
        "    # End of part: row",
    ]
    assert written.endswith("other: {}\n'''\n")


def test_a_current_part_does_not_change(parts: Path) -> None:
    written = with_parts(PLUGIN, parts)
    assert with_parts(written, parts) == written


def test_a_part_without_a_source_is_an_error(parts: Path) -> None:
    with pytest.raises(FileNotFoundError):
        with_parts(PLUGIN.replace("row\n", "unknown\n"), parts)
