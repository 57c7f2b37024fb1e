# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run each fault with each plugin: ``python -m faults``, in Ansible's environment."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from faults.cases import PLUGINS, Case, cases, faults
from faults.report import markdown
from faults.verdict import RESULT_OF, problem
from faults.workspace import Workspace

REPORT = Path(__file__).resolve().parents[3] / "tests" / "output" / "faults.md"


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m faults", description="Run each fault with each plugin.")
    parser.add_argument("--mock-python", required=True, help="Python that runs the mock endpoint")
    parser.add_argument("--module-python", default=sys.executable, help="Python that runs the modules (default: this)")
    parser.add_argument("--only", default="", metavar="PART", help="run only faults with this part in their name")
    parser.add_argument("--plugin", action="append", choices=PLUGINS, help="run only with this plugin (repeatable)")
    parser.add_argument(
        "--report", type=Path, default=REPORT, metavar="FILE", help="Markdown report (default: tests/output/faults.md)"
    )
    return parser.parse_args()


def main() -> None:
    """Run the cases, write the report, and exit with 1 if a case failed."""
    arguments = parse_arguments()
    plugins = arguments.plugin or list(PLUGINS)
    selected = cases(fault for fault in faults() if arguments.only in fault.name)
    with tempfile.TemporaryDirectory(prefix="faults.") as folder:
        with Workspace(Path(folder), arguments.mock_python, arguments.module_python) as workspace:
            workspace.prepare(selected, plugins)
            for process in [workspace.start(plugin, of_plugin(plugin, selected)) for plugin in plugins]:
                process.wait()
        problems: dict[tuple[int, str], str] = {}
        for plugin in plugins:
            problems.update(compare(workspace, plugin, of_plugin(plugin, selected)))
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(markdown(selected, plugins, problems), encoding="utf-8")
    if problems:
        sys.exit("\n".join(f"{plugin}, {selected[number].name}: {text}" for (number, plugin), text in problems.items()))
    runs = sum(len(of_plugin(plugin, selected)) for plugin in plugins)
    print(f"{len(selected)} cases had the expected result in {runs} runs of {len(plugins)} plugins")


def of_plugin(plugin: str, selected: list[Case]) -> list[Case]:
    """Return the cases that a plugin runs."""
    return [case for case in selected if plugin in case.plugins]


def compare(workspace: Workspace, plugin: str, selected: list[Case]) -> dict[tuple[int, str], str]:
    """Return the problem of each case that failed with a plugin, by the case's number."""
    log, results = workspace.log(plugin), workspace.results(plugin)
    if results is None or "Traceback" in log:
        sys.exit(f"{plugin}: the command failed or printed a traceback:\n{log}")
    found = [problem(case, plugin, RESULT_OF[plugin](results[str(case.number)])) for case in selected]
    return {(case.number, plugin): text for case, text in zip(selected, found) if text}


if __name__ == "__main__":
    main()
