# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup with a warm cache, where Ansible evaluates it again for each host."""

from __future__ import annotations

import json
import typing as t

from benchmarks.lab import Lab
from benchmarks.measure import Contestant, Row, Sample, Target, Trial
from benchmarks.trials import fleet

FORKS = 20
LOOKUP = "{{ query('stackfleet.servicecatalog.stack_instances', '%s', cache=true) }}"


def trials(lab: Lab, scale: float) -> list[Trial]:
    """One template with the lookup, and with what it gives as a constant."""
    hosts = max(2, int(100 * scale))
    accounts, regions = 40, 6
    constant = [
        {"account": str(200_000_000_000 + number), "region": region, "stack_instance_status": "CURRENT"}
        for number in range(accounts)
        for region in fleet.REGIONS[:regions]
    ]

    def contestant(name: str, rows: t.Any) -> Contestant:
        folder = lab.scratch / name
        folder.mkdir(exist_ok=True)
        variables = {"rows": rows, "folder": str(folder), "ansible_connection": "local"}
        file = lab.scratch / f"{name}.json"
        file.write_text(json.dumps(variables), encoding="utf-8")

        def lines(_output: str) -> Sample:
            """How many there are in all files, which then go."""
            written = list(folder.glob("*.txt"))
            count = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in written)
            for done in written:
                done.unlink()
            return {"lines": count}

        inventory = ",".join(f"host{number}" for number in range(hosts))
        command = lab.playbook("template.yml", "-i", f"{inventory},", "-f", str(FORKS), "-e", f"@{file}")
        expects = {"lines": hosts * len(constant)}
        return Contestant(name, command, tell=lines, expects=expects, expects_warm={"requests": 0})

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
