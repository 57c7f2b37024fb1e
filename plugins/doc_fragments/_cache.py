# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the lookups' cache. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cache:
    description:
      - Whether to keep the listing, so that it serves all hosts, tasks and forks, and later runs until it expires.
        Where several want it at once, one of them lists and the others wait.
      - What is kept is found again only by the same identity, endpoint, Region, O(source) and products. It is the whole
        listing, so other O(accounts), O(regions) and O(statuses) find it too. Errors are not kept.
      - The identity is told by the access key's id, the profile, the role, the files with profiles, and the environment
        variables of AWS; without an access key also by the controller's host name. No secret is part of it.
      - With C(--flush-cache) nothing is used that was kept before the run began.
    type: bool
    default: false
    env:
      - name: ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE
    ini:
      - section: lookup_stackfleet_servicecatalog
        key: cache
    vars:
      - name: stackfleet_servicecatalog_lookup_cache
  cache_plugin:
    description:
      - The cache plugin that keeps it. The default needs no setup, and its files can be read by their owner only.
      - Whatever it is, the forks of a run wait for each other by means of files in the folder
        C(stackfleet_servicecatalog) below Ansible's home, or where that can't be made, in Ansible's folder for
        temporary files. The folder has mode 0700; if it is another user's or open to others, there is a warning and no
        cache.
    type: str
    default: stackfleet.servicecatalog.private_jsonfile
    env:
      - name: ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE_PLUGIN
    ini:
      - section: lookup_stackfleet_servicecatalog
        key: cache_plugin
    vars:
      - name: stackfleet_servicecatalog_lookup_cache_plugin
  cache_timeout:
    description:
      - For how many seconds it is used. With V(0) it does not expire.
      - What a rollout has changed meanwhile is not seen. To wait for a rollout use
        M(stackfleet.servicecatalog.wait_for_rollout), which asks AWS each time.
    type: int
    default: 3600
    env:
      - name: ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE_TIMEOUT
    ini:
      - section: lookup_stackfleet_servicecatalog
        key: cache_timeout
    vars:
      - name: stackfleet_servicecatalog_lookup_cache_timeout
  cache_connection:
    description:
      - Where the cache plugin keeps it, a path or what else the plugin documents. The default plugin keeps it in the
        folder that is told of at O(cache_plugin).
    type: str
    env:
      - name: ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE_CONNECTION
    ini:
      - section: lookup_stackfleet_servicecatalog
        key: cache_connection
    vars:
      - name: stackfleet_servicecatalog_lookup_cache_connection
  cache_prefix:
    description:
      - What the names of the cache plugin's files or keys begin with.
    type: str
    default: stack_instances_
    env:
      - name: ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE_PREFIX
    ini:
      - section: lookup_stackfleet_servicecatalog
        key: cache_prefix
    vars:
      - name: stackfleet_servicecatalog_lookup_cache_prefix
"""
