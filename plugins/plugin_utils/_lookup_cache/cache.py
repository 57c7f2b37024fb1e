# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One listing for all hosts, tasks and forks, stored by a cache plugin of Ansible. Private to this collection."""

from __future__ import annotations

import functools
import os
import time
import typing as t
from dataclasses import replace

from ansible import context
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.loader import cache_loader

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError, quote, shown
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import (
    entry,
    folder,
    key,
    single_flight,
)
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache.entry import CachedListing

Options = t.Mapping[str, t.Any]

DEFAULT_PLUGIN = "stackfleet.servicecatalog.private_jsonfile"
# By how much the clocks of controllers that share a cache may differ.
CLOCK_SKEW_SECONDS = 5.0
_WITHOUT_FILTERS: dict[str, t.Any] = {
    **dict.fromkeys(("accounts", "exclude_accounts", "regions", "statuses", "detailed_statuses")),
    "not_current": False,
}


def cached_listing(
    options: Options,
    query: Query,
    connection: Connection,
    warn: t.Callable[[str], None],
) -> CachedListing:
    """Return the listing of a query from the cache, or read and store it.

    The listing is read and stored without filters, which are applied afterwards. An unusable entry is read again, and
    without a usable cache every listing is read; both with a warning.

    Args:
        options: The options of the lookup.
        query: The query.
        connection: Reads a listing from AWS.
        warn: Shows a warning.

    Raises:
        AnsibleLookupError: The options of the cache are invalid.
        Exception: What the connection raises.
    """
    complete = _without_filters(query)
    if options["cache_timeout"] < 0:
        raise AnsibleLookupError(f"cache_timeout must be 0 or more seconds, but is {shown(options['cache_timeout'])}")
    try:
        cache = _Cache(options, key.cache_key(options, complete, connection.identify), warn)
    except AnsibleLookupError:
        raise
    except (AnsibleError, ServiceCatalogError, OSError, OverflowError, ValueError) as e:
        # The system may refuse a path, and the clock a number.
        warn(quote(f"Stack instances are listed without a cache: {e}"))
        listing = connection.read(complete)
    else:
        listing = cache.get(lambda progress: connection.read(complete, progress))
    return _filtered(listing, query)


def _without_filters(query: Query) -> Query:
    # Accounts and organizational units together are not a filter: the accounts of both are selected.
    accounts = query.accounts if query.organizational_unit_ids is not None else None
    return replace(query, **{**_WITHOUT_FILTERS, "accounts": accounts})


def _filtered(listing: CachedListing, query: Query) -> CachedListing:
    """Apply the filters of a query to a listing without filters, and count again."""
    if query.organizational_unit_ids is not None:
        query = replace(query, accounts=frozenset(listing.required_accounts or ()))
    rows = stack_instance.in_scope(listing.stack_instances, query)
    of_product: dict[str, list[StackInstance]] = {product["id"]: [] for product in listing.provisioned_products}
    for row in rows:
        of_product.setdefault(row["provisioned_product_id"], []).append(row)
    found = [of_product[product["id"]] for product in listing.provisioned_products]
    counted = stack_instances.assemble(query, listing.provisioned_products, found, [])
    return listing._replace(
        stack_instances=stack_instance.with_status(rows, query), provisioned_products=counted.provisioned_products
    )


class Connection(t.Protocol):
    """A connection to AWS that is made when it is first used."""

    def identify(self) -> str:
        """Return who the requests are made as."""

    def read(self, query: Query, progress: single_flight.Progress | None = None) -> CachedListing:
        """Read a listing, and call ``progress`` after each response."""


class _Cache:
    """The entry of one listing."""

    def __init__(self, options: Options, entry_key: str, warn: t.Callable[[str], None]) -> None:
        self._key = entry_key
        self._warn = warn
        self._has_warned = False
        self._folder = folder.default()
        self._timeout: int = options["cache_timeout"]
        self._not_before = _flush_time()
        self._open = functools.partial(_plugin, options, self._folder)
        self._open()

    def get(self, read: t.Callable[[single_flight.Progress], CachedListing]) -> CachedListing:
        def work(progress: single_flight.Progress) -> tuple[CachedListing, bool]:
            # A listing is as old as its first page.
            began = time.time()
            listing = read(progress)
            return listing, self._store(listing, began)

        lock = os.path.join(self._folder, f".lock-{self._key}")
        return single_flight.one_at_a_time(lock, self._find, work, self._warn, self._timeout or float("inf"))

    def _find(self) -> CachedListing | None:
        try:
            # Some plugins keep what they have read in memory, so that only a new one finds what others store.
            plugin = self._open()
            # Cache plugins differ in what they do with an unknown key.
            if not plugin.contains(self._key):
                return None
            try:
                stored = plugin.get(self._key)
            except KeyError:
                if not plugin.contains(self._key):
                    return None  # it has just expired
                raise entry.UnusableError(entry.INVALID) from None
            listing, written = entry.decode(stored, self._key)
        # Each plugin has errors of its own, and AWS can be called after any of them.
        except Exception as e:
            self._warn_once(f"The cached stack instances cannot be used, and are listed again: {e!s}")
            return None
        age = time.time() - written
        is_fresh = self._timeout == 0 or -CLOCK_SKEW_SECONDS <= age <= self._timeout
        return listing if is_fresh and written >= self._not_before else None

    def _store(self, listing: CachedListing, began: float) -> bool:
        """Store a listing, and return whether others can find it: it may have expired, and some plugins only warn."""
        try:
            self._open().set(self._key, entry.encode(listing, self._key, began))
        except Exception as e:
            self._warn_once(f"The stack instances cannot be cached: {e!s}")
            return False
        return self._find() is not None

    def _warn_once(self, message: str) -> None:
        if not self._has_warned:
            self._warn(quote(message))
        self._has_warned = True


def _plugin(options: Options, default_folder: str) -> t.Any:
    """Return the cache plugin. Raises AnsibleError."""
    name = options["cache_plugin"]
    for option in ("cache_connection", "cache_prefix"):
        if "{{" in (options[option] or ""):
            raise AnsibleLookupError(f"{option} contains a template that was not resolved: {shown(options[option])}")
    given = {
        "_uri": options["cache_connection"],
        "_timeout": options["cache_timeout"],
        "_prefix": options["cache_prefix"],
    }
    if name == DEFAULT_PLUGIN and not given["_uri"]:
        given["_uri"] = default_folder
    if not cache_loader.has_plugin(name):
        raise AnsibleLookupError(f"cache_plugin {shown(name)} was not found")
    plugin = cache_loader.get(name, **{option: value for option, value in given.items() if value is not None})
    if plugin.ansible_name == "ansible.builtin.memory":
        raise AnsibleLookupError("cache_plugin memory does not share entries between forks. Omit cache_plugin.")
    return plugin


def _flush_time() -> float:
    """Return since when entries are valid: with --flush-cache since the first lookup of the run."""
    if not context.CLIARGS.get("flush_cache"):
        return 0.0
    marker = os.path.join(folder.ansible_folder("DEFAULT_LOCAL_TMP"), f"{folder.NAME}_flushed")
    try:
        os.close(os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass  # created by another fork of this run
    return os.stat(marker).st_mtime
