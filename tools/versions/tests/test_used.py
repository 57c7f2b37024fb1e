# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run of ansible-test has used is read from what it leaves, and told in a table."""

from __future__ import annotations

import json
import platform
import sys
import typing as t
from importlib.metadata import version
from pathlib import Path

import pytest

from versions import matrix_table
from versions.used import Used, used_by

UNITS = """\
<testsuites><testsuite>
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><skipped/></testcase><testcase name="d"><properties/></testcase>
</testsuite></testsuites>"""


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A copy of a collection, as ansible-test leaves it after unit tests with the Python at hand."""
    place = tmp_path / "ansible_collections" / "stackfleet" / "servicecatalog"
    output = place / "tests" / "output"
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    write(tmp_path / "ansible_collections/amazon/aws/MANIFEST.json", '{"collection_info": {"version": "9.0.0"}}')
    write(output / "bot" / "data-environment.json", '{"ansible": {"version": "2.18.19"}}')
    write(output / "junit" / f"python{minor}-modules-units.xml", UNITS)
    write(output / "junit" / "python3.1-modules-units.xml", UNITS)
    program = output / ".tmp" / "delegation" / f"python{minor}" / "bin" / "python"
    write(program, f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    return place


def test_versions_are_those_that_are_installed(collection: Path) -> None:
    assert used_by(collection) == {
        "ansible_core": "2.18.19",
        "amazon_aws": "9.0.0",
        "pythons": [
            {
                "version": platform.python_version(),
                "libraries": {"boto3": version("boto3"), "botocore": version("botocore")},
                "unit_tests": 3,
            }
        ],
        "passed": 6,
        "targets": [],
    }


def test_targets_of_integration_tests(collection: Path) -> None:
    for number, names in enumerate((["lookup_b"], ["module_a", "lookup_b"])):
        file = collection / "tests" / "output" / "data" / f"integration-{number}.json"
        write(file, json.dumps({"targets": {name: {} for name in names}}))
    assert used_by(collection)["targets"] == ["lookup_b", "module_a"]


def report(**more: t.Any) -> Used:
    return t.cast(
        Used,
        {"ansible_core": "2.18.19", "amazon_aws": "9.5.2", "pythons": [], "passed": 34, "targets": [], **more},
    )


def python(of: str, boto3: str, unit_tests: int = 0) -> dict[str, t.Any]:
    return {"version": of, "libraries": {"boto3": boto3, "botocore": boto3}, "unit_tests": unit_tests}


OLD, NEW = python("3.8.18", "1.37.38"), python("3.13.0", "1.100.1")
WHOLE = {
    "integration": report(pythons=[NEW], targets=["a", "b", "c"]),
    "units": report(pythons=[python("3.8.18", "1.37.38", 200), python("3.13.0", "1.100.1", 500)]),
    "old-target": report(pythons=[OLD, NEW], targets=["a"]),
    "sanity": report(pythons=[{"version": "3.11.7", "libraries": {}, "unit_tests": 0}]),
}


def test_cells_of_a_row() -> None:
    assert matrix_table.cells(WHOLE) == [
        "2.18.19",
        "9.5.2",
        "1.37.38 to 1.100.1",
        "1.37.38 to 1.100.1",
        "34 checks",
        "700 on Python 3.8.18, 3.13.0",
        "3 with Python 3.13.0; 1 with Python 3.13.0, modules on 3.8.18",
    ]


def test_what_has_not_passed_is_told() -> None:
    told = matrix_table.cells({**WHOLE, "units": None, "old-target": None})
    assert told[5:] == ["not passed", "3 with Python 3.13.0; not passed"]


def test_what_is_not_run_has_no_cell() -> None:
    assert matrix_table.cells({"integration": WHOLE["integration"], "units": WHOLE["units"]})[4] == ""


def test_a_row_of_which_nothing_has_passed() -> None:
    text = matrix_table.as_text([("2.18", dict.fromkeys(WHOLE))])
    assert text.splitlines()[1].split("  ")[0] == "2.18"
    assert text.count("not passed") == 4


def test_the_page_has_a_place_for_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.rst"
    write(page, matrix_table.PAGE.read_text(encoding="utf-8"))
    matrix_table.write([("2.18", WHOLE)], page)
    written = page.read_text(encoding="utf-8")
    assert "  - 34 checks\n" in written
    assert "   * - 2.18.19\n" in written
