# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the plugins of the controller as Ansible does: ``python -m faults.controller PLUGIN CASES RESULTS``.

CASES is a JSON file with the arguments of each case by its number: those of the lookup, or the path of an inventory
file. RESULTS becomes a JSON file with ``{"rows", "error"}`` by number.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import sys
import typing as t
from pathlib import Path

# The processes of the pool inherit what is imported here.
import boto3  # noqa: F401
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.utils.display import Display

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18, where every string is a template that is not marked otherwise

    def trust_as_template(value: str) -> str:  # type: ignore[misc]
        """Return the template."""
        return value


PROCESSES = 6
QUERY = "{{ query('stackfleet.servicecatalog.stack_instances', product, **options) }}"

Parsed = t.Dict[str, t.Any]


def parse(path: str) -> Parsed:
    """Return the rows of the sorted hosts of an inventory file, or the error."""
    output = io.StringIO()
    with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
        inventory = InventoryManager(loader=DataLoader(), sources=[path])
        hosts = sorted(inventory.get_hosts(), key=lambda host: host.name)
    rows = [row for host in hosts for row in host.vars["stack_instances"]]
    # Since ansible-core 2.19, a warning repeats its message with its origin on further lines.
    errors = [line.strip() for line in output.getvalue().splitlines() if _is_error(line.strip())]
    return {"rows": rows, "error": "\n".join(errors) or None}


def look_up(variables: dict[str, t.Any]) -> Parsed:
    """Return the stack instances of the lookup in a template, or the error."""
    try:
        rows = Templar(loader=DataLoader(), variables=variables).template(trust_as_template(QUERY))
    except AnsibleError as e:
        return {"rows": [], "error": str(e)}
    return {"rows": rows, "error": None}


def _is_error(line: str) -> bool:
    return "Traceback" in line or ("Failed to parse" in line and not line.endswith("plugin."))


def main() -> None:
    """Run all cases, several at a time."""
    plugin, cases, results = sys.argv[1:]
    init_plugin_loader()
    # Display wraps warnings at this width.
    Display().columns = 1_000_000  # type: ignore[assignment]  # Ansible declares None
    arguments = json.loads(Path(cases).read_text(encoding="utf-8"))
    run = {"inventory": parse, "lookup": look_up}[plugin]
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        found = dict(zip(arguments, pool.imap(run, arguments.values())))
    Path(results).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
