# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provisioned products as plain dicts. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

try:
    from botocore import xform_name
except ImportError:
    # amazon.aws reports a missing SDK before anything here is called.
    pass

from .._errors import quote
from .summary import Summary

# The members of ProvisionedProductDetail and ProvisionedProductAttribute in botocore's model; neither has all of them.
FIELDS = (
    "arn",
    "created_time",
    "id",
    "idempotency_token",
    "last_provisioning_record_id",
    "last_record_id",
    "last_successful_provisioning_record_id",
    "launch_role_arn",
    "name",
    "physical_id",
    "product_id",
    "product_name",
    "provisioning_artifact_id",
    "provisioning_artifact_name",
    "status",
    "status_message",
    "tags",
    "type",
    "user_arn",
    "user_arn_session",
)


class ProvisionedProduct(t.TypedDict):
    """A provisioned product in a listing of stack instances. What no call has returned is None."""

    id: str
    name: str | None
    type: str | None
    status: str | None
    status_message: str | None
    arn: str | None
    product_id: str | None
    provisioning_artifact_id: str | None
    provisioning_artifact_name: str | None


class ListedProduct(ProvisionedProduct):
    """A provisioned product with the counts of its stack instances."""

    summary: Summary


class FoundProduct(ProvisionedProduct):
    """A provisioned product as a search or description returns it: all of ``FIELDS``, and what AWS adds later."""

    physical_id: str | None


LISTED_FIELDS = tuple(ProvisionedProduct.__annotations__)


def from_id(product_id: str) -> FoundProduct:
    """Return a product of which only the ID is known."""
    return t.cast("FoundProduct", {**dict.fromkeys((*LISTED_FIELDS, "physical_id")), "id": product_id})


def from_entry(entry: t.Mapping[str, t.Any]) -> FoundProduct:
    """Return the product of an entry of DescribeProvisionedProduct or SearchProvisionedProducts.

    Returns:
        The members in snake case, ``FIELDS`` that the entry lacks as None, times in ISO 8601 format in UTC, tags as a
        dict.
    """
    found = {xform_name(name): _plain(value) for name, value in entry.items()}
    if isinstance(found.get("tags"), list):
        found["tags"] = {tag["key"]: tag.get("value") for tag in found["tags"]}
    return t.cast("FoundProduct", {**dict.fromkeys(FIELDS), **found})


def listed(product: ProvisionedProduct, summary: Summary) -> ListedProduct:
    """Return the part of a product that listings contain, with the counts of its stack instances."""
    return t.cast("ListedProduct", {**{name: product.get(name) for name in LISTED_FIELDS}, "summary": summary})


def label(product: t.Mapping[str, t.Any]) -> str:
    """Return the product for a message: its ID, and its name if known."""
    return f"{quote(product['name'])} ({product['id']})" if product.get("name") else str(product["id"])


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, dict):
        return {xform_name(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
