# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders on the controller that nobody else may change. Private to this collection."""

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
    """The folder of this collection's lookups, below Ansible's home, made where it is not there.

    Where nothing can be made there, such as in a container with a home that is read-only, it is in Ansible's own
    folder for temporary files instead: every fork of a run sees it, and it ends with the run.

    Raises AnsibleError where the folder is there, and not the user's alone.
    """
    try:
        return own(os.path.join(ansible_folder("ANSIBLE_HOME"), NAME), others=0)
    except OSError:
        return own(os.path.join(ansible_folder("DEFAULT_LOCAL_TMP"), NAME), others=0)


def ansible_folder(setting: str) -> str:
    """A folder of Ansible's configuration, such as C(DEFAULT_LOCAL_TMP), which is the same in all forks of a run."""
    return str(getattr(constants, setting))


def own(path: str, *, others: int = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH) -> str:
    """The absolute path of a folder that is the user's own, made with mode 0700 where it is not there.

    O(others) is what others may be allowed to do in it. Raises OSError where it can't be made or used, and
    AnsibleError where it is there, and a link, another user's, or open to others.
    """
    path = os.path.abspath(os.path.expanduser(path))
    _make(path)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise AnsibleError(f"{path} is not a folder; links are not followed")
    if found.st_uid != os.geteuid():
        raise AnsibleError(f"{path} belongs to another user (uid {found.st_uid})")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~others:
        mode = stat.S_IMODE(found.st_mode)
        raise AnsibleError(f"{path} is open to others (mode {mode:04o}); chmod 700 makes it private")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return path


def _make(path: str) -> None:
    if os.path.lexists(path):
        return
    _make(os.path.dirname(path))
    try:
        # Whatever the umask is: it only takes permissions away.
        os.mkdir(path, stat.S_IRWXU)
    except FileExistsError:
        pass  # another process was quicker


def sweep(folder: str, prefixes: tuple[str, ...], seconds: float = SWEEP_SECONDS) -> None:
    """Remove files that begin with one of the prefixes and are older than that, as nobody else does."""
    for entry in os.scandir(folder):
        try:
            if entry.name.startswith(prefixes) and time.time() - entry.stat(follow_symlinks=False).st_mtime > seconds:
                os.unlink(entry.path)
        except OSError:
            pass  # swept by another process, or not ours to remove
