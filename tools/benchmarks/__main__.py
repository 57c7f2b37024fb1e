# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the benchmark: C(python -m benchmarks), or C(python3 dev.py bench) at the root, which prepares what it needs."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import typing as t
from datetime import datetime, timezone
from pathlib import Path

from benchmarks import measure, plot, report
from benchmarks.lab import Lab
from benchmarks.machine import machine, versions
from benchmarks.replay import Replay
from benchmarks.trials import trials
from mock_endpoint.process import MockEndpoint

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "docsite" / "rst"
QUICK_SCALE = 0.05


def arguments() -> argparse.Namespace:
    """What was given on the command line."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure the collection against its peers.")
    parser.add_argument("--list", action="store_true", help="name the trials and their rows, and end")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this trial, or the trial of this row")
    parser.add_argument("--quick", action="store_true", help="small fleets, one round: no figures")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant runs (5)")
    parser.add_argument("--json", type=Path, default=ROOT / ".dev" / "benchmark.json", help="where the results go")
    parser.add_argument("--from-json", type=Path, help="measure nothing, take these results")
    parser.add_argument("--write-docs", action="store_true", help="put the results into the documentation")
    parser.add_argument(
        "--mock-python", default=sys.executable, help="the Python that has what the mock endpoint needs"
    )
    parser.add_argument("--collections", type=Path, required=True, help="a folder for ANSIBLE_COLLECTIONS_PATH")
    given = parser.parse_args()
    if given.rounds < 5 and not given.quick:
        parser.error("a median is made of 5 rounds at least; --quick takes one")
    if given.write_docs and (given.quick or given.only):
        parser.error("only a whole benchmark that is not quick goes into the documentation")
    return given


def main() -> None:
    """Let no traceback tell what a sentence can."""
    try:
        benchmark(arguments())
    except measure.BenchmarkError as e:
        sys.exit(str(e))


def benchmark(given: argparse.Namespace) -> None:
    """Measure, tell, write. Raises BenchmarkError."""
    results = json.loads(given.from_json.read_text(encoding="utf-8")) if given.from_json else measured(given)
    if given.list:
        return
    for trial in results["trials"]:
        for row in trial["rows"]:
            say(report.line(row))
    say(report.busy(results) or "Nobody else used the machine.")
    if results["quick"]:
        say("This was quick: it shows that all of it runs, and the figures mean nothing.")
    if given.write_docs:
        publish(results)


def measured(given: argparse.Namespace) -> measure.Results:
    """The results of all trials that were asked for; of none if only their names were.

    They are written down after each trial, as the next may fail, and all of them take long. Raises BenchmarkError.
    """
    rounds = 1 if given.quick else given.rounds
    results: measure.Results = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "quick": given.quick,
        "complete": False,
        "rounds": rounds,
        "load_average": os.getloadavg()[0],
        "machine": machine(),
        "versions": versions(given.collections / "ansible_collections"),
        "trials": [],
    }
    with contextlib.ExitStack() as stack:
        mock = stack.enter_context(MockEndpoint(given.mock_python))
        replay = stack.enter_context(Replay(mock.url))
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
        lab = Lab(mock, replay, given.collections, Path(scratch))
        for trial in choose(trials(lab, QUICK_SCALE if given.quick else 1), given.only):
            if given.list:
                say(f"{trial.name}: {', '.join(row.name for row in trial.rows)}")
                continue
            results["trials"].append(measure.run(lab, trial, rounds, say))
            write(results, given.json)
    if not given.list:
        results["complete"] = not given.only
        write(results, given.json)
    return results


def write(results: measure.Results, file: Path) -> None:
    """As JSON."""
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def say(line: str) -> None:
    """To whoever waits."""
    print(line, flush=True)


def choose(every: t.Sequence[measure.Trial], names: t.Sequence[str] | None) -> list[measure.Trial]:
    """The trials of these names, or with rows of these names. Raises BenchmarkError for one that there is not."""
    if not names:
        return list(every)
    known = {trial.name: {trial.name, *(row.name for row in trial.rows)} for trial in every}
    if unknown := set(names) - set().union(*known.values()):
        raise measure.BenchmarkError(f"There is no {', '.join(sorted(unknown))}; --list names what there is.")
    return [trial for trial in every if known[trial.name] & set(names)]


def publish(results: measure.Results) -> None:
    """Into the documentation: table and plot. Raises BenchmarkError for results that are none for others."""
    if results["quick"] or not results["complete"]:
        raise measure.BenchmarkError("Only a whole benchmark that was not quick goes into the documentation.")
    [growth] = [trial for trial in results["trials"] if trial["name"] == "growth"]
    report.write_docs(results, DOCS / "guide_performance.rst")
    plot.draw(growth, DOCS / "performance.svg")
    say(f"{DOCS / 'guide_performance.rst'} and performance.svg are new: look at them, and commit them.")


if __name__ == "__main__":
    main()
