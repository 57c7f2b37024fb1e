# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Split an inventory as AWX does for a sliced job, and write each part to the directory of its job.

    python cut.py EXPORTED FOLDER...

AWX orders the hosts by name, and passes every Nth of them, from the Kth on, to job K of N. The inventory of a job is a
script that prints its part, with the exported variables.
"""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path


def part_of(exported: dict[str, t.Any], hosts: list[str]) -> dict[str, t.Any]:
    groups = {name: dict(group) for name, group in exported.items() if name != "_meta"}
    for group in groups.values():
        group["hosts"] = [host for host in group.get("hosts", ()) if host in hosts]
    variables = {host: exported["_meta"]["hostvars"][host] for host in hosts}
    return {**groups, "_meta": {"hostvars": variables}}


def main() -> None:
    exported, *folders = map(Path, sys.argv[1:])
    inventory = json.loads(exported.read_text(encoding="utf-8"))
    hosts = sorted(inventory["_meta"]["hostvars"])
    for number, folder in enumerate(folders):
        script = folder / "inventory" / "hosts"
        script.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(part_of(inventory, hosts[number :: len(folders)]))
        script.write_text(f"#!{sys.executable}\nprint({text!r})\n", encoding="utf-8")
        script.chmod(0o700)


if __name__ == "__main__":
    main()
