# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the contestants of a trial, in pairs and in alternating order, and comparing them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.lab import Lab
from benchmarks.machine import Others

USAGE = Path(__file__).with_name("usage.py")

Sample = t.Dict[str, float]
"""What one run of a contestant took: C(wall) and C(cpu) in seconds, C(peak) memory in bytes, C(requests), and what it
told of itself, which goes first. C(waiting) is requests x latency: what nobody who asks one after another can save."""


class BenchmarkError(Exception):
    """A run that measures something else than it claims to; the text says what."""


@dataclass(frozen=True)
class Contestant:
    """A program that does a job."""

    name: str
    command: t.Sequence[str]
    environment: t.Mapping[str, str] = field(default_factory=dict)
    tell: t.Callable[[str], Sample] = lambda _output: {}
    """Makes figures of its standard output."""
    expects: t.Mapping[str, float] = field(default_factory=dict)
    """Figures that show that it has done all of its job."""
    expects_warm: t.Mapping[str, float] = field(default_factory=dict)
    """More of them, for all runs but the first."""


@dataclass(frozen=True)
class Target:
    """What a ratio must reach."""

    at_most: float | None = None
    at_least: float | None = None

    def is_met_by(self, ratio: float) -> bool:
        """Whether O(ratio) is good enough."""
        return (self.at_most is None or ratio <= self.at_most) and (self.at_least is None or ratio >= self.at_least)

    def __str__(self) -> str:
        """For people."""
        if self.at_least is not None:
            return f"at least {self.at_least:g} × faster"
        return f"at most {self.at_most:g} ×" if self.at_most is not None else ""


@dataclass(frozen=True)
class Row:
    """A comparison: one figure of a contestant with one of another, in the same round."""

    name: str
    what: str
    """For people, as C(what against what)."""
    ours: tuple[str, str]
    """A contestant and the name of one of its figures."""
    peer: tuple[str, str]
    target: Target = field(default_factory=Target)
    per: tuple[float, float] = (1, 1)
    """What to divide each by, where the jobs are of different sizes."""


@dataclass(frozen=True)
class Trial:
    """Contestants that run in turn, and what is compared of them."""

    name: str
    contestants: t.Sequence[Contestant]
    rows: t.Sequence[Row]
    products: t.Sequence[t.Mapping[str, t.Any]] = ()
    """What the mock endpoint shall hold, in its own form."""
    latency: float = 0
    """Of each request, in seconds."""
    prepare: t.Callable[[], None] = lambda: None


Results = t.Dict[str, t.Any]


def run(lab: Lab, trial: Trial, rounds: int, say: t.Callable[[str], None]) -> Results:
    """Let all contestants run O(rounds) times, after once that does not count; what that gave, ready for JSON.

    Every other round goes through them backwards, so that whatever drifts meets all of them. Raises BenchmarkError.
    """
    lab.hold(trial.products)
    trial.prepare()
    lab.replay.latency = 0
    for contestant in trial.contestants:
        say(f"{trial.name}, {contestant.name}: first run, which does not count")
        _once(lab, contestant, contestant.expects)
    lab.replay.latency = trial.latency
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in trial.contestants}
    others = Others()
    for number in range(rounds):
        for contestant in trial.contestants if number % 2 == 0 else reversed(trial.contestants):
            sample = _once(lab, contestant, {**contestant.expects, **contestant.expects_warm})
            if sample.pop("recorded"):
                raise BenchmarkError(f"{contestant.name} asked what it had not asked before: the mock was measured.")
            samples[contestant.name].append(sample)
            took = f"{sample['wall']:.3f} s, {sample['cpu']:.3f} s of CPU"
            say(f"{trial.name} {number + 1}/{rounds}, {contestant.name}: {took}")
    return {
        "name": trial.name,
        "latency": trial.latency,
        "cpus_used_by_others": round(others.cpus(), 2),
        "samples": samples,
        "rows": [_compare(row, samples) for row in trial.rows],
    }


def _once(lab: Lab, contestant: Contestant, expects: t.Mapping[str, float]) -> Sample:
    requests, recorded = lab.replay.requests, lab.replay.recorded
    usage = lab.scratch / "usage.json"
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.run(
            [sys.executable, "-S", str(USAGE), str(usage), *contestant.command],
            cwd=lab.scratch,
            env=lab.environment(**contestant.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            check=False,
        )
        for file in (output, errors):
            file.seek(0)
        if process.returncode:
            told = f"{errors.read()}{output.read()}"[-3000:]
            raise BenchmarkError(f"{contestant.name} ended with exit code {process.returncode}:\n{told}")
        figures = contestant.tell(output.read())
    asked = lab.replay.requests - requests
    sample: Sample = {
        **json.loads(usage.read_text(encoding="utf-8")),
        "requests": asked,
        "waiting": asked * lab.replay.latency,
        "recorded": lab.replay.recorded - recorded,
        **figures,
    }
    for name, value in expects.items():
        if sample.get(name) != value:
            raise BenchmarkError(f"{contestant.name} should have {value:g} {name}, not {sample.get(name)}.")
    return sample


def _compare(row: Row, samples: t.Mapping[str, list[Sample]]) -> Results:
    """The median of the ratios of each round, and the least and the greatest of them."""
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
