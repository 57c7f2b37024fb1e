# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders on the controller that only their owner can change. Private to this collection."""

from __future__ import annotations

import errno
import os
import stat
import time

from ansible import constants
from ansible.errors import AnsibleError

NAME = "stackfleet_servicecatalog"
SWEEP_SECONDS = 24 * 60 * 60


def default() -> str:
    """Return the folder of this collection's lookups below Ansible's home, and create it.

    If that is read-only, as in some containers, the folder is in Ansible's folder for temporary files, which all forks
    of a run share.

    Raises:
        AnsibleError: The folder exists, but others have access to it.
    """
    try:
        return private_folder(os.path.join(ansible_folder("ANSIBLE_HOME"), NAME), others=0)
    except OSError:
        return private_folder(os.path.join(ansible_folder("DEFAULT_LOCAL_TMP"), NAME), others=0)


def ansible_folder(setting: str) -> str:
    """Return a folder of Ansible's configuration, such as DEFAULT_LOCAL_TMP, the same in all forks of a run."""
    return str(getattr(constants, setting))


def private_folder(path: str, *, others: int = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH) -> str:
    """Return the absolute path of the user's own folder, and create it with mode 0700.

    Args:
        path: The path.
        others: The permissions that others may have.

    Raises:
        OSError: It cannot be created or used.
        AnsibleError: It is a link, belongs to another user, or gives others more permissions.
    """
    path = os.path.abspath(os.path.expanduser(path))
    _create(path)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise AnsibleError(f"{path} is not a folder; links are not followed")
    if found.st_uid != os.geteuid():
        raise AnsibleError(f"{path} belongs to another user (uid {found.st_uid})")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~others:
        mode = stat.S_IMODE(found.st_mode)
        raise AnsibleError(f"{path} is open to others (mode {mode:04o}). Run `chmod 700` on it.")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return path


def _create(path: str) -> None:
    if os.path.lexists(path):
        return
    _create(os.path.dirname(path))
    try:
        # A umask can only remove permissions from this mode.
        os.mkdir(path, stat.S_IRWXU)
    except FileExistsError:
        pass  # another process was faster


def sweep(folder: str, prefixes: tuple[str, ...], seconds: float = SWEEP_SECONDS) -> None:
    """Remove files that start with one of the prefixes and are older than that."""
    for entry in os.scandir(folder):
        try:
            if entry.name.startswith(prefixes) and time.time() - entry.stat(follow_symlinks=False).st_mtime > seconds:
                os.unlink(entry.path)
        except OSError:
            pass  # removed by another process, or not permitted
