# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the benchmarks: ``python3 dev.py bench``, which starts ``python -m benchmarks`` in its environment."""

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
from benchmarks.machine import machine, versions
from benchmarks.replay import Replay
from benchmarks.trials import trials
from benchmarks.workspace import Workspace
from mock_endpoint.process import MockEndpoint

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "docsite" / "rst"
QUICK_SCALE = 0.05


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Compare the collection with other clients.")
    parser.add_argument("--list", action="store_true", help="list the trials and their rows, and exit")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="run only the trial with this name or row (repeatable)"
    )
    parser.add_argument("--quick", action="store_true", help="run one round with small fleets, without valid figures")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contestant (default: %(default)s)")
    parser.add_argument(
        "--json",
        type=Path,
        default=ROOT / ".dev" / "benchmark.json",
        help="results (default: .dev/benchmark.json)",
    )
    parser.add_argument("--from-json", type=Path, help="read results from a file instead of measuring")
    parser.add_argument("--write-docs", action="store_true", help="write the results to the documentation")
    parser.add_argument("--mock-python", default=sys.executable, help="Python that runs the mock endpoint")
    parser.add_argument("--collections", type=Path, required=True, help="folder for ANSIBLE_COLLECTIONS_PATH")
    given = parser.parse_args()
    if given.rounds < 5 and not given.quick:
        parser.error("--rounds must be at least 5; use --quick for one round")
    if given.write_docs and (given.quick or given.only):
        parser.error("--write-docs cannot be used with --quick or --only")
    return given


def main() -> None:
    """Run the benchmarks, and exit with a message if they fail."""
    try:
        benchmark(parse_arguments())
    except measure.BenchmarkError as e:
        sys.exit(str(e))


def benchmark(given: argparse.Namespace) -> None:
    """Measure, print the results and write them. Raises BenchmarkError."""
    results = json.loads(given.from_json.read_text(encoding="utf-8")) if given.from_json else measured(given)
    if given.list:
        return
    for trial in results["trials"]:
        for row in trial["rows"]:
            log(report.line(row))
    log(report.busy(results) or "The machine was idle otherwise.")
    if results["quick"]:
        log("The figures of --quick are not valid.")
    if given.write_docs:
        publish(results)


def measured(given: argparse.Namespace) -> measure.Results:
    """Run the selected trials, and write the results after each of them, since the next one can fail.

    Raises:
        BenchmarkError: A measurement is not valid.
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
        workspace = Workspace(mock, replay, given.collections, Path(scratch))
        for trial in choose(trials(workspace, QUICK_SCALE if given.quick else 1), given.only):
            if given.list:
                log(f"{trial.name}: {', '.join(row.name for row in trial.rows)}")
                continue
            results["trials"].append(measure.run(workspace, trial, rounds, log))
            write(results, given.json)
    if not given.list:
        results["complete"] = not given.only
        write(results, given.json)
    return results


def write(results: measure.Results, file: Path) -> None:
    """Write the results as JSON."""
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def log(line: str) -> None:
    """Print a line of progress."""
    print(line, flush=True)


def choose(every: t.Sequence[measure.Trial], names: t.Sequence[str] | None) -> list[measure.Trial]:
    """Return the trials with these names or with rows of these names. Raises BenchmarkError for unknown names."""
    if not names:
        return list(every)
    known = {trial.name: {trial.name, *(row.name for row in trial.rows)} for trial in every}
    if unknown := set(names) - set().union(*known.values()):
        raise measure.BenchmarkError(f"Unknown trials or rows: {', '.join(sorted(unknown))}. Use --list to show all.")
    return [trial for trial in every if known[trial.name] & set(names)]


def publish(results: measure.Results) -> None:
    """Write table and plot to the documentation. Raises BenchmarkError if the results are not complete."""
    if results["quick"] or not results["complete"]:
        raise measure.BenchmarkError("The documentation requires results of all trials without --quick.")
    [growth] = [trial for trial in results["trials"] if trial["name"] == "growth"]
    report.write_docs(results, DOCS / "guide_performance.rst")
    plot.draw(growth, DOCS / "performance.svg")
    log(f"{DOCS / 'guide_performance.rst'} and performance.svg have been written. Review and commit them.")


if __name__ == "__main__":
    main()
