# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measurement and comparison, with contestants that return scripted figures."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest

from benchmarks import measure, report
from benchmarks.measure import BenchmarkError, Contestant, Row, Target, Trial
from benchmarks.workspace import Workspace
from docs.tables.page import with_section

MARKS = ".. The tests write figures from here\n.. The tests write figures up to here\n"


class StubReplay:
    latency = 0.0
    requests = 0
    recorded = 0


class StubWorkspace:
    """A workspace without an endpoint."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.replay = StubReplay()

    def load(self, products: t.Any) -> None:
        pass

    def environment(self, **more: str) -> dict[str, str]:
        return more


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return t.cast(Workspace, StubWorkspace(tmp_path))


def contestant(
    workspace: Workspace, name: str, took: list[float], expects: t.Mapping[str, float] | None = None
) -> Contestant:
    """Return a contestant with the given durations of each run; the first run is not measured."""
    left = iter(took)

    def parse(output: str) -> measure.Sample:
        with (workspace.scratch / "order").open("a", encoding="utf-8") as order:
            order.write(output)
        return {"wall": next(left)}

    return Contestant(name, [sys.executable, "-c", f"print({name!r}, end=' ')"], parse=parse, expects=expects or {})


def run(workspace: Workspace, trial: Trial, rounds: int) -> measure.Results:
    return measure.run(workspace, trial, rounds, lambda _line: None)


def test_median_of_ratios(workspace: Workspace) -> None:
    trial = Trial(
        "t",
        [contestant(workspace, "a", [99, 1, 2, 9]), contestant(workspace, "b", [99, 2, 2, 3])],
        [
            Row("slower", "a against b", ("a", "wall"), ("b", "wall"), Target(at_most=1)),
            Row("faster", "b against a", ("b", "wall"), ("a", "wall"), Target(at_least=1.5)),
            Row("each", "a against b, each", ("a", "wall"), ("b", "wall"), per=(1, 2)),
        ],
    )
    results = run(workspace, trial, 3)
    slower, faster, each = results["rows"]
    assert (slower["lowest"], slower["ratio"], slower["highest"], slower["met"]) == (0.5, 1, 3, True)
    assert (faster["ratio"], faster["met"]) == (1, False)
    assert (each["ours"], each["peer"], each["ratio"]) == (2, 1, 2)
    assert (workspace.scratch / "order").read_text(encoding="utf-8") == "a b a b b a a b "
    assert json.loads(json.dumps(results)) == results


def test_incomplete_job_is_an_error(workspace: Workspace) -> None:
    trial = Trial("t", [contestant(workspace, "a", [1, 1], {"instances": 40})], [])
    with pytest.raises(BenchmarkError, match="a must have 40 instances, not None"):
        run(workspace, trial, 1)


def test_expectations_of_warm_runs(workspace: Workspace) -> None:
    cold = Contestant("a", [sys.executable, "-c", ""], expects={"requests": 0}, expects_warm={"instances": 1})
    with pytest.raises(BenchmarkError, match="a must have 1 instances"):
        run(workspace, Trial("t", [cold], []), 1)
    assert run(workspace, Trial("t", [cold], []), 0)["samples"] == {"a": []}


def test_memory_excludes_the_parent(workspace: Workspace) -> None:
    large = bytearray(b"x") * 2**28
    idle = Contestant("a", [sys.executable, "-c", ""])
    [sample] = run(workspace, Trial("t", [idle], []), 1)["samples"]["a"]
    assert 2**20 < sample["peak"] < len(large) / 2


def test_failing_contestant(workspace: Workspace) -> None:
    failing = Contestant("a", [sys.executable, "-c", "import sys; sys.exit('no such product')"])
    with pytest.raises(BenchmarkError, match="exit code 1:\nno such product"):
        run(workspace, Trial("t", [failing], []), 1)


def test_table_is_written_to_the_page(workspace: Workspace, tmp_path: Path) -> None:
    trial = Trial("t", [contestant(workspace, "a", [2, 2])], [Row("r", "a against a", ("a", "wall"), ("a", "wall"))])
    results = {
        "date": "2026-01-01",
        "rounds": 1,
        "load_average": 0.0,
        "machine": {"cpu": "A", "cpus": 2, "memory_gib": 4, "system": "Linux 6"},
        "versions": {"boto3": "1"},
        "trials": [{**run(workspace, trial, 1), "cpus_used_by_others": 0.0}],
    }
    page = tmp_path / "page.rst"
    page.write_text(with_section(MARKS, "figures", "old"), encoding="utf-8")
    report.write_docs(results, page)
    text = page.read_text(encoding="utf-8")
    assert "old" not in text and text.count("a against a") == 1
    assert "busy" not in text
