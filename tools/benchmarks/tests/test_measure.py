# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How figures are made: by scripted contestants, which say themselves what they took."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest

from benchmarks import measure, report
from benchmarks.lab import Lab
from benchmarks.measure import BenchmarkError, Contestant, Row, Target, Trial
from docs.tables.page import with_section

MARKS = ".. The tests write figures from here\n.. The tests write figures up to here\n"


class StubReplay:
    latency = 0.0
    requests = 0
    recorded = 0


class StubLab:
    """What a trial needs of the lab, without an endpoint."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.replay = StubReplay()

    def hold(self, products: t.Any) -> None:
        pass

    def environment(self, **more: str) -> dict[str, str]:
        return more


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return t.cast(Lab, StubLab(tmp_path))


def contestant(lab: Lab, name: str, took: list[float], expects: t.Mapping[str, float] | None = None) -> Contestant:
    """Takes what O(took) says, run by run; the first is the one that does not count."""
    left = iter(took)

    def tell(output: str) -> measure.Sample:
        with (lab.scratch / "order").open("a", encoding="utf-8") as order:
            order.write(output)
        return {"wall": next(left)}

    return Contestant(name, [sys.executable, "-c", f"print({name!r}, end=' ')"], tell=tell, expects=expects or {})


def run(lab: Lab, trial: Trial, rounds: int) -> measure.Results:
    return measure.run(lab, trial, rounds, lambda _line: None)


def test_the_median_of_the_ratios_of_each_round(lab: Lab) -> None:
    trial = Trial(
        "t",
        [contestant(lab, "a", [99, 1, 2, 9]), contestant(lab, "b", [99, 2, 2, 3])],
        [
            Row("slower", "a against b", ("a", "wall"), ("b", "wall"), Target(at_most=1)),
            Row("faster", "b against a", ("b", "wall"), ("a", "wall"), Target(at_least=1.5)),
            Row("each", "a against b, each", ("a", "wall"), ("b", "wall"), per=(1, 2)),
        ],
    )
    results = run(lab, trial, 3)
    slower, faster, each = results["rows"]
    assert (slower["lowest"], slower["ratio"], slower["highest"], slower["met"]) == (0.5, 1, 3, True)
    assert (faster["ratio"], faster["met"]) == (1, False)
    assert (each["ours"], each["peer"], each["ratio"]) == (2, 1, 2)
    assert (lab.scratch / "order").read_text(encoding="utf-8") == "a b a b b a a b "
    assert json.loads(json.dumps(results)) == results


def test_a_job_that_is_not_done_is_no_figure(lab: Lab) -> None:
    trial = Trial("t", [contestant(lab, "a", [1, 1], {"instances": 40})], [])
    with pytest.raises(BenchmarkError, match="a should have 40 instances, not None"):
        run(lab, trial, 1)


def test_what_only_later_runs_must_have(lab: Lab) -> None:
    cold = Contestant("a", [sys.executable, "-c", ""], expects={"requests": 0}, expects_warm={"instances": 1})
    with pytest.raises(BenchmarkError, match="a should have 1 instances"):
        run(lab, Trial("t", [cold], []), 1)
    assert run(lab, Trial("t", [cold], []), 0)["samples"] == {"a": []}


def test_the_memory_is_that_of_the_contestant_and_not_of_who_started_it(lab: Lab) -> None:
    large = bytearray(b"x") * 2**28
    nothing = Contestant("a", [sys.executable, "-c", ""])
    [sample] = run(lab, Trial("t", [nothing], []), 1)["samples"]["a"]
    assert 2**20 < sample["peak"] < len(large) / 2


def test_a_contestant_that_fails_says_why(lab: Lab) -> None:
    failing = Contestant("a", [sys.executable, "-c", "import sys; sys.exit('no such product')"])
    with pytest.raises(BenchmarkError, match="exit code 1:\nno such product"):
        run(lab, Trial("t", [failing], []), 1)


def test_the_table_goes_between_the_marks(lab: Lab, tmp_path: Path) -> None:
    trial = Trial("t", [contestant(lab, "a", [2, 2])], [Row("r", "a against a", ("a", "wall"), ("a", "wall"))])
    results = {
        "date": "2026-01-01",
        "rounds": 1,
        "load_average": 0.0,
        "machine": {"cpu": "A", "cpus": 2, "memory_gib": 4, "system": "Linux 6"},
        "versions": {"boto3": "1"},
        "trials": [{**run(lab, trial, 1), "cpus_used_by_others": 0.0}],
    }
    page = tmp_path / "page.rst"
    page.write_text(with_section(MARKS, "figures", "old"), encoding="utf-8")
    report.write_docs(results, page)
    text = page.read_text(encoding="utf-8")
    assert "old" not in text and text.count("a against a") == 1
    assert "busy" not in text
