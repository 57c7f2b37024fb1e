# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Products as fleet files describe them in JSON, stored in moto's state."""

from __future__ import annotations

import dataclasses
import typing as t

from moto.cloudformation.models import StackSet, cloudformation_backends
from moto.servicecatalog.models import servicecatalog_backends

from mock_endpoint import instances
from mock_endpoint.cloudformation.models import instances_of
from mock_endpoint.instances import InvalidProduct
from mock_endpoint.servicecatalog.models import STACK_SET_TYPE, Backend, ProvisionedProduct

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

_FIELDS = {field.name for field in dataclasses.fields(ProvisionedProduct)}
_NULLABLE_FIELDS = {
    *("status_message", "user_arn_session"),
    *("provisioning_artifact_id", "record_id", "record_status"),
}
_TYPES: dict[str, type] = {"tags": dict, "record_errors": list}
_FIXED_FIELDS = {"id", "account", "region", "type"}


def of_fleet(fleet: t.Any) -> list[dict[str, t.Any]]:
    """Return the descriptions of a fleet, ``{"products": [...]}``.

    Raises:
        InvalidProduct: The fleet is not an object with a list of objects.
    """
    descriptions = fleet.get("products") if isinstance(fleet, dict) else None
    if not isinstance(descriptions, list) or not all(isinstance(description, dict) for description in descriptions):
        raise InvalidProduct('A fleet must be {"products": [...]} with a list of objects.')
    return descriptions


def add(description: dict[str, t.Any]) -> ProvisionedProduct:
    """Create or replace a product.

    Args:
        description: Fields of ProvisionedProduct, ``instances`` and ``matrix``; README.md describes them.

    Raises:
        InvalidProduct: The description is invalid; no state has changed.
    """
    fields = {"name": description.get("id"), "account": DEFAULT_ACCOUNT, "region": DEFAULT_REGION, **description}
    rows, matrix = fields.pop("instances", []), instances.expand_matrix(fields.pop("matrix", None))
    for listed in (rows, matrix):
        instances.validate(listed)
    rows = [*rows, *matrix]
    _validate(fields)
    product = ProvisionedProduct(**fields)
    if rows and product.type != STACK_SET_TYPE:
        raise InvalidProduct(f"A product of type {product.type} cannot have stack instances.")
    backend = _backend(product)
    _check_name_is_free(backend, product.id, product.name)
    backend.provisioned_products[product.id] = product
    if product.type == STACK_SET_TYPE:
        stack_set = _new_stack_set(product)
        instances_of(stack_set)[:] = [instances.make(stack_set.id, row) for row in rows]
    return product


def find(product_id: str) -> ProvisionedProduct:
    """Return a product by ID, from any account and Region. Raises InvalidProduct if it does not exist."""
    for account in servicecatalog_backends.values():
        for backend in account.values():
            product = t.cast(Backend, backend).provisioned_products.get(product_id)
            if product is not None:
                return product
    raise InvalidProduct(f"Product {product_id} does not exist.")


def update(product_id: str, changes: dict[str, t.Any]) -> None:
    """Change a product.

    Args:
        product_id: ID of the product.
        changes: Fields of the product, ``instances`` to add or change, and ``remove_instances``.

    Raises:
        InvalidProduct: The product does not exist or a change is invalid; no state has changed.
    """
    product = find(product_id)
    rows, removed = changes.get("instances", []), changes.get("remove_instances", [])
    fields = {name: value for name, value in changes.items() if name not in ("instances", "remove_instances")}
    _validate({**dataclasses.asdict(product), **fields})
    if set(fields) & _FIXED_FIELDS:
        raise InvalidProduct(f"The {', '.join(sorted(_FIXED_FIELDS))} of a product cannot be changed.")
    instances.validate(rows)
    instances.validate(removed)
    _check_name_is_free(_backend(product), product_id, fields.get("name", product.name))
    for name, value in fields.items():
        setattr(product, name, value)
    if product.type == STACK_SET_TYPE:
        stack_set = cloudformation_backends[product.account][product.region].describe_stack_set(product.stack_set_name)
        instances.merge(stack_set, rows, removed)


def remove(product_id: str) -> None:
    """Terminate a product and delete its stack set. Raises InvalidProduct if it does not exist."""
    product = find(product_id)
    del _backend(product).provisioned_products[product_id]
    _delete_stack_set(product)


def _validate(fields: dict[str, t.Any]) -> None:
    unknown = set(fields) - _FIELDS
    if unknown:
        raise InvalidProduct(
            f"Unknown fields of a product: {', '.join(sorted(unknown))}. Known fields: {', '.join(sorted(_FIELDS))}."
        )
    for name, value in fields.items():
        kind = _TYPES.get(name, str)
        if not isinstance(value, kind) and not (value is None and name in _NULLABLE_FIELDS):
            raise InvalidProduct(f"A product has an invalid value for {name}: {value!r}.")
    try:
        _created = ProvisionedProduct(**fields).created
    except ValueError:
        raise InvalidProduct("A product's created_time must have a format such as 2026-01-15T08:00:00Z.") from None


def _check_name_is_free(backend: Backend, product_id: str, name: str) -> None:
    for other in backend.provisioned_products.values():
        if other.name == name and other.id != product_id:
            raise InvalidProduct(f"The name {name} is used by {other.id}. Names are unique in an account and Region.")


def _backend(product: ProvisionedProduct) -> Backend:
    return t.cast(Backend, servicecatalog_backends[product.account][product.region])


def _delete_stack_set(product: ProvisionedProduct) -> None:
    stack_sets = cloudformation_backends[product.account][product.region].stacksets
    for stack_set_id in [key for key, value in stack_sets.items() if value.name == product.stack_set_name]:
        del stack_sets[stack_set_id]


def _new_stack_set(product: ProvisionedProduct) -> StackSet:
    """Create or replace the stack set of a product, without instances."""
    _delete_stack_set(product)
    return cloudformation_backends[product.account][product.region].create_stack_set(
        name=product.stack_set_name,
        template="{}",
        parameters={},
        tags={},
        description=f"The stack set of {product.id}",
        admin_role=None,
        exec_role=None,
        permission_model="SELF_MANAGED",
    )
