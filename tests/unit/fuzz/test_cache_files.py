# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With anything in place of a cache file, the rows are correct: the cached ones, or those that are listed again."""

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
    require_message,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import page

CACHED, FRESH = [1, 2], [3]


class Cache:
    """The cache of a plugin with one entry, which tests replace."""

    def __init__(self, aws: World, ask: t.Callable[[], Outcome], folder: Path) -> None:
        self._aws, self._ask, self._folder = aws, ask, folder
        aws.begin(lambda operation, parameters: page(CACHED))
        assert self.accounts() == CACHED
        [self.file] = [file for file in folder.iterdir() if not file.name.startswith(".")]
        self.content = self.file.read_bytes()

    def accounts(self) -> list[int]:
        outcome = self._ask()
        assert outcome.error is None, outcome.error
        return [int(row["account"]) for row in outcome.result]

    def require_right_rows(self, replace: t.Callable[[Path], t.Any]) -> None:
        """Replace the file of the entry, and require the correct rows."""
        for left in self._folder.iterdir():
            if left.is_dir():
                left.rmdir()
            else:
                left.unlink()
        replace(self.file)
        self._aws.begin(lambda operation, parameters: page(FRESH))
        # A wait without an end fails the test.
        signal.setitimer(signal.ITIMER_REAL, 60)
        try:
            found = self.accounts()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        assert found == (FRESH if self._aws.requests else CACHED)
        for warning in self._aws.warnings:
            require_message(warning, 3000)
        assert len([w for w in self._aws.warnings if "listed again" in w]) <= 1


@pytest.fixture(params=["lookup", "inventory"])
def cache(request: pytest.FixtureRequest, aws: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    if request.param == "lookup":
        monkeypatch.setattr(constants, "ANSIBLE_HOME", str(tmp_path))
        return Cache(aws, lambda: lookup(["pp-a"], cache=True), tmp_path / "stackfleet_servicecatalog")
    folder = tmp_path / "cache"
    options = {
        "provisioned_product_ids": ["pp-a"],
        "cache": True,
        "cache_plugin": "stackfleet.servicecatalog.private_jsonfile",
        "cache_connection": str(folder),
    }
    return Cache(aws, lambda: inventory(tmp_path / "x.stack_instances.yml", options), folder)


@given(data=st.data())
def test_bytes(cache: Cache, data: st.DataObject) -> None:
    content = data.draw(damaged_bytes(cache.content))
    cache.require_right_rows(lambda file: file.write_bytes(content))


@given(data=st.data())
def test_json(cache: Cache, data: st.DataObject) -> None:
    content = data.draw(values.JSON | changed(json.loads(cache.content)))
    cache.require_right_rows(lambda file: file.write_text(json.dumps(content)))


@given(data=st.data())
def test_a_listing_of_another_form(cache: Cache, data: st.DataObject) -> None:
    """Its digest is correct, as if another version had written it, but each row must have the form of this version."""
    stored = json.loads(cache.content)
    # From ansible-core 2.19 on Ansible wraps entries.
    wrapper = next(iter(stored)) if "listing" not in stored else None
    entry = json.loads(stored[wrapper]) if wrapper else stored
    stored_listing = json.loads(entry["listing"])
    content = data.draw(changed(stored_listing))
    before = content.get("stack_instances") if isinstance(content, dict) else None
    if isinstance(before, list) and before != stored_listing["stack_instances"] and all(is_row(row) for row in before):
        return  # a valid listing
    listing = json.dumps(content)
    entry.update(listing=listing, sha256=hashlib.sha256(listing.encode()).hexdigest())
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
def test_other_kinds_of_files(cache: Cache, make: t.Callable[[Path], None]) -> None:
    cache.require_right_rows(make)
