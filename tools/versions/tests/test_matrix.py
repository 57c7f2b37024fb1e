# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions are tested together on which machine, in which runs, and what is kept of them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import typing as t
from pathlib import Path

import pytest

from versions import Failed, matrix
from versions.checks import Check, next_of
from versions.matrix import oldest_libraries, rows, runs
from versions.pythons import CORES

MANY = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        (
            MANY,
            [
                ("2.18", "3.13"),
                ("2.18 oldest libraries", "3.11"),
                ("2.19", "3.11"),
                ("2.20", "3.14"),
                ("2.21", "3.12"),
                ("2.21 oldest libraries", "3.14"),
            ],
        ),
        (("3.11",), [("2.18", "3.11"), ("2.18 oldest libraries", "3.11"), ("2.19", "3.11")]),
        (("3.14",), [("2.20", "3.14"), ("2.21", "3.14"), ("2.21 oldest libraries", "3.14")]),
        (("3.8", "3.9", "3.10"), []),
    ],
)
def test_rows(here: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert [(row.name, row.controller) for row in rows(here)] == expected


def test_every_python_of_a_controller_occurs() -> None:
    assert {row.controller for row in rows(MANY)} == {version for core in CORES for version in core.controllers}


def test_oldest_amazon_aws_goes_with_the_oldest_core_only() -> None:
    assert [row.name for row in rows(MANY) if row.release] == ["2.18 oldest libraries"]


def run_of(name: str, here: tuple[str, ...]) -> dict[str, tuple[str, tuple[str, ...]]]:
    [row] = [row for row in rows(here) if row.name == name]
    return {run.kind: (run.session, run.arguments) for run in runs(row, here)}


def test_runs_with_the_newest_libraries() -> None:
    assert run_of("2.20", ("3.8", "3.9", "3.12", "3.13")) == {
        "integration": ("integration-2.20", ("--python", "3.13")),
        "units": ("units-everywhere-2.20", ()),
        "old-target": ("integration-2.20", ("--python", "3.9", "context/target/")),
        "sanity": ("sanity-2.20", ()),
    }


def test_runs_with_the_oldest_libraries() -> None:
    assert run_of("2.21 oldest libraries", MANY) == {
        "integration": ("integration-2.21", ("--python", "3.14")),
        "units": ("units-everywhere-2.21", ()),
    }


def test_no_target_is_tested_twice_with_the_same_python() -> None:
    assert set(run_of("2.19", ("3.11",))) == {"integration", "units", "sanity"}


def test_runs_have_names_of_their_own() -> None:
    names = [run.name for row in rows(MANY) for run in runs(row, MANY)]
    assert len(names) == len(set(names)) == 4 * 4 + 2 * 2


def test_a_session_does_not_run_beside_itself() -> None:
    first, same, other = Check("a", "one", {}), Check("b", "one", {}), Check("c", "two", {})
    assert next_of([same, other], [first]) is other
    assert next_of([same], [first]) is None
    assert next_of([same, other], []) is same


def amazon_aws(folder: Path, boto3: str, botocore: str) -> Path:
    file = folder / "plugins" / "module_utils" / "botocore.py"
    file.parent.mkdir(parents=True)
    file.write_text(f'MINIMUM_BOTOCORE_VERSION = "{botocore}"\nMINIMUM_BOTO3_VERSION = "{boto3}"\n', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [(("1.28.0", "1.31.0"), ("1.35.0", "1.35.0")), (("1.40.2", "1.100.0"), ("1.40.2", "1.100.0"))],
)
def test_oldest_libraries_are_those_that_both_support(
    tmp_path: Path, theirs: tuple[str, str], expected: tuple[str, str]
) -> None:
    boto3, botocore = expected
    assert oldest_libraries(amazon_aws(tmp_path, *theirs)) == {"boto3": boto3, "botocore": botocore}


def test_oldest_libraries_are_not_guessed(tmp_path: Path) -> None:
    folder = amazon_aws(tmp_path, "1.35.0", "unknown")
    with pytest.raises(Failed, match="MINIMUM_BOTOCORE_VERSION"):
        oldest_libraries(folder)


@pytest.mark.parametrize(
    ("written", "states", "kept"),
    [
        ({"sanity 2.18": {"state": "abc", "used": {"passed": 34}}}, {"sanity": "abc"}, {"sanity 2.18": {"passed": 34}}),
        ({"sanity 2.18": {"state": "abc", "used": {"passed": 34}}}, {"sanity": "def", "units": "abc"}, {}),
        ({"sanity 2.18": {"state": "abc", "used": {"passed": 34}}}, {}, {}),
        ({"sanity 2.19": {"state": "abc", "used": {"passed": 34}}}, {"sanity": "abc"}, {}),
        (None, {"sanity": "abc"}, {}),
    ],
    ids=["the same files", "other files", "uncommitted changes", "another run", "nothing yet"],
)
def test_what_has_passed_is_kept_for_its_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: dict[str, t.Any] | None,
    states: dict[str, str],
    kept: dict[str, t.Any],
) -> None:
    monkeypatch.setattr(matrix, "RESULTS", tmp_path / "matrix.json")
    if written is not None:
        matrix.RESULTS.write_text(json.dumps(written), encoding="utf-8")
    every = runs(matrix.Row(CORES[0], "3.13"), MANY)
    assert matrix._kept(every, states) == kept


