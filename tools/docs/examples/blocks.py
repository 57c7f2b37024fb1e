# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of guides, the README and plugins, and what each of them is."""

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
# A block that is a file begins with the file's path in a comment; in EXAMPLES a remark may follow.
_FILE_NAME = re.compile(r"(?:#|\{#-?) ([\w./-]+\.(?:cfg|ini|j2|json|py|sh|yaml|yml))(?::| -?#\}|$)")


@dataclass(frozen=True)
class Block:
    """One block of code."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}, line {self.line}: {self.first_line}"

    @property
    def first_line(self) -> str:
        """What tells it from the others of its document."""
        return self.text.partition("\n")[0]

    @property
    def file_name(self) -> str | None:
        """The path that the file is to have, where the block is one."""
        found = _FILE_NAME.match(self.first_line)
        return found[1] if found else None

    @property
    def kind(self) -> str:
        """C(quotation), C(commands), C(inventory), C(play), C(tasks), C(template), C(file) or C(unknown)."""
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
        """Each command with the lines of output that are shown below it; a shell block shows commands only."""
        found: list[tuple[str, list[str]]] = []
        text = self.text if self.language == "console" else re.sub(r"^(?=\S)", "$ ", self.text, flags=re.MULTILINE)
        for line in text.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                found.append((re.sub(r"\s+", " ", line[2:]) if "\n" not in line else line[2:], []))
            elif found and line.strip():
                found[-1][1].append(line)
        return found


def documents() -> dict[str, list[Block]]:
    """The blocks of every document, by its path or the plugin's kind and name."""
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
    """Each YAML document of EXAMPLES, with its line in there."""
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
