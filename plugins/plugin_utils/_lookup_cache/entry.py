# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A listing as a cache entry that can be verified. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.provisioned_product import ListedProduct
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import key

INVALID = "the entry does not have the form of this collection"
_REQUIRED_STRINGS = ("provisioned_product_id", "account", "region", "stack_instance_status")


class CachedListing(t.NamedTuple):
    """What a lookup or inventory needs of a listing."""

    stack_instances: list[StackInstance]
    warnings: list[str]
    provisioned_products: list[ListedProduct] = []  # noqa: RUF012 - it is not changed
    required_accounts: list[str] | None = None
    """The selected accounts, of which each must have a stack instance; None if no account was selected."""
    began: float = 0.0
    """When the listing began, in seconds since the epoch."""


class UnusableError(Exception):
    """An entry that cannot be used; the message contains the reason."""


def encode(listing: CachedListing, entry_key: str, written: float) -> dict[str, t.Any]:
    """Return the value for a cache plugin.

    Args:
        listing: The listing.
        entry_key: The key that the value will be stored by.
        written: When the listing began, in seconds since the epoch.
    """
    # As one string, so that the serialization of a cache plugin changes nothing, and adds no tag of Ansible.
    text = json.dumps({"key": entry_key, "written": written, **listing._asdict()})
    return {"format": key.FORMAT, "sha256": _digest(text), "listing": text}


def decode(entry: t.Any, entry_key: str) -> tuple[CachedListing, float]:
    """Return the listing of an entry, and when it was written.

    Raises:
        UnusableError: The entry is not one of this collection, is damaged, or has another key.
    """
    if not isinstance(entry, dict) or entry.get("format") != key.FORMAT or not isinstance(entry.get("listing"), str):
        raise UnusableError(INVALID)
    if entry.get("sha256") != _digest(entry["listing"]):
        raise UnusableError("the entry is damaged")
    try:
        stored = json.loads(entry["listing"])
        listing = CachedListing(*(stored[name] for name in CachedListing._fields))
        written = float(stored["written"])
        stored_key = stored["key"]
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise UnusableError(INVALID) from None
    if stored_key != entry_key:
        raise UnusableError("the entry belongs to another query")
    if not (isinstance(listing.stack_instances, list) and all(_is_row(row) for row in listing.stack_instances)):
        raise UnusableError("the entry contains something other than stack instances")
    ids = _is_list_of(listing.provisioned_products, dict) and [one.get("id") for one in listing.provisioned_products]
    if not (_is_list_of(ids, str) and _is_list_of(listing.required_accounts or [], str)):
        raise UnusableError("the entry contains something other than products and accounts")
    if not isinstance(listing.began, (int, float)):
        raise UnusableError(INVALID)
    if not _is_list_of(listing.warnings, str):
        raise UnusableError("the entry contains something other than warnings")
    return listing, written


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_list_of(value: t.Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _is_row(row: t.Any) -> bool:
    return (
        isinstance(row, dict)
        and all(isinstance(row.get(name), str) and row[name] for name in _REQUIRED_STRINGS)
        and "provisioned_product_name" in row
        and all(value is None or isinstance(value, str) for value in row.values())
    )
