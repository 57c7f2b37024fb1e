# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: private_jsonfile
version_added: 1.0.0
short_description: JSON files with restricted permissions
description:
  - Store each cache entry in a JSON file with mode 0600, in a directory with mode 0700. The files of
    P(ansible.builtin.jsonfile#cache) can be read by all users.
  - Files are replaced atomically. If a process is interrupted while it writes an entry, the previous entry remains.
  - The plugin refuses to use a directory that is a symbolic link, belongs to another user, or is writable by others. It
    also refuses it if another user can replace it, which means that a parent directory belongs to a user other than
    root, or is writable by others and not sticky.
  - The group may have access if it has no other member than you, which means that it is the group of root, has your
    user name, or is a group of the process without a name. The directory itself must then also have the setgid bit, as
    mode 2770. This is the mode that Kubernetes gives to directories in a volume of a pod with C(fsGroup).
  - This is the default cache plugin of P(stackfleet.servicecatalog.stack_instances#lookup).
author:
  - stackfleet contributors (@stackfleet)
options:
  _uri:
    description:
      - Path to the directory that contains the files. The plugin creates it if it does not exist.
    type: path
    required: true
    env:
      - name: ANSIBLE_CACHE_PLUGIN_CONNECTION
    ini:
      - section: defaults
        key: fact_caching_connection
  _prefix:
    description:
      - Prefix of the file names.
    type: str
    default: ''
    env:
      - name: ANSIBLE_CACHE_PLUGIN_PREFIX
    ini:
      - section: defaults
        key: fact_caching_prefix
  _timeout:
    description:
      - Number of seconds after which an entry expires. With V(0) entries do not expire.
      - The file of an expired entry remains until the entry is written again.
    type: int
    default: 86400
    env:
      - name: ANSIBLE_CACHE_PLUGIN_TIMEOUT
    ini:
      - section: defaults
        key: fact_caching_timeout
"""

import json
import os
import tempfile
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.cache import BaseFileCacheModule

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import quote
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import folder


class CacheModule(BaseFileCacheModule):
    """Ansible's file cache, except for file modes, damaged files, and full disks."""

    def validate_cache_connection(self) -> None:
        if os.sep in self.get_option("_prefix"):
            raise AnsibleError(f"_prefix must be the start of a file name, without {os.sep}")
        try:
            self._cache_dir = folder.private_folder(self._cache_dir)
        except (OSError, ValueError) as e:
            reason = getattr(e, "strerror", e)
            raise AnsibleError(f"{quote(self._cache_dir)} cannot be used for a cache: {reason}") from e

    def get(self, key: str) -> t.Any:
        if self.has_expired(key):
            raise KeyError(key)
        path = self._get_cache_file_name(key)
        try:
            return self._load(path)
        except FileNotFoundError:
            raise KeyError(key) from None
        except (OSError, ValueError, RecursionError) as e:
            raise AnsibleError(quote(f"{path} is not a cache entry: {e}")) from e

    def set(self, key: str, value: t.Any) -> None:
        handle, unfinished = tempfile.mkstemp(dir=self._cache_dir, prefix=".unfinished-")  # of mode 0600
        os.close(handle)
        try:
            self._dump(value, unfinished)
            os.replace(unfinished, self._get_cache_file_name(key))
        except BaseException:
            os.unlink(unfinished)
            raise

    def _load(self, filepath: str) -> t.Any:
        # Do not follow a link, and do not wait for a pipe or device.
        handle = os.open(filepath, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, encoding="utf-8") as file:
            if not folder.is_own_file(os.fstat(handle)):
                raise ValueError("it is not a file of this user, or others can write to it")
            return json.load(file)

    def _dump(self, value: t.Any, filepath: str) -> None:
        with open(filepath, "w", encoding="utf-8") as file:
            json.dump(value, file)
