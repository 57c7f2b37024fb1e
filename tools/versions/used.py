# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run of ansible-test has tested, read from what it leaves in its copy of the collection."""

from __future__ import annotations

import json
import re
import subprocess
import typing as t
from pathlib import Path
from xml.etree import ElementTree

_LIBRARIES = ("boto3", "botocore")
_INSTALLED = (
    "import json, platform; from importlib.metadata import distributions; "
    "names = {found.metadata['Name']: found.version for found in distributions()}; "
    "print(json.dumps({'python': platform.python_version(), 'installed': names}))"
)


class Python(t.TypedDict):
    """A Python that tests ran on."""

    version: str
    libraries: dict[str, str]  # what is installed there of boto3 and botocore
    unit_tests: int


class Used(t.TypedDict):
    """What was used, in exact versions, and what has passed there."""

    ansible_core: str
    amazon_aws: str
    pythons: list[Python]  # from the oldest on
    passed: int  # tests that were not skipped
    targets: list[str]  # of integration tests


def cases_in(junit: Path, pattern: str = "*.xml") -> list[ElementTree.Element]:
    """The tests that the reports in this folder tell of."""
    return [case for file in junit.glob(pattern) for case in ElementTree.parse(file).iter("testcase")]


def used_by(collection: Path) -> Used:
    """Of the run that has just ended and passed in this copy of the collection, beside amazon.aws."""
    output = collection / "tests" / "output"
    environment = _read(output / "bot" / "data-environment.json")
    manifest = _read(collection.parents[1] / "amazon" / "aws" / "MANIFEST.json")
    programs = sorted((output / ".tmp" / "delegation").glob("python*/bin/python"))
    pythons = [_python(program, output / "junit") for program in programs]
    targets = {name for file in (output / "data").glob("integration-*.json") for name in _read(file)["targets"]}
    return {
        "ansible_core": environment["ansible"]["version"],
        "amazon_aws": manifest["collection_info"]["version"],
        "pythons": sorted(pythons, key=lambda python: version_key(python["version"])),
        "passed": len(_passed(cases_in(output / "junit"))),
        "targets": sorted(targets),
    }


def version_key(version: str) -> tuple[int, ...]:
    """What versions are sorted by."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _read(file: Path) -> t.Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _python(program: Path, junit: Path) -> Python:
    """A virtual environment of ansible-test is asked itself, as it holds what pip has made of the constraints."""
    answer = subprocess.run([program, "-c", _INSTALLED], capture_output=True, check=True, text=True)
    told = json.loads(answer.stdout)
    minor = ".".join(told["python"].split(".")[:2])
    units = cases_in(junit, f"python{minor}-*-units.xml")
    libraries = {name: told["installed"][name] for name in _LIBRARIES if name in told["installed"]}
    return {"version": told["python"], "libraries": libraries, "unit_tests": len(_passed(units))}


def _passed(cases: list[ElementTree.Element]) -> list[ElementTree.Element]:
    """A test has passed if its report tells of nothing else."""
    return [case for case in cases if not {child.tag for child in case} & {"skipped", "failure", "error"}]
