# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the plugins of the controller as Ansible does, each case in a fork: ``python -m controller CASES RESULTS``.

CASES is a JSON file with an object for each name: ``inventory`` (the path of a file) or ``lookup`` (its options), and
``environment`` (further environment variables). RESULTS becomes a JSON file with an object for each name: ``rows`` (the
stack instances), ``error`` (the message, or null) and ``output`` (all that was printed).
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import multiprocessing
import os
import sys
import typing as t
from pathlib import Path

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
QUERY = "{{ query('stackfleet.servicecatalog.stack_instances', **options) }}"
# The forks inherit what is imported before.
SHARED = "ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._connection"

Json = t.Dict[str, t.Any]


def run(case: Json) -> Json:
    """Return the result of a case."""
    os.environ.update(case.get("environment", {}))
    output = io.StringIO()
    with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
        rows, error = parse(case["inventory"], output) if "inventory" in case else look_up(case["lookup"])
    return {"rows": rows, "error": error, "output": output.getvalue()}


def parse(path: str, output: io.StringIO) -> tuple[list[Json], str | None]:
    """Return the rows of the sorted hosts of an inventory file, and the error."""
    inventory = InventoryManager(loader=DataLoader(), sources=[path])
    hosts = sorted(inventory.get_hosts(), key=lambda host: host.name)
    # Since ansible-core 2.19, a warning repeats its message with its origin on further lines.
    errors = [line.strip() for line in output.getvalue().splitlines() if _is_error(line.strip())]
    return [row for host in hosts for row in host.vars["stack_instances"]], "\n".join(errors) or None


def look_up(options: Json) -> tuple[list[Json], str | None]:
    """Return the stack instances of the lookup in a template, and the error."""
    templar = Templar(loader=DataLoader(), variables={"options": options})
    try:
        return templar.template(trust_as_template(QUERY)), None
    except AnsibleError as e:
        return [], str(e)


def _is_error(line: str) -> bool:
    return "Traceback" in line or ("Failed to parse" in line and not line.endswith("plugin."))


def main() -> None:
    """Run all cases, several at a time."""
    cases, results = map(Path, sys.argv[1:])
    init_plugin_loader()
    importlib.import_module(SHARED)
    # Display wraps warnings at this width.
    Display().columns = 1_000_000  # type: ignore[assignment]  # Ansible declares None
    named = json.loads(cases.read_text(encoding="utf-8"))
    # A process for each case, as they change the environment.
    with multiprocessing.get_context("fork").Pool(PROCESSES, maxtasksperchild=1) as pool:
        found = dict(zip(named, pool.imap(run, named.values(), chunksize=1)))
    results.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
