# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the blocks of one document, each by its kind."""

from __future__ import annotations

import json
import re
import shlex
import typing as t
from dataclasses import dataclass, field

import yaml

from docs.examples import ROOT, expectations
from docs.examples.blocks import INVENTORY_SUFFIXES, Block
from docs.examples.workspace import Failed, Workspace, shows_failure

# Files that Ansible loads from the current directory.
_LOADED_BY_ANSIBLE = re.compile(r"ansible\.cfg$|(group|host)_vars/")


@dataclass
class DocumentResult:
    """The blocks of a document that were run, skipped or failed."""

    document: str
    run: list[Block] = field(default_factory=list)
    skipped: dict[Block, str] = field(default_factory=dict)
    failed: dict[Block, str] = field(default_factory=dict)
    used: set[t.Any] = field(default_factory=set)
    """The expectations that applied."""


def run_document(document: str, blocks: t.Sequence[Block], workspace: Workspace) -> DocumentResult:
    """Run or skip every block of a document."""
    result = DocumentResult(document)
    elsewhere = expectations.RUN_ELSEWHERE.get(document)
    if elsewhere:
        result.skipped.update(dict.fromkeys(blocks, f"run by {elsewhere}"))
        result.used.add(document)
        return result
    run = _run_examples if " " in document else _run_block
    for block in blocks:
        try:
            reason = run(block, blocks, workspace, result.used)
        except Failed as e:
            result.failed[block] = str(e)
        else:
            if reason:
                result.skipped[block] = reason
            else:
                result.run.append(block)
    return result


def _run_examples(block: Block, _blocks: t.Sequence[Block], workspace: Workspace, _used: set[t.Any]) -> None:
    """Run EXAMPLES of a plugin: an inventory, or tasks, each with each fleet."""
    if block.kind == "inventory":
        _run_inventory(block, workspace)
        return
    if block.kind != "tasks":
        raise Failed(f"EXAMPLES must be an inventory or tasks, not {block.kind}")
    for fleet in expectations.fleets_of(block.document):
        workspace.load_fleet(fleet)
        workspace.write("examples.yml", _playbook_of(yaml.safe_load(block.text)))
        workspace.run("ansible-playbook examples.yml")


def _run_block(block: Block, blocks: t.Sequence[Block], workspace: Workspace, used: set[t.Any]) -> str | None:
    """Run a block of a guide, after the previous ones. Return the reason if it is skipped."""
    key = (block.document, block.first_line)
    if key in expectations.FLEET_FROM:
        workspace.load_fleet(expectations.FLEET_FROM[key])
        used.add(key)
    if key in expectations.SKIPPED_BLOCKS:
        used.add(key)
        return expectations.SKIPPED_BLOCKS[key]
    if block.kind == "quotation":
        _compare_quotation(block)
        return None
    if block.kind == "commands":
        return _run_commands(block, workspace, used)
    if block.file_name:
        workspace.write(block.file_name, block.text)
    if block.kind == "inventory":
        _run_inventory(block, workspace)
    elif block.kind in ("play", "tasks"):
        if not (block.file_name and _is_used(block, blocks)):
            _run_playbook(block, workspace, used)
    elif block.kind == "template":
        workspace.write("block.j2", block.text)
        workspace.run("ansible localhost -m ansible.builtin.template -a 'src=block.j2 dest=block.txt mode=0600'")
    elif block.kind == "file":
        if not _is_used(block, blocks):
            raise Failed(f"no other block uses the file {block.file_name}")
    else:
        raise Failed(f"a block of {block.language or 'no language'} that is not a file cannot be run")
    return None


def _run_commands(block: Block, workspace: Workspace, used: set[t.Any]) -> str | None:
    commands = block.commands()
    if not commands:
        raise Failed("the block contains no command")
    reasons = []
    for command, shown in commands:
        pattern = next((pattern for pattern in expectations.SKIPPED_COMMANDS if re.match(pattern, command)), None)
        if pattern is None:
            workspace.run(command, shown, shows_failure(shown))
        else:
            used.add(pattern)
            reasons.append(expectations.SKIPPED_COMMANDS[pattern])
    return ", ".join(dict.fromkeys(reasons)) if len(reasons) == len(commands) else None


def _compare_quotation(block: Block) -> None:
    """Check that a file of the repository contains the lines of a block in this order, with any indentation."""
    left = [line.strip() for line in (ROOT / str(block.file_name)).read_text(encoding="utf-8").splitlines()]
    for line in filter(None, map(str.strip, block.text.splitlines()[1:])):
        if line not in left:
            raise Failed(f"{block.file_name} does not contain at the expected position: {line}")
        left = left[left.index(line) + 1 :]


def _run_inventory(block: Block, workspace: Workspace) -> None:
    name = block.file_name
    if name is None or not name.endswith(INVENTORY_SUFFIXES):
        raise Failed("an inventory must begin with the name of its file")
    workspace.write(name, block.text)
    output = workspace.run(f"ansible-inventory -i {shlex.quote(name)} --list 2>/dev/null")
    if not json.loads(output)["_meta"]["hostvars"]:
        raise Failed(f"the inventory contains no hosts:\n{output}")


def _run_playbook(block: Block, workspace: Workspace, used: set[t.Any]) -> None:
    text = block.text
    if block.kind == "tasks":
        text = _playbook_of(yaml.safe_load(text))
    workspace.write("block.yml", text)
    key = (block.document, block.first_line)
    shown = [expectations.FAILING_PLAYS[key]] if key in expectations.FAILING_PLAYS else []
    used.update([key] if shown else [])
    workspace.run("ansible-playbook block.yml", shown, fails=bool(shown))


def _is_used(block: Block, blocks: t.Sequence[Block]) -> bool:
    """Return whether another block of the document uses this file."""
    name = str(block.file_name)
    if _LOADED_BY_ANSIBLE.search(name):
        return True
    return any(name.rpartition("/")[2] in other.text for other in blocks if other is not block)


def _playbook_of(tasks: list[dict[str, t.Any]]) -> str:
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], indent=2)
