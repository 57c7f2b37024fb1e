# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lay out folders for runs: python lay_out.py FOLDER FILES < RUNS

FOLDER/RUN is what a run reads, FOLDER/left/RUN is what it leaves, FOLDER/RUN.json is its environment.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import typing as t
from pathlib import Path

PLUGIN = {"plugin": "stackfleet.servicecatalog.stack_instances"}
ONCE = {"aws_config": {"retries": {"total_max_attempts": 1}}}
KEYS = {
    "access_key": "{{ lookup('ansible.builtin.env', 'PLANTED_ACCESS_KEY') }}",
    "secret_key": "{{ lookup('ansible.builtin.env', 'PLANTED_SECRET_KEY') }}",
    "session_token": "",
}


def inventories(left: Path) -> dict[str, t.Any]:
    """Inventories by name: one that works and is kept, and some that fail."""
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": f"{left}/home/inventory_cache",
    }
    good = {**PLUGIN, "provisioned_product_ids": ["pp-guardrails"]}
    return {
        "good": {**good, **cache, "assume_role_arn": "{{ lookup('ansible.builtin.env', 'PLANTED_ROLE') }}"},
        "keys": {**good, **cache, **KEYS},
        "unknown": {**good, **KEYS, "access_key": "AKIAUNKNOWN"},
        "damaged": {**PLUGIN, "provisioned_product_ids": ["pp-damaged"], **KEYS, **ONCE},
        "crashed": {**PLUGIN, "provisioned_product_ids": ["pp-crashed"], **ONCE},
        "profile": {**good, **KEYS, "profile": "nobody"},
    }


def lay_out(run: str, folder: Path, files: Path, environment: dict[str, str]) -> None:
    left = folder / "left" / run
    (left / "home").mkdir(parents=True)
    inventory = folder / run / "inventory"
    inventory.mkdir(parents=True)
    for name, listed in inventories(left).items():
        (inventory / f"{name}.stack_instances.yml").write_text(json.dumps(listed), encoding="utf-8")
    environment = {
        **environment,
        "TMPDIR": f"{left}/home",
        "PLANTED_REPORT": f"{left}/report.html",
        "ANSIBLE_REMOTE_TMP": f"{left}/home/.ansible/tmp",
        "ANSIBLE_LOG_PATH": f"{left}/log",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{left}/home/facts",
        "ANSIBLE_RETRY_FILES_ENABLED": "true",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": f"{left}/home/retries",
        # What a module was given is shown from -vvv on, in newer releases of Ansible only with this.
        "ANSIBLE_INJECT_INVOCATION": "true",
        "ANSIBLE_NOCOLOR": "true",
    }
    (folder / f"{run}.json").write_text(json.dumps(environment), encoding="utf-8")
    # As ansible-runner wants it.
    (folder / run / "project").mkdir()
    shutil.copy(files / "everything.yml", folder / run / "project")
    (folder / run / "artifacts").symlink_to(left / "artifacts")
    (left / "artifacts").mkdir()


if __name__ == "__main__":
    os.umask(0o077)
    given = json.load(sys.stdin)
    for name in given["runs"]:
        lay_out(name, Path(sys.argv[1]), Path(sys.argv[2]), given["environment"])