@pytest.mark.parametrize(
    ("file", "other"),
    [
        ("plugins/modules/stack_instance_info.py", {"integration", "units", "old-target", "sanity"}),
        ("tests/unit/conftest.py", {"integration", "units", "old-target", "sanity"}),
        ("tests/devtools/pythons.py", {"integration", "units", "old-target", "sanity"}),
        ("tests/fault_matrix/faults.yml", {"integration", "old-target", "sanity"}),
    ],
)
def test_another_content_of_a_file_is_another_state_for_those_that_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, other: set[str]
) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    def commit(content: str) -> dict[str, str]:
        path.write_text(content, encoding="utf-8")
        git("add", ".")
        git("commit", "-m", content)
        return matrix._states()

    monkeypatch.setattr(matrix, "ROOT", tmp_path)
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    git("init")
    before = commit("one")
    after = commit("two")
    assert {kind for kind in before if before[kind] != after[kind]} == other
    assert commit("one") == before
    path.write_text("not committed", encoding="utf-8")
    assert matrix._states() == {}


def test_the_oldest_libraries_come_first_of_each_kind() -> None:
    every = [run for row in rows(MANY) for run in runs(row, MANY)]
    ordered = [run.name for run in matrix.in_order(every)]
    assert ordered[:3] == ["integration 2.18 oldest libraries", "integration 2.21 oldest libraries", "integration 2.18"]
    assert ordered[-1] == "sanity 2.21"


def test_an_unknown_core_is_refused() -> None:
    with pytest.raises(Failed, match=r"2\.17"):
        matrix.run_matrix(["2.17"], 1, write_docs=False)


def test_only_a_whole_matrix_goes_into_the_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "pythons", lambda: dict.fromkeys(MANY, Path("python")))
    with pytest.raises(Failed, match="whole"):
        matrix.run_matrix([CORES[-1].version], 1, write_docs=True)


def test_uncommitted_changes_do_not_go_into_the_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "pythons", lambda: dict.fromkeys(MANY, Path("python")))
    monkeypatch.setattr(matrix, "_states", dict)
    with pytest.raises(Failed, match="uncommitted"):
        matrix.run_matrix([], 1, write_docs=True)


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Runs that pass at once and use nothing; the names of those that were started."""
    started: list[str] = []

    def run_checks(checks: list[Check], jobs: int, on_pass: t.Callable[[Check], None]) -> None:
        for check in checks:
            started.append(check.name)
            python = {"version": "3.11.7", "libraries": {}, "unit_tests": 1}
            used = {"ansible_core": "2.18.19", "amazon_aws": "9.5.2", "pythons": [python], "passed": 1, "targets": []}
            report = matrix._report(check.name)
            report.parent.mkdir(exist_ok=True)
            report.write_text(json.dumps(used), encoding="utf-8")
            on_pass(check)
            if len(started) == 3:
                raise KeyboardInterrupt

    for name, value in {
        "DEV": tmp_path,
        "RESULTS": tmp_path / "matrix.json",
        "pythons": lambda: dict.fromkeys(MANY, Path("python")),
        "set_up": lambda cores: None,
        "alone": contextlib.nullcontext,
        "_states": lambda: dict.fromkeys(matrix.KINDS, "these files"),
        "_check": lambda run: Check(run.name, run.session, {}),
        "run_checks": run_checks,
    }.items():
        monkeypatch.setattr(matrix, name, value)
    return started


def test_an_interrupted_matrix_goes_on(finished: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        matrix.run_matrix(["2.18"], 1, write_docs=False)
    assert "not passed" in capsys.readouterr().out
    matrix.run_matrix(["2.18"], 1, write_docs=False)
    told = capsys.readouterr().out
    assert len(finished) == len(set(finished)) == 6
    assert told.count("passed before") == 3
    assert "not passed" not in told
