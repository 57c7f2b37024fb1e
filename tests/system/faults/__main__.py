# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the fault matrix: C(python -m fault_matrix), in Ansible's environment, in the folder C(tests/)."""

from __future__ import annotations

import argparse
import sys
import tempfile
import typing as t
from pathlib import Path

from faults.cases import PLUGINS, Case, cases, faults
from faults.laboratory import Laboratory
from faults.verdict import TOLD_BY, complaint


def arguments() -> argparse.Namespace:
    """What was given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m fault_matrix", description="Try every fault with every plugin.")
    parser.add_argument("--mock-python", required=True, help="the Python that has what the mock endpoint needs")
    parser.add_argument("--module-python", default=sys.executable, help="the Python that modules run on")
    parser.add_argument("--only", default="", metavar="WORDS", help="only faults in whose description these words are")
    parser.add_argument("--plugin", action="append", choices=PLUGINS, help="only this plugin")
    return parser.parse_args()


def main() -> None:
    """Run them all, and fail if one has not come out as it must."""
    given = arguments()
    plugins = given.plugin or list(PLUGINS)
    wanted = cases(fault for fault in faults() if given.only in fault.what)
    with tempfile.TemporaryDirectory(prefix="fault_matrix.") as folder:
        with Laboratory(Path(folder), given.mock_python, given.module_python) as laboratory:
            laboratory.prepare(wanted, plugins)
            for process in [laboratory.start(plugin, wanted) for plugin in plugins]:
                process.wait()
        wrong = [complaint for plugin in plugins for complaint in complaints(laboratory, plugin, wanted)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(wanted)} cases came out as they must, with {len(plugins)} plugins each.")


def complaints(laboratory: Laboratory, plugin: str, wanted: list[Case]) -> t.Iterator[str]:
    """What is wrong with that which a plugin has made of the cases, each with the fault's description."""
    log = laboratory.log(plugin)
    if "Traceback" in log:
        yield f"{plugin}: a traceback was shown\n{log}"
    results = laboratory.results(plugin)
    if results is None:
        yield f"{plugin}: no results were kept\n{log}"
        return
    for case in wanted:
        wrong = complaint(case, plugin, TOLD_BY[plugin](results[str(case.number)]))
        if wrong:
            yield f"{plugin}, {case.name}: {wrong}"


if __name__ == "__main__":
    main()
