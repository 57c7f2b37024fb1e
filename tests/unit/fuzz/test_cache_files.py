# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is in the place of a cache's file: the rows are right, those that were kept or those that are asked anew."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import typing as t
from pathlib import Path

import pytest
from ansible import constants
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz import values
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.damage import changed, damaged_bytes
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.world import (
    Outcome,
    World,
    inventory,
    lookup,
    require_sentence,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import page

KEPT, ANEW = [1, 2], [3]


class Cache:
    """A plugin's cache with one entry, and whatever takes its place."""

    def __init__(self, aws: World, ask: t.Callable[[], Outcome], folder: Path) -> None:
        self._aws, self._ask, self._folder = aws, ask, folder
        aws.begin(lambda operation, parameters: page(KEPT))
        assert self.accounts() == KEPT
        [self.file] = [file for file in folder.iterdir() if not file.name.startswith(".")]
        self.whole = self.file.read_bytes()

    def accounts(self) -> list[int]:
        outcome = self._ask()
        assert outcome.error is None, outcome.error
        return [int(row["account"]) for row in outcome.result]

    def require_right_rows(self, replace: t.Callable[[Path], t.Any]) -> None:
        """O(replace) has nothing to begin with but the place."""
        for left in self._folder.iterdir():
            if left.is_dir():
                left.rmdir()
            else:
                left.unlink()
        replace(self.file)
        self._aws.begin(lambda operation, parameters: page(ANEW))
        # Nothing may wait for what never comes.
        signal.setitimer(signal.ITIMER_REAL, 60)
        try:
            found = self.accounts()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        assert found == (ANEW if self._aws.requests else KEPT)
        for warning in self._aws.warnings:
            require_sentence(warning, 3000)
        assert len([w for w in self._aws.warnings if "anew" in w]) <= 1


@pytest.fixture(params=["lookup", "inventory"])
def cache(request: pytest.FixtureRequest, aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    if request.param == "lookup":
        monkeypatch.setattr(constants, "ANSIBLE_HOME", str(tmp_path))
        return Cache(aws, lambda: lookup(["pp-a"], cache=True), tmp_path / "stackfleet_servicecatalog")
    folder = tmp_path / "kept"
    options = {
        "provisioned_product_ids": ["pp-a"],
        "cache": True,
        "cache_plugin": "stackfleet.servicecatalog.private_jsonfile",
        "cache_connection": str(folder),
    }
    return Cache(aws, lambda: inventory(tmp_path / "x.stack_instances.yml", options), folder)


@given(data=st.data())
def test_bytes(cache: Cache, data: st.DataObject) -> None:
    content = data.draw(damaged_bytes(cache.whole))
    cache.require_right_rows(lambda file: file.write_bytes(content))


@given(data=st.data())
def test_json(cache: Cache, data: st.DataObject) -> None:
    content = data.draw(values.JSON | changed(json.loads(cache.whole)))
    cache.require_right_rows(lambda file: file.write_text(json.dumps(content)))


@given(data=st.data())
def test_an_answer_of_another_form(cache: Cache, data: st.DataObject) -> None:
    """With a digest that is right, as if another version had written it. Row by row it must be of this one's form."""
    stored = json.loads(cache.whole)
    # Since ansible-core 2.19 what a plugin keeps is wrapped by Ansible.
    wrapper = next(iter(stored)) if "answer" not in stored else None
    entry = json.loads(stored[wrapper]) if wrapper else stored
    kept = json.loads(entry["answer"])
    content = data.draw(changed(kept))
    before = content.get("stack_instances") if isinstance(content, dict) else None
    if isinstance(before, list) and before != kept["stack_instances"] and all(is_row(row) for row in before):
        return  # as good as any
    answer = json.dumps(content)
    entry.update(answer=answer, sha256=hashlib.sha256(answer.encode()).hexdigest())
    text = json.dumps({wrapper: json.dumps(entry)} if wrapper else entry)
    cache.require_right_rows(lambda file: file.write_text(text))


def is_row(row: t.Any) -> bool:
    return isinstance(row, dict) and all(
        isinstance(row.get(name), str) for name in ("account", "region", "provisioned_product_id")
    )


def link_to_endless(file: Path) -> None:
    file.symlink_to("/dev/zero")


def unix_socket(file: Path) -> None:
    # The name of a socket must be short.
    before = Path.cwd()
    os.chdir(file.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("s")
        os.rename("s", file.name)
    finally:
        os.chdir(before)


def unreadable(file: Path) -> None:
    file.write_bytes(b"{}")
    file.chmod(0)


def huge(file: Path) -> None:
    file.write_bytes(b"[" + b"1," * 5_000_000 + b"1]")


def fifo(file: Path) -> None:
    os.mkfifo(file, 0o600)


def folder_in_its_place(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize(
    "make", [link_to_endless, fifo, unix_socket, unreadable, huge, folder_in_its_place], ids=lambda f: f.__name__
)
def test_what_is_no_file(cache: Cache, make: t.Callable[[Path], None]) -> None:
    cache.require_right_rows(make)
