# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create directories for runs: python lay_out.py FOLDER FILES < RUNS

A run reads FOLDER/RUN and writes FOLDER/output/RUN. FOLDER/RUN.json is its environment.
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


def inventories(output: Path) -> dict[str, t.Any]:
    """Return inventories by name: some that succeed and are cached, and some that fail."""
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": f"{output}/home/inventory_cache",
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
    output = folder / "output" / run
    (output / "home").mkdir(parents=True)
    inventory = folder / run / "inventory"
    inventory.mkdir(parents=True)
    for name, listed in inventories(output).items():
        (inventory / f"{name}.stack_instances.yml").write_text(json.dumps(listed), encoding="utf-8")
    environment = {
        **environment,
        "TMPDIR": f"{output}/home",
        "PLANTED_REPORT": f"{output}/report.html",
        "PLANTED_GATE": f"{output}/gate.html",
        "ANSIBLE_REMOTE_TMP": f"{output}/home/.ansible/tmp",
        "ANSIBLE_LOG_PATH": f"{output}/log",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{output}/home/facts",
        "ANSIBLE_RETRY_FILES_ENABLED": "true",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": f"{output}/home/retries",
        # With this, newer versions of Ansible still display the arguments of modules from -vvv on.
        "ANSIBLE_INJECT_INVOCATION": "true",
        "ANSIBLE_NOCOLOR": "true",
    }
    (folder / f"{run}.json").write_text(json.dumps(environment), encoding="utf-8")
    # The layout of ansible-runner.
    (folder / run / "project").mkdir()
    for name in ("everything.yml", "read.yml"):
        shutil.copy(files / name, folder / run / "project")
    (folder / run / "artifacts").symlink_to(output / "artifacts")
    (output / "artifacts").mkdir()


if __name__ == "__main__":
    os.umask(0o077)
    given = json.load(sys.stdin)
    for name in given["runs"]:
        lay_out(name, Path(sys.argv[1]), Path(sys.argv[2]), given["environment"])
