# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Products as tests describe them in JSON, put into moto's state."""

from __future__ import annotations

import dataclasses
import typing as t

from moto.cloudformation.models import StackSet, cloudformation_backends
from moto.servicecatalog.models import servicecatalog_backends

from mock_endpoint import instances
from mock_endpoint.cloudformation.models import instances_of
from mock_endpoint.instances import BadProduct
from mock_endpoint.servicecatalog.models import STACK_SET_TYPE, Backend, ProvisionedProduct

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

_FIELDS = {field.name for field in dataclasses.fields(ProvisionedProduct)}
# What may be None; all the rest is text, except for tags.
_NULLABLE = {"status_message", "user_arn_session"}
# What makes a product this one and not another.
_FIXED = {"id", "account", "region", "type"}

__all__ = ["BadProduct", "add", "find", "in_fleet", "remove", "update"]


def in_fleet(fleet: t.Any) -> list[dict[str, t.Any]]:
    """The descriptions in a fleet, C({"products": [...]}). Raises BadProduct."""
    descriptions = fleet.get("products") if isinstance(fleet, dict) else None
    if not isinstance(descriptions, list) or not all(isinstance(description, dict) for description in descriptions):
        raise BadProduct('A fleet is {"products": [...]}, a list of objects.')
    return descriptions


def add(description: dict[str, t.Any]) -> ProvisionedProduct:
    """Create or replace the product that O(description) tells: the fields of ProvisionedProduct, with C(instances) or
    C(matrix) (see the module of that name). Raises BadProduct, and then nothing has changed.
    """
    given = {"name": description.get("id"), "account": DEFAULT_ACCOUNT, "region": DEFAULT_REGION, **description}
    rows, matrix = given.pop("instances", []), instances.of_matrix(given.pop("matrix", None))
    for listed in (rows, matrix):
        instances.check(listed)
    rows = [*rows, *matrix]
    _check(given, allowed=_FIELDS)
    product = ProvisionedProduct(**given)
    if rows and product.type != STACK_SET_TYPE:
        raise BadProduct(f"A product of type {product.type} has no stack instances.")
    backend = _backend(product)
    _refuse_other_of_that_name(backend, product.id, product.name)
    backend.provisioned_products[product.id] = product
    if product.type == STACK_SET_TYPE:
        stack_set = _new_stack_set(product)
        instances_of(stack_set)[:] = [instances.make(stack_set.id, row) for row in rows]
    return product


def find(product_id: str) -> ProvisionedProduct:
    """The product of this id, in whatever account and Region. Raises BadProduct."""
    for account in servicecatalog_backends.values():
        for backend in account.values():
            product = t.cast(Backend, backend).provisioned_products.get(product_id)
            if product is not None:
                return product
    raise BadProduct(f"There is no product {product_id}.")


def update(product_id: str, changes: dict[str, t.Any]) -> None:
    """Change fields of a product, C(instances) of it (added or changed by place), and C(remove_instances).

    Raises BadProduct, and then nothing has changed.
    """
    product = find(product_id)
    rows, gone = changes.get("instances", []), changes.get("remove_instances", [])
    fields = {name: value for name, value in changes.items() if name not in ("instances", "remove_instances")}
    _check({**dataclasses.asdict(product), **fields}, allowed=_FIELDS)
    if set(fields) & _FIXED:
        raise BadProduct(f"A product keeps its {', '.join(sorted(_FIXED))}.")
    instances.check(rows)
    instances.check(gone)
    _refuse_other_of_that_name(_backend(product), product_id, fields.get("name", product.name))
    for name, value in fields.items():
        setattr(product, name, value)
    if product.type == STACK_SET_TYPE:
        stack_set = cloudformation_backends[product.account][product.region].describe_stack_set(product.stack_set_name)
        instances.merge(stack_set, rows, gone)


def remove(product_id: str) -> None:
    """Terminate a product: it and its stack set are gone. Raises BadProduct."""
    product = find(product_id)
    del _backend(product).provisioned_products[product_id]
    _drop_stack_set(product)


def _check(given: dict[str, t.Any], allowed: set[str]) -> None:
    unknown = set(given) - allowed
    if unknown:
        raise BadProduct(f"A product has no {', '.join(sorted(unknown))}, but {', '.join(sorted(allowed))}.")
    for name, value in given.items():
        kind: type = dict if name == "tags" else str
        if not isinstance(value, kind) and not (value is None and name in _NULLABLE):
            raise BadProduct(f"A product's {name} can't be {value!r}.")
    try:
        _created = ProvisionedProduct(**given).created
    except ValueError:
        raise BadProduct("A product's created_time is a time such as 2026-01-15T08:00:00Z.") from None


def _refuse_other_of_that_name(backend: Backend, product_id: str, name: str) -> None:
    for other in backend.provisioned_products.values():
        if other.name == name and other.id != product_id:
            raise BadProduct(f"{other.id} is named {name} already, and names are unique in an account and Region.")


def _backend(product: ProvisionedProduct) -> Backend:
    return t.cast(Backend, servicecatalog_backends[product.account][product.region])


def _drop_stack_set(product: ProvisionedProduct) -> None:
    stack_sets = cloudformation_backends[product.account][product.region].stacksets
    for stack_set_id in [key for key, value in stack_sets.items() if value.name == product.stack_set_name]:
        del stack_sets[stack_set_id]


def _new_stack_set(product: ProvisionedProduct) -> StackSet:
    """An empty stack set behind a product, in place of one that may be there."""
    _drop_stack_set(product)
    return cloudformation_backends[product.account][product.region].create_stack_set(
        name=product.stack_set_name,
        template="{}",
        parameters={},
        tags={},
        description=f"The stack set behind {product.id}",
        admin_role=None,
        exec_role=None,
        permission_model="SELF_MANAGED",
    )
