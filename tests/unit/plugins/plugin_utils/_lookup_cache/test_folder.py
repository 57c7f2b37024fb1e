# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
import time
import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleError

from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_folder_and_its_parents_are_created_with_mode_0700(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        path = folder.private_folder(f"{tmp_path}/a/b/../c/")
    finally:
        os.umask(before)
    assert path == f"{tmp_path}/a/c"
    assert [mode(tmp_path / name) for name in ("a", "a/c")] == [0o700, 0o700]
    assert folder.private_folder(path) == path


@pytest.mark.parametrize(
    ("bits", "others", "is_allowed"),
    [
        (0o700, 0, True),
        (0o2700, 0, True),
        (0o750, 0, False),
        (0o701, 0, False),
        (0o755, 0o055, True),
        (0o770, 0o055, False),
        (0o702, 0o055, False),
    ],
)
def test_permissions_of_others_are_checked(tmp_path: Path, bits: int, others: int, is_allowed: bool) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    path.chmod(bits)
    if is_allowed:
        assert folder.private_folder(str(path), others=others) == str(path)
    else:
        with pytest.raises(AnsibleError, match="chmod 700"):
            folder.private_folder(str(path), others=others)
    assert mode(path) == bits


def test_a_read_only_folder_is_an_os_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, wanted: not wanted & os.W_OK)
    with pytest.raises(PermissionError):
        folder.private_folder(str(tmp_path / "folder"))


def test_the_default_is_in_the_home_or_temporary_directory_of_ansible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", f"{tmp_path}/tmp")
    monkeypatch.setattr(constants, "ANSIBLE_HOME", f"{tmp_path}/home")
    assert folder.default() == f"{tmp_path}/home/stackfleet_servicecatalog"
    monkeypatch.setattr(constants, "ANSIBLE_HOME", "/dev/null/home")
    assert folder.default() == f"{tmp_path}/tmp/stackfleet_servicecatalog"


def test_only_old_files_with_a_prefix_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ages: dict[str, t.Any] = {"a_old": 101, "a_young": 90, "b_old": 101, "c_old": 101}
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    (tmp_path / "a_folder").mkdir()
    os.utime(tmp_path / "a_folder", (0, 0))
    (tmp_path / "a_link").symlink_to(tmp_path / "c_old")
    folder.sweep(str(tmp_path), ("a_", "b_"), 95)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a_folder", "a_link", "a_young", "c_old"]
