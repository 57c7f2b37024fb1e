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


def test_no_other_file_is_removed(folder: Path) -> None:
    plugin(folder).set("old", VALUE)
    for name in ("p_report.json", "p_", ".p_unfinished-x", "other"):
        (folder / name).touch()
    before = files(folder)
    for file in before:
        os.utime(file, (0, 0))
    plugin(folder).set("new", VALUE)
    assert set(files(folder)) > set(before)
    assert len(files(folder)) == len(before) + 1


def test_the_effort_for_an_entry_does_not_depend_on_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> t.NoReturn:
        pytest.fail("the folder is searched")

    cache = plugin(folder)
    for name in ("listdir", "scandir"):
        monkeypatch.setattr(f"os.{name}", refuse)
    cache.set("key", VALUE)
    assert cache.get("key") == VALUE


def test_a_file_that_others_can_change_is_not_an_entry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = plugin(folder)
    cache.set("key", VALUE)
    [file] = files(folder)
    file.chmod(0o602)
    with pytest.raises(AnsibleError, match="it is not a file of this user, or others can write to it"):
        cache.get("key")
    cache.set("key", VALUE)
    assert cache.get("key") == VALUE
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(AnsibleError, match="it is not a file of this user"):
        cache.get("key")


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
