# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup with a warm cache, which Ansible evaluates for each host."""

from __future__ import annotations

import json
import typing as t

from benchmarks.measure import Contestant, Row, Sample, Target, Trial
from benchmarks.trials import fleet
from benchmarks.workspace import Workspace

FORKS = 20
LOOKUP = "{{ query('stackfleet.servicecatalog.stack_instances', '%s', cache=true) }}"


def trials(workspace: Workspace, scale: float) -> list[Trial]:
    """Return a trial of a template with the lookup, compared with a constant."""
    hosts = max(2, int(100 * scale))
    accounts, regions = 40, 6
    constant = [
        {"account": str(200_000_000_000 + number), "region": region, "stack_instance_status": "CURRENT"}
        for number in range(accounts)
        for region in fleet.REGIONS[:regions]
    ]

    def contestant(name: str, rows: t.Any) -> Contestant:
        folder = workspace.scratch / name
        folder.mkdir(exist_ok=True)
        variables = {"rows": rows, "folder": str(folder), "ansible_connection": "local"}
        file = workspace.scratch / f"{name}.json"
        file.write_text(json.dumps(variables), encoding="utf-8")

        def lines(_output: str) -> Sample:
            """Return the number of lines in all files, and delete the files."""
            written = list(folder.glob("*.txt"))
            count = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in written)
            for file in written:
                file.unlink()
            return {"lines": count}

        inventory = ",".join(f"host{number}" for number in range(hosts))
        command = workspace.playbook("template.yml", "-i", f"{inventory},", "-f", str(FORKS), "-e", f"@{file}")
        expects = {"lines": hosts * len(constant)}
        return Contestant(name, command, parse=lines, expects=expects, expects_warm={"requests": 0})

    return [
        Trial(
            "lookup",
            [contestant("lookup", LOOKUP % fleet.PRODUCT), contestant("constant", constant)],
            [
                Row(
                    "lookup",
                    f"a template with the lookup on {hosts} hosts with {FORKS} forks, its cache warm, against the same"
                    " template with a constant",
                    ("lookup", "wall"),
                    ("constant", "wall"),
                    Target(at_most=1.15),
                ),
                Row("lookup-cpu", "the same: CPU", ("lookup", "cpu"), ("constant", "cpu")),
            ],
            products=[fleet.product(accounts, regions)],
        )
    ]
