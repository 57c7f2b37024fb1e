# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import stat
import time
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.plugins.loader import cache_loader

NAME = "stackfleet.servicecatalog.private_jsonfile"
VALUE = {"a": [1, None, "é"]}


def plugin(folder: Path, **options: t.Any) -> t.Any:
    return cache_loader.get(NAME, **{"_uri": str(folder), "_prefix": "p_", "_timeout": 60, **options})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made" / "here"


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_another_process_gets_what_was_set(folder: Path) -> None:
    plugin(folder).set("key", VALUE)
    other = plugin(folder)
    assert other.contains("key")
    assert other.get("key") == VALUE
    assert list(other.keys()) == ["key"]
    assert not plugin(folder, _prefix="q_").contains("key")
    other.delete("key")
    with pytest.raises(KeyError):
        plugin(folder).get("key")


def test_flush_removes_all_files(folder: Path) -> None:
    for key in ("a", "b"):
        plugin(folder).set(key, VALUE)
    plugin(folder).flush()
    assert files(folder) == []


def test_only_the_user_can_access_the_files(folder: Path) -> None:
    before = os.umask(0)
    try:
        plugin(folder).set("key", VALUE)
        plugin(folder).set("key", VALUE)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(file.stat().st_mode) for file in [folder, *files(folder)]] == [0o700, 0o600]


def test_an_expired_entry_is_not_found(folder: Path) -> None:
    plugin(folder).set("key", VALUE)
    os.utime(files(folder)[0], (time.time() - 61, time.time() - 61))
    with pytest.raises(KeyError):
        plugin(folder).get("key")
    assert plugin(folder, _timeout=0).get("key") == VALUE


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_keeps_the_previous_entry(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    plugin(folder).set("key", VALUE)

    def half(value: object, file: t.Any) -> None:
        file.write('{"a": [')
        raise error

    monkeypatch.setattr("json.dump", half)
    with pytest.raises(type(error)):
        plugin(folder).set("key", {"a": "new"})
    monkeypatch.undo()
    assert plugin(folder).get("key") == VALUE
    assert len(files(folder)) == 1


@pytest.mark.parametrize("text", [b"", b'{"a"', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_an_error_with_its_name(folder: Path, text: bytes) -> None:
    plugin(folder).set("key", VALUE)
    file = files(folder)[0]
    file.write_bytes(text)
    with pytest.raises(AnsibleError, match=f"{file.name} is not a cache entry"):
        plugin(folder).get("key")


@pytest.mark.parametrize("make", ["link", "open", "impossible"])
def test_a_folder_that_others_can_change_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: str) -> None:
    folder = tmp_path / "folder"
    if make == "link":
        folder.symlink_to(tmp_path)
    elif make == "open":
        folder.mkdir()
        folder.chmod(0o777)
    else:
        folder = Path("/dev/null/folder")
    with pytest.raises(AnsibleError, match=str(folder)):
        plugin(folder)


def test_long_expired_files_are_removed(folder: Path) -> None:
    old = time.time() - 60 - 24 * 60 * 60 - 1
    for prefix in ("p_", "q_"):
        plugin(folder, _prefix=prefix).set("old", VALUE)
    (folder / ".p_unfinished-x").touch()
    for file in files(folder):
        os.utime(file, (old, old))
    plugin(folder, _timeout=0).set("new", VALUE)
    assert len(files(folder)) == 4
    plugin(folder).set("newer", VALUE)
    left = [file.name.replace("s1_", "") for file in files(folder)]
    assert left == ["p_new", "p_newer", "q_old"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"_prefix": "../p"}, "_prefix must be the start of a file name, without /"),
        ({"_uri": "/tmp/a\x00b"}, "/tmp/a b cannot be used for a cache: embedded null"),
        ({"_uri": "/dev/null/folder"}, "/dev/null/folder cannot be used for a cache: Not a directory"),
    ],
)
def test_an_invalid_path_is_refused(folder: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(AnsibleError, match=message):
        plugin(folder, **options)


def test_an_entry_is_a_file(folder: Path) -> None:
    cache = plugin(folder)
    cache.set("key", VALUE)
    [file] = files(folder)
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(AnsibleError, match="is not a cache entry"):
        cache.get("key")
