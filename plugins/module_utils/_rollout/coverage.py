# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Required coverage: what was named must have a stack instance. Pure, and private to this collection."""

from __future__ import annotations

import typing as t

from .._model.stack_instance import ANY, MISSING, account_label

if t.TYPE_CHECKING:
    from .._model.options import Query
    from .._model.provisioned_product import ProvisionedProduct
    from .._model.stack_instance import StackInstance

_NAMED = 5


def not_found(query: Query, products: t.Iterable[ProvisionedProduct]) -> list[str]:
    """Return the IDs and names of a query that no product has."""
    products = list(products)
    ids, names = {product["id"] for product in products}, {product["name"] for product in products}
    return [
        *(product_id for product_id in query.provisioned_product_ids or () if product_id not in ids),
        *(name for name in query.provisioned_product_names or () if name not in names),
    ]


def missing_instances(
    product: ProvisionedProduct,
    instances: t.Iterable[StackInstance],
    accounts: frozenset[str] | None,
    regions: frozenset[str] | None,
) -> list[StackInstance]:
    """Return a row with the status MISSING for each target that lacks a stack instance.

    Args:
        product: The provisioned product.
        instances: Its stack instances.
        accounts: The accounts of which each must have a stack instance, or None.
        regions: The same of Regions. If both are given, each pair must have one.

    Returns:
        The rows, sorted; ``*`` is in place of the account or Region if only the other one was named.
    """
    if accounts is not None and regions is not None:
        required = {(account, region) for account in accounts for region in regions}
        existing = {(instance["account"], instance["region"]) for instance in instances}
    elif accounts is not None:
        required = {(account, ANY) for account in accounts}
        existing = {(instance["account"], ANY) for instance in instances}
    else:
        required = {(ANY, region) for region in regions or ()}
        existing = {(ANY, instance["region"]) for instance in instances}
    return [
        {
            "provisioned_product_id": product["id"],
            "provisioned_product_name": product["name"],
            "account": account,
            "region": region,
            "stack_instance_status": MISSING,
        }
        for account, region in sorted(required - existing)
    ]


def warnings(missing: t.Iterable[StackInstance]) -> list[str]:
    """Return a warning for each product that lacks a stack instance in a named account or Region."""
    of_product: dict[str, list[str]] = {}
    for row in missing:
        target = " ".join(part for part in (account_label(row), row["region"]) if part != ANY)
        of_product.setdefault(row["provisioned_product_id"], []).append(target)
    return [
        f"Provisioned product {product_id} has no stack instance in {', '.join(targets[:_NAMED])}"
        + (f", and {len(targets) - _NAMED} more" if len(targets) > _NAMED else "")
        for product_id, targets in of_product.items()
    ]
