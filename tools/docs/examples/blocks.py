# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of the guides, the README and the plugins."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

from docs.examples import ROOT

INVENTORY_SUFFIXES = ("stack_instances.yml", "stack_instances.yaml")
PLUGIN_KINDS = {"cache": "cache", "inventory": "inventory", "lookup": "lookup", "modules": "module"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A block that is a file begins with its path in a comment. In EXAMPLES, a description can follow.
_FILE_NAME = re.compile(r"(?:#|\{#-?) ([\w./-]+\.(?:cfg|ini|j2|json|py|sh|yaml|yml))(?::| -?#\}|$)")


@dataclass(frozen=True)
class Block:
    """A code block. A block is identified by its document and its first line."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}, line {self.line}: {self.first_line}"

    @property
    def first_line(self) -> str:
        """The first line."""
        return self.text.partition("\n")[0]

    @property
    def file_name(self) -> str | None:
        """The path, if the block is a file."""
        found = _FILE_NAME.match(self.first_line)
        return found[1] if found else None

    @property
    def kind(self) -> str:
        """``quotation``, ``commands``, ``inventory``, ``play``, ``tasks``, ``template``, ``file`` or ``unknown``."""
        if self.file_name and (ROOT / self.file_name).exists():
            return "quotation"
        if self.language in ("console", "shell"):
            return "commands"
        if self.language == "yaml":
            return _kind_of(yaml.safe_load(self.text)) or ("file" if self.file_name else "unknown")
        if self.file_name:
            return "file"
        return "template" if self.language == "jinja" else "unknown"

    def commands(self) -> list[tuple[str, list[str]]]:
        """Return each command with the output that is shown below it. A ``shell`` block contains only commands."""
        found: list[tuple[str, list[str]]] = []
        text = self.text if self.language == "console" else re.sub(r"^(?=\S)", "$ ", self.text, flags=re.MULTILINE)
        for line in text.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                found.append((re.sub(r"\s+", " ", line[2:]) if "\n" not in line else line[2:], []))
            elif found and line.strip():
                found[-1][1].append(line)
        return found


def documents() -> dict[str, list[Block]]:
    """Return the blocks of each document, by its path, or by kind and name of the plugin."""
    found = {
        str(page.relative_to(ROOT)): [*_of_guide(page)] for page in sorted((ROOT / "docs/docsite/rst").glob("*.rst"))
    }
    found["README.md"] = [*_of_markdown(ROOT / "README.md")]
    for folder, kind in PLUGIN_KINDS.items():
        for file in sorted((ROOT / "plugins" / folder).glob("*.py")):
            found[f"{kind} {file.stem}"] = [*_of_plugin(f"{kind} {file.stem}", file)]
    return found


def _of_guide(page: Path) -> t.Iterator[Block]:
    from antsibull_docutils.rst_code_finder import find_code_blocks

    name = str(page.relative_to(ROOT))
    for block in find_code_blocks(page.read_text(encoding="utf-8"), path=page):
        yield Block(name, block.row_offset + 1, block.language or "", block.content)


def _of_markdown(page: Path) -> t.Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        yield Block(page.name, text.count("\n", 0, fence.start()) + 2, fence[1], fence[2].rstrip())


def _of_plugin(name: str, file: Path) -> t.Iterator[Block]:
    """Yield each YAML document of EXAMPLES, with its line in EXAMPLES."""
    from ansible.parsing.plugin_docs import read_docstring

    before = 0
    for text in re.split(r"^---\n", read_docstring(str(file))["plainexamples"] or "", flags=re.MULTILINE):
        if text.strip():
            blank = len(text) - len(text.lstrip("\n"))
            yield Block(name, before + blank + 1, "yaml", text.strip("\n"))
        before += text.count("\n") + 1


def _kind_of(content: t.Any) -> str | None:
    if isinstance(content, dict):
        return "inventory" if "plugin" in content else None
    if isinstance(content, list) and all(isinstance(item, dict) for item in content):
        return "play" if {"hosts", "import_playbook", "ansible.builtin.import_playbook"} & set(content[0]) else "tasks"
    return None
