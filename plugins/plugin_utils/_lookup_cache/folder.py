# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders on the controller that only their owner can change. Private to this collection."""

from __future__ import annotations

import errno
import grp
import os
import pathlib
import pwd
import stat

from ansible import constants
from ansible.errors import AnsibleError

NAME = "stackfleet_servicecatalog"
_READ = stat.S_IRGRP | stat.S_IROTH
_WRITE = stat.S_IWGRP | stat.S_IWOTH
_SEARCH = stat.S_IXGRP | stat.S_IXOTH


def default() -> str:
    """Return the folder of this collection's lookups below Ansible's home, and create it.

    If that is read-only, as in some containers, the folder is in Ansible's folder for temporary files, which all forks
    of a run share.

    Raises:
        AnsibleError: The folder exists, but others have access to it.
    """
    home, temporary = _defaults()
    try:
        return private_folder(home)
    except OSError:
        return private_folder(temporary)


def ansible_folder(setting: str) -> str:
    """Return a folder of Ansible's configuration, such as DEFAULT_LOCAL_TMP, the same in all forks of a run."""
    return str(getattr(constants, setting))


def private_folder(path: str) -> str:
    """Return the absolute path of the user's own folder, and create it with mode 0700.

    Only the user and root can replace the folder: each folder above it belongs to one of them, and is either not
    writable by others or sticky, as ``/tmp``. Others have no permissions for a default folder. It can be below one that
    they can write to, but not reach, as Ansible creates its home with any umask.

    Raises:
        OSError: It cannot be created or used.
        AnsibleError: It is a link, belongs to another user, gives others more permissions, or can be replaced by them.
    """
    path = _resolved(path)
    is_default = path in map(_resolved, _defaults())
    parents = [(above, _made(str(above))) for above in reversed(pathlib.PurePath(path).parents)]
    found = _made(path)
    if not stat.S_ISDIR(found.st_mode):
        raise AnsibleError(f"{path} is not a folder; links are not followed")
    if found.st_uid != os.geteuid():
        raise AnsibleError(f"{path} belongs to another user (uid {found.st_uid})")
    refused = _READ | _WRITE | _SEARCH if is_default else _WRITE
    # Kubernetes marks the folders to which it gives the group of a pod (fsGroup) access.
    if _others_have(refused, found, trust_group=bool(found.st_mode & stat.S_ISGID)):
        raise AnsibleError(f"{path} is open to others (mode {stat.S_IMODE(found.st_mode):04o}). Run `chmod 700` on it.")
    for above, of in parents:
        if of.st_uid not in (0, os.geteuid()) or (_others_have(_WRITE, of) and not of.st_mode & stat.S_ISVTX):
            mode = f"uid {of.st_uid}, gid {of.st_gid}, mode {stat.S_IMODE(of.st_mode):04o}"
            raise AnsibleError(f"{path} can be replaced by others, who can write to {above} ({mode})")
        if is_default and not _others_have(_SEARCH, of):
            break
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return path


def is_own_file(found: os.stat_result) -> bool:
    """Return whether this is a file of the user that others cannot change."""
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not _others_have(_WRITE, found)


def _defaults() -> list[str]:
    return [os.path.join(ansible_folder(setting), NAME) for setting in ("ANSIBLE_HOME", "DEFAULT_LOCAL_TMP")]


def _resolved(path: str) -> str:
    """Return a path without links above its last part, so that the folders that are checked are those that are used."""
    parent, name = os.path.split(os.path.abspath(os.path.expanduser(path)))
    return os.path.join(os.path.realpath(parent), name)


def _made(path: str) -> os.stat_result:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        pass
    try:
        # A umask can only remove permissions from this mode.
        os.mkdir(path, stat.S_IRWXU)
    except FileExistsError:
        pass  # another process was faster
    return os.lstat(path)


def _others_have(permissions: int, found: os.stat_result, *, trust_group: bool = True) -> bool:
    """Return whether anyone but the user has one of the permissions."""
    granted = found.st_mode & permissions
    if granted & stat.S_IRWXO:
        return True
    return bool(granted) and not (trust_group and _is_private_group(found.st_gid))


def _is_private_group(gid: int) -> bool:
    """Return whether no other account is in a group, so that its permissions are those of the user.

    That is so for root's group, for a group with the name and no other member than the user, and for a group of this
    process that has no name, as that of a Kubernetes pod usually has none.
    """
    if gid == 0:
        return True
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return gid in {os.getegid(), *os.getgroups()}
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}
