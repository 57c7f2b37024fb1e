# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse inventories with Ansible's inventory manager: ``python -m faults.inventories FOLDER RESULTS``.

RESULTS becomes a JSON object: the name of each file in FOLDER without its suffix, and ``{"rows", "error"}``.
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


def parse(path: Path) -> tuple[str, dict[str, t.Any]]:
    """Return the name of an inventory file, and the rows of its sorted hosts or the error."""
    output = io.StringIO()
    with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
        inventory = InventoryManager(loader=DataLoader(), sources=[str(path)])
        hosts = sorted(inventory.get_hosts(), key=lambda host: host.name)
    rows = [row for host in hosts for row in host.vars["stack_instances"]]
    # Since ansible-core 2.19, a warning repeats its message with its origin on further lines.
    errors = [line.strip() for line in output.getvalue().splitlines() if _is_error(line.strip())]
    return path.name[: -len(INVENTORY_SUFFIX)], {"rows": rows, "error": "\n".join(errors) or None}


def _is_error(line: str) -> bool:
    return "Traceback" in line or ("Failed to parse" in line and not line.endswith("plugin."))


def main() -> None:
    """Parse all inventories of the folder, several at a time."""
    folder, results = map(Path, sys.argv[1:])
    init_plugin_loader()
    # Display wraps warnings at this width.
    Display().columns = 1_000_000  # type: ignore[assignment]  # Ansible declares None
    files = sorted(folder.glob(f"*{INVENTORY_SUFFIX}"), key=lambda file: int(file.name.partition(".")[0]))
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        results.write_text(json.dumps(dict(pool.imap_unordered(parse, files))), encoding="utf-8")


if __name__ == "__main__":
    main()
