# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import os
import pwd
import stat
import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleError
from ansible.plugins.loader import cache_loader

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
    ("bits", "is_default", "is_allowed"),
    [
        (0o700, True, True),
        (0o2700, True, True),
        (0o750, True, False),
        (0o701, True, False),
        (0o755, False, True),
        (0o770, False, False),
        (0o702, False, False),
    ],
)
def test_permissions_of_others_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: int, is_default: bool, is_allowed: bool
) -> None:
    if is_default:
        monkeypatch.setattr(constants, "ANSIBLE_HOME", str(tmp_path))
    path = tmp_path / folder.NAME
    path.mkdir()
    path.chmod(bits)
    if is_allowed:
        assert folder.private_folder(str(path)) == str(path)
    else:
        with pytest.raises(AnsibleError, match="chmod 700"):
            folder.private_folder(str(path))
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


def group(name: str, *members: str) -> t.Callable[[int], grp.struct_group]:
    return lambda gid: grp.struct_group((name, "x", gid, list(members)))


def no_group(gid: int) -> grp.struct_group:
    raise KeyError(gid)


ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.mark.parametrize(
    ("found", "groups", "is_allowed"),
    [
        (no_group, [54321], True),  # as fsGroup of a Kubernetes pod
        (no_group, [], False),
        (group(ME), [], True),
        (group(ME, ME), [], True),
        (group(ME, ME, "another"), [], False),
        (group("team", ME), [54321], False),
        (group("team"), [54321], False),
    ],
)
def test_a_group_without_other_members_has_the_permissions_of_the_user(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    found: t.Callable[[int], grp.struct_group],
    groups: list[int],
    is_allowed: bool,
) -> None:
    path = tmp_path / "volume" / "folder"
    path.mkdir(parents=True)
    for made in (path.parent, path):
        made.chmod(0o2770)
    lstat = os.lstat

    def with_group(name: str) -> os.stat_result:
        values = list(lstat(name))
        if str(name).startswith(str(path.parent)):
            values[stat.ST_GID] = 54321
        return os.stat_result(values)

    monkeypatch.setattr("os.lstat", with_group)
    monkeypatch.setattr("os.getgroups", lambda: groups)
    monkeypatch.setattr("os.getegid", lambda: 0)
    monkeypatch.setattr("grp.getgrgid", found)
    if is_allowed:
        assert folder.private_folder(str(path)) == str(path)
    else:
        with pytest.raises(AnsibleError, match="mode 2770"):
            folder.private_folder(str(path))


def test_a_user_without_an_account_has_no_group_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_user(uid: int) -> t.NoReturn:
        raise KeyError(uid)

    monkeypatch.setattr("grp.getgrgid", group("team"))
    monkeypatch.setattr("pwd.getpwuid", no_user)
    assert not folder._is_private_group(54321)


def test_a_group_needs_the_setgid_bit_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grp.getgrgid", group(ME))
    path = tmp_path / "volume" / "folder"
    path.mkdir(parents=True)
    path.parent.chmod(0o770)
    path.chmod(0o770)
    with pytest.raises(AnsibleError, match=r"open to others \(mode 0770\)"):
        folder.private_folder(str(path))
    path.chmod(0o2770)
    assert folder.private_folder(str(path)) == str(path)
    path.chmod(0o2772)
    with pytest.raises(AnsibleError, match=r"open to others \(mode 2772\)"):
        folder.private_folder(str(path))


@pytest.mark.parametrize(
    ("bits", "is_allowed"), [(0o755, True), (0o1777, True), (0o1757, True), (0o777, False), (0o757, False)]
)
def test_a_folder_that_others_can_replace_is_refused(tmp_path: Path, bits: int, is_allowed: bool) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(bits)
    if is_allowed:
        assert folder.private_folder(f"{shared}/a/b") == f"{shared}/a/b"
    else:
        with pytest.raises(AnsibleError, match=f"/a/b can be replaced by others, who can write to {shared} "):
            folder.private_folder(f"{shared}/a/b")


def test_the_default_folder_can_be_below_one_that_others_cannot_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(constants, "ANSIBLE_HOME", str(home))
    made = f"{home}/stackfleet_servicecatalog"
    assert folder.default() == made
    cache_loader.get("stackfleet.servicecatalog.private_jsonfile", _uri=made, _prefix="").set("key", 1)
    with pytest.raises(AnsibleError, match="can be replaced by others"):
        folder.private_folder(f"{home}/folder")
    lstat = os.lstat

    def reachable(name: str) -> os.stat_result:
        values = list(lstat(name))
        values[stat.ST_MODE] |= stat.S_IXOTH if str(name) != made else 0
        return os.stat_result(values)

    monkeypatch.setattr("os.lstat", reachable)
    with pytest.raises(AnsibleError, match=f"can be replaced by others, who can write to {home} "):
        folder.default()


def test_a_folder_below_that_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lstat = os.lstat

    def of_another(name: str) -> os.stat_result:
        values = list(lstat(name))
        if str(name) == str(tmp_path):
            values[stat.ST_UID] = 54321
        return os.stat_result(values)

    monkeypatch.setattr("os.lstat", of_another)
    with pytest.raises(AnsibleError, match="can be replaced by others"):
        folder.private_folder(str(tmp_path / "folder"))


def test_links_above_the_folder_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert folder.private_folder(f"{tmp_path}/link/folder") == f"{tmp_path}/real/folder"
    (tmp_path / "real").chmod(0o777)
    with pytest.raises(AnsibleError, match=f"who can write to {tmp_path}/real "):
        folder.private_folder(f"{tmp_path}/link/folder")


def test_only_files_of_the_user_that_others_cannot_change_are_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    modes = {0o600: True, 0o644: True, 0o646: False}
    for bits, is_own in modes.items():
        file.chmod(bits)
        assert folder.is_own_file(file.stat()) is is_own
    file.chmod(0o600)
    assert not folder.is_own_file(tmp_path.stat())
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    assert not folder.is_own_file(file.stat())
