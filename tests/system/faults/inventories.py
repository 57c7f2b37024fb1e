# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read inventories with Ansible's own manager: C(python -m fault_matrix.inventories FOLDER RESULTS), in Ansible's
environment.

RESULTS becomes a JSON object: the name of each file in FOLDER without its endings → C({"rows", "error"}).
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import sys
import typing as t
from pathlib import Path

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.display import Display

from faults.cases import INVENTORY_SUFFIX

PROCESSES = 6


def read(path: Path) -> tuple[str, dict[str, t.Any]]:
    """What one inventory file has become: the variables of its hosts in order, or what was said in place of them."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        inventory = InventoryManager(loader=DataLoader(), sources=[str(path)])
        hosts = sorted(inventory.get_hosts(), key=lambda host: host.name)
    rows = [row for host in hosts for row in host.vars["stack_instances"]]
    # Since ansible-core 2.19 a warning has details below its sentence, that and where it comes from once more.
    errors = [line.strip() for line in said.getvalue().splitlines() if _is_error(line.strip())]
    return path.name[: -len(INVENTORY_SUFFIX)], {"rows": rows, "error": "\n".join(errors) or None}


def _is_error(line: str) -> bool:
    return "Traceback" in line or ("Failed to parse" in line and not line.endswith("plugin."))


def main() -> None:
    """Read them all, some at a time."""
    folder, results = map(Path, sys.argv[1:])
    init_plugin_loader()
    # A warning is broken into lines where the screen ends.
    Display().columns = 1_000_000  # type: ignore[assignment]  # Ansible's types say None
    files = sorted(folder.glob(f"*{INVENTORY_SUFFIX}"), key=lambda file: int(file.name.partition(".")[0]))
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        results.write_text(json.dumps(dict(pool.imap_unordered(read, files))), encoding="utf-8")


if __name__ == "__main__":
    main()
