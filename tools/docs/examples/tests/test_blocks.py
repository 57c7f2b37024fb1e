# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from docs.examples import runner
from docs.examples.blocks import Block
from docs.examples.workspace import Failed, first_missing, shows_failure


def block(language: str, text: str) -> Block:
    return Block("guide.rst", 1, language, text)


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("console", "$ true", "commands"),
        ("shell", "true", "commands"),
        ("yaml", "- hosts: all", "play"),
        ("yaml", "# gate.yml\n- import_playbook: a.b.c", "play"),
        ("yaml", "- name: x\n  a.b.c:", "tasks"),
        ("yaml", "# x.stack_instances.yml\nplugin: a.b.c", "inventory"),
        ("yaml", "# requirements.yml\ncollections: []", "file"),
        ("yaml", "collections: []", "unknown"),
        ("yaml", "# A description.\ncollections: []", "unknown"),
        ("ini", "# ansible.cfg\n[defaults]", "file"),
        ("ini", "[defaults]", "unknown"),
        ("jinja", "{# a.txt.j2 #}\n{{ x }}", "file"),
        ("jinja", "{{ x }}", "template"),
        ("json", "{}", "unknown"),
        ("python", "# dev.py\nclass Failed(Exception):", "quotation"),
    ],
)
def test_kind(language: str, text: str, kind: str) -> None:
    assert block(language, text).kind == kind


def test_commands_and_their_output() -> None:
    text = "$ first \\\n    --option\nout\n\nmore\n$ second"
    assert [(" ".join(command.split()), shown) for command, shown in block("console", text).commands()] == [
        ("first --option", ["out", "more"]),
        ("second", []),
    ]
    assert block("shell", "first\nsecond").commands() == [("first", []), ("second", [])]


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        ([], None),
        (["TASK [Wait] ****", "a (b): 3 of 6 CURRENT, 1s"], None),
        (["a (b): ... CURRENT", "end"], None),
        (["end", "TASK [Wait]"], "TASK [Wait]"),
        (["a (b): 4 of 6 CURRENT, 1s"], "a (b): 4 of 6 CURRENT, 1s"),
    ],
)
def test_output_is_compared_without_spacing_and_durations(shown: list[str], missing: str | None) -> None:
    assert first_missing(shown, "TASK [Wait] *****\na (b):   3 of 6 CURRENT, 1m30s\nthe\nend") == missing


def test_output_of_a_failing_command() -> None:
    assert shows_failure(["ok", "fatal: [localhost]: FAILED! => ..."])
    assert not shows_failure(["localhost : ok=1 failed=0"])


@pytest.mark.parametrize(
    ("quoted", "missing"),
    [
        ("class Failed(Exception):\n\n    text", None),
        ("    text\nclass Failed(Exception):", "class Failed"),
        ("other", "other"),
    ],
)
def test_quotation(quoted: str, missing: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some.py").write_text("# x\nclass Failed(Exception):\n    more\n    text\n", encoding="utf-8")
    for module in ("docs.examples.blocks", "docs.examples.runner"):
        monkeypatch.setattr(f"{module}.ROOT", tmp_path)
    quotation = block("python", f"# some.py\n{quoted}")
    result = runner.run_document("guide.rst", [quotation], t.cast("t.Any", None))
    assert (quotation in result.run) == (missing is None)
    assert missing is None or missing in result.failed[quotation]


class StubWorkspace:
    """Records calls, and fails for one command."""

    def __init__(self, fails: str = "") -> None:
        self.written: list[str] = []
        self.commands: list[str] = []
        self._fails = fails

    def write(self, name: str, _text: str) -> None:
        self.written.append(name)

    def run(self, command: str, shown: t.Sequence[str] = (), fails: bool = False) -> str:
        if command == self._fails:
            raise Failed("It failed.")
        self.commands.append(command)
        return '{"_meta": {"hostvars": {"a": {}}}}'


PLAY = block("yaml", "# some_play.yml\n- hosts: all")
RUN_PLAY = block("console", "$ ansible-playbook some_play.yml")


def test_play_runs_once() -> None:
    for blocks, command in (([PLAY], "ansible-playbook block.yml"), ([PLAY, RUN_PLAY], RUN_PLAY.text[2:])):
        workspace = StubWorkspace()
        result = runner.run_document("guide.rst", blocks, t.cast("t.Any", workspace))
        assert (result.run, workspace.commands) == (blocks, [command])


def test_each_block_is_run_or_skipped_or_fails() -> None:
    skipped = block("console", "$ pip install boto3")
    blocks = [PLAY, RUN_PLAY, skipped, block("json", "{}"), block("ini", "# unused.ini\n[x]")]
    result = runner.run_document("guide.rst", blocks, t.cast("t.Any", StubWorkspace(fails=RUN_PLAY.text[2:])))
    assert result.run == [PLAY]
    assert result.skipped == {skipped: "requires the package index"}
    assert result.failed == {
        RUN_PLAY: "It failed.",
        blocks[3]: "a block of json that is not a file cannot be run",
        blocks[4]: "no other block uses the file unused.ini",
    }
