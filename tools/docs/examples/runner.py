# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the blocks of one document, each by its kind, and keeps account of every one of them."""

from __future__ import annotations

import json
import re
import shlex
import typing as t
from dataclasses import dataclass, field

import yaml

from docs.examples import ROOT, expectations
from docs.examples.blocks import INVENTORY_SUFFIXES, Block
from docs.examples.lab import Failed, Lab, tells_of_failure

# What Ansible finds by itself.
_FOUND_BY_ANSIBLE = re.compile(r"ansible\.cfg$|(group|host)_vars/")


@dataclass
class Account:
    """What has become of the blocks of a document."""

    document: str
    run: list[Block] = field(default_factory=list)
    excused: dict[Block, str] = field(default_factory=dict)
    failed: dict[Block, str] = field(default_factory=dict)
    used: set[t.Any] = field(default_factory=set)
    """The entries of the expectations that were needed."""


def run_document(document: str, blocks: t.Sequence[Block], lab: Lab) -> Account:
    """Run every block of a document, or excuse it."""
    account = Account(document)
    elsewhere = expectations.RUN_ELSEWHERE.get(document)
    if elsewhere:
        account.excused.update(dict.fromkeys(blocks, f"run by {elsewhere}"))
        account.used.add(document)
        return account
    run = _run_examples if " " in document else _run_block
    for block in blocks:
        try:
            excuse = run(block, blocks, lab, account.used)
        except Failed as e:
            account.failed[block] = str(e)
        else:
            if excuse:
                account.excused[block] = excuse
            else:
                account.run.append(block)
    return account


def _run_examples(block: Block, _blocks: t.Sequence[Block], lab: Lab, used: set[t.Any]) -> None:
    """EXAMPLES of a plugin: an inventory, or tasks of which each is tried in each world."""
    if block.kind == "inventory":
        _run_inventory(block, lab)
        return
    if block.kind != "tasks":
        raise Failed(f"EXAMPLES that are {block.kind}")
    for world in expectations.worlds_of(block.document):
        lab.set_world(world)
        shall_fail = expectations.FAILS_WHERE_BEHIND.get(block.document, []) if world == "behind" else []
        used.update(shall_fail)
        lab.write("examples.yml", _each_tried(yaml.safe_load(block.text), shall_fail))
        lab.run("ansible-playbook examples.yml")


def _run_block(block: Block, blocks: t.Sequence[Block], lab: Lab, used: set[t.Any]) -> str | None:
    """A block of a guide, after those before it; answers why it was not run, where that is excused. Raises Failed."""
    key = (block.document, block.first_line)
    if key in expectations.WORLD_FROM:
        lab.set_world(expectations.WORLD_FROM[key])
        used.add(key)
    if key in expectations.EXCUSED_BLOCKS:
        used.add(key)
        return expectations.EXCUSED_BLOCKS[key]
    if block.kind == "quotation":
        _compare_quotation(block)
        return None
    if block.kind == "commands":
        return _run_commands(block, lab, used)
    if block.file_name:
        lab.write(block.file_name, block.text)
    if block.kind == "inventory":
        _run_inventory(block, lab)
    elif block.kind in ("play", "tasks"):
        if not (block.file_name and _is_named(block, blocks)):
            _run_playbook(block, lab, used)
    elif block.kind == "template":
        lab.write("block.j2", block.text)
        lab.run("ansible localhost -m ansible.builtin.template -a 'src=block.j2 dest=block.txt mode=0600'")
    elif block.kind == "file":
        if not _is_named(block, blocks):
            raise Failed(f"{block.file_name} is a file that no other block uses")
    else:
        raise Failed(f"nobody knows how to run a block of {block.language or 'no language'} that is no file")
    return None


def _run_commands(block: Block, lab: Lab, used: set[t.Any]) -> str | None:
    commands = block.commands()
    if not commands:
        raise Failed("there is no command in it")
    excuses = []
    for command, shown in commands:
        pattern = next((pattern for pattern in expectations.EXCUSED_COMMANDS if re.match(pattern, command)), None)
        if pattern is None:
            lab.run(command, shown, tells_of_failure(shown))
        else:
            used.add(pattern)
            excuses.append(expectations.EXCUSED_COMMANDS[pattern])
    return ", ".join(dict.fromkeys(excuses)) if len(excuses) == len(commands) else None


def _compare_quotation(block: Block) -> None:
    """A block that quotes a file of the repository: its lines are there in this order, however far indented."""
    left = [line.strip() for line in (ROOT / str(block.file_name)).read_text(encoding="utf-8").splitlines()]
    for line in filter(None, map(str.strip, block.text.splitlines()[1:])):
        if line not in left:
            raise Failed(f"{block.file_name} lacks, or has elsewhere: {line}")
        left = left[left.index(line) + 1 :]


def _run_inventory(block: Block, lab: Lab) -> None:
    name = block.file_name
    if name is None or not name.endswith(INVENTORY_SUFFIXES):
        raise Failed("an inventory does not begin with the name of its file")
    lab.write(name, block.text)
    told = lab.run(f"ansible-inventory -i {shlex.quote(name)} --list 2>/dev/null")
    if not json.loads(told)["_meta"]["hostvars"]:
        raise Failed(f"the inventory has no host:\n{told}")


def _run_playbook(block: Block, lab: Lab, used: set[t.Any]) -> None:
    text = block.text
    if block.kind == "tasks":
        text = json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(text)}], indent=2)
    lab.write("block.yml", text)
    key = (block.document, block.first_line)
    says = [expectations.FAILS[key]] if key in expectations.FAILS else []
    used.update([key] if says else [])
    lab.run("ansible-playbook block.yml", says, fails=bool(says))


def _is_named(block: Block, blocks: t.Sequence[Block]) -> bool:
    """Whether another block of the document uses this file."""
    name = str(block.file_name)
    if _FOUND_BY_ANSIBLE.search(name):
        return True
    return any(name.rpartition("/")[2] in other.text for other in blocks if other is not block)


def _each_tried(tasks: list[dict[str, t.Any]], shall_fail: t.Sequence[str]) -> str:
    """A playbook that tries each task, and fails unless exactly those fail that shall."""
    failed = "examples_failed"
    tried: list[dict[str, t.Any]] = [
        {
            "block": [task],
            "rescue": [
                {
                    "ansible.builtin.set_fact": {failed: f"{{{{ {failed} + [failed_name] }}}}"},
                    "vars": {"failed_name": task["name"]},
                }
            ],
        }
        for task in tasks
    ]
    check = {"ansible.builtin.assert": {"that": f"{failed} == {json.dumps(list(shall_fail))}"}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": {failed: []}, "tasks": [*tried, check]}
    return json.dumps([play], indent=2)
