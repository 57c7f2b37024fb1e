# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the contestants of a trial in alternating order, and compare them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import OtherLoad
from benchmarks.workspace import Workspace

USAGE = Path(__file__).with_name("usage.py")

Sample = t.Dict[str, float]
"""The figures of one run: ``wall`` and ``cpu`` in seconds, ``peak`` memory in bytes, ``requests``, and those that the
contestant prints, which take precedence. ``waiting`` is requests x latency, the minimum for sequential requests."""


class BenchmarkError(Exception):
    """An invalid measurement. The message describes the problem."""


@dataclass(frozen=True)
class Contestant:
    """A program that performs a job."""

    name: str
    command: t.Sequence[str]
    environment: t.Mapping[str, str] = field(default_factory=dict)
    parse: t.Callable[[str], Sample] = lambda _output: {}
    """Returns figures from its standard output."""
    expects: t.Mapping[str, float] = field(default_factory=dict)
    """Figures that prove that the job is complete."""
    expects_warm: t.Mapping[str, float] = field(default_factory=dict)
    """Further figures, for all runs but the first."""


@dataclass(frozen=True)
class Target:
    """The target of a ratio."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met_by(self, ratio: float) -> bool:
        """Return whether a ratio meets the target."""
        return (self.at_most is None or ratio <= self.at_most) and (self.at_least is None or ratio >= self.at_least)

    def __str__(self) -> str:
        """Return the target for the table."""
        if self.at_least is not None:
            return f"at least {self.at_least:g} × faster"
        return f"at most {self.at_most:g} ×" if self.at_most is not None else ""


@dataclass(frozen=True)
class Row:
    """A comparison of a figure of two contestants in the same round."""

    name: str
    what: str
    """Description for the table."""
    ours: tuple[str, str]
    """A contestant and the name of a figure."""
    peer: tuple[str, str]
    target: Target = field(default_factory=Target)
    per: tuple[float, float] = (1, 1)
    """Divisors, if the sizes of the jobs differ."""


@dataclass(frozen=True)
class Trial:
    """Contestants that run in turn, and their comparisons."""

    name: str
    contestants: t.Sequence[Contestant]
    rows: t.Sequence[Row]
    products: t.Sequence[t.Mapping[str, t.Any]] = ()
    """Products in the form of a fleet file."""
    latency: float = 0
    """Minimum duration of each request in seconds."""
    prepare: t.Callable[[], None] = lambda: None


Results = t.Dict[str, t.Any]


def run(workspace: Workspace, trial: Trial, rounds: int, log: t.Callable[[str], None]) -> Results:
    """Run all contestants once without measuring, then in rounds, and return the results in a form for JSON.

    Every other round runs in reverse order, so that a drift affects all contestants.

    Raises:
        BenchmarkError: A contestant failed or did not complete its job.
    """
    workspace.load(trial.products)
    trial.prepare()
    workspace.replay.latency = 0
    for contestant in trial.contestants:
        log(f"{trial.name}, {contestant.name}: first run, not measured")
        _once(workspace, contestant, contestant.expects)
    workspace.replay.latency = trial.latency
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in trial.contestants}
    others = OtherLoad()
    for number in range(rounds):
        for contestant in trial.contestants if number % 2 == 0 else reversed(trial.contestants):
            sample = _once(workspace, contestant, {**contestant.expects, **contestant.expects_warm})
            if sample.pop("recorded"):
                raise BenchmarkError(
                    f"{contestant.name} sent a request that was not recorded: the mock endpoint was measured."
                )
            samples[contestant.name].append(sample)
            took = f"{sample['wall']:.3f} s, {sample['cpu']:.3f} s of CPU"
            log(f"{trial.name} {number + 1}/{rounds}, {contestant.name}: {took}")
    return {
        "name": trial.name,
        "latency": trial.latency,
        "cpus_used_by_others": round(others.cpus(), 2),
        "samples": samples,
        "rows": [_compare(row, samples) for row in trial.rows],
    }


def _once(workspace: Workspace, contestant: Contestant, expects: t.Mapping[str, float]) -> Sample:
    requests, recorded = workspace.replay.requests, workspace.replay.recorded
    usage = workspace.scratch / "usage.json"
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.run(
            [sys.executable, "-S", str(USAGE), str(usage), *contestant.command],
            cwd=workspace.scratch,
            env=workspace.environment(**contestant.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            check=False,
        )
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            output_end = f"{errors.read()}{output.read()}"[-3000:]
            raise BenchmarkError(f"{contestant.name} failed with exit code {process.returncode}:\n{output_end}")
        figures = contestant.parse(output.read())
    requested = workspace.replay.requests - requests
    sample: Sample = {
        **json.loads(usage.read_text(encoding="utf-8")),
        "requests": requested,
        "waiting": requested * workspace.replay.latency,
        "recorded": workspace.replay.recorded - recorded,
        **figures,
    }
    for name, value in expects.items():
        if sample.get(name) != value:
            raise BenchmarkError(f"{contestant.name} must have {value:g} {name}, not {sample.get(name)}.")
    return sample


def _compare(row: Row, samples: t.Mapping[str, list[Sample]]) -> Results:
    """Return the median, minimum and maximum of the ratios of each round."""
    ours = [sample[row.ours[1]] / row.per[0] for sample in samples[row.ours[0]]]
    peer = [sample[row.peer[1]] / row.per[1] for sample in samples[row.peer[0]]]
    faster = row.target.at_least is not None
    ratios = [theirs / mine if faster else mine / theirs for mine, theirs in zip(ours, peer)]
    ratio = statistics.median(ratios)
    return {
        "name": row.name,
        "what": row.what,
        "measure": row.ours[1],
        "ours": statistics.median(ours),
        "peer": statistics.median(peer),
        "ratio": ratio,
        "lowest": min(ratios),
        "highest": max(ratios),
        "target": str(row.target),
        "met": row.target.is_met_by(ratio),
    }
