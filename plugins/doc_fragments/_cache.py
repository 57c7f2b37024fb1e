# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the cache of lookup plugins. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cache:
    description:
      - Whether to cache the listing for all hosts, tasks and forks, and for later runs until it expires. If several
        processes need the same listing at the same time, one of them requests it and the others wait. They list by
        themselves if it has had no response for 30 seconds, or if the last listing could not be stored.
      - The cache stores the complete listing of the selected products. Listings with different O(accounts), O(regions)
        and O(statuses) use the same entry. Errors are not cached.
      - An entry is only used for the same identity, endpoint, Region, O(source) and products. The identity is the
        access key ID, if the options or the environment contain it. For credentials of a profile, an instance or a
        container, the lookup calls C(sts:GetCallerIdentity), which requires no permission. With O(assume_role_arn), the
        role is a part of the identity too. The cache stores no secrets.
      - If the identity can't be found out, the lookup issues a warning and does not use the cache. If O(endpoint_url)
        is an endpoint of Service Catalog only, set the environment variable E(AWS_ENDPOINT_URL_STS).
      - With C(--flush-cache), entries from before the start of the run are not used.
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
      - Cache plugin to use. The default requires no configuration and stores entries in files with mode 0600.
      - With any cache plugin, the forks of a run synchronize through lock files in the directory
        C(stackfleet_servicecatalog) in the home directory of Ansible. If it can't be created, they use Ansible's
        temporary directory. The directory has mode 0700. If it belongs to another user, has wider permissions, or can
        be replaced by another user, the lookup issues a warning and does not use the cache. See
        P(stackfleet.servicecatalog.private_jsonfile#cache) for the permissions of its group and parent directories.
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
      - Number of seconds after which an entry expires. With V(0) entries do not expire.
      - A cached listing does not include changes since it was made. To wait for a rollout, use
        M(stackfleet.servicecatalog.wait_for_rollout), which does not use the cache.
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
      - Location of the entries, a path or another value that the cache plugin documents. The default plugin uses the
        directory that O(cache_plugin) describes.
      - Templates in the variable are resolved, as in the variables of the other options.
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
      - Prefix of the file names or keys of the cache plugin.
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
