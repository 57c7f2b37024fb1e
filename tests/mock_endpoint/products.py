# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Products as tests describe them in JSON, put into moto's state."""

from __future__ import annotations

import dataclasses
import itertools
import random
import typing as t

from moto.cloudformation.models import StackSet, cloudformation_backends
from moto.servicecatalog.models import servicecatalog_backends

from mock_endpoint.cloudformation.models import StackInstance
from mock_endpoint.servicecatalog.models import STACK_SET_TYPE, Backend, ProvisionedProduct

FIRST_ACCOUNT = 200_000_000_000
DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

_PRODUCT_FIELDS = {field.name for field in dataclasses.fields(ProvisionedProduct)}
_INSTANCE_FIELDS = {field.name for field in dataclasses.fields(StackInstance)}


class BadProduct(Exception):
    """A description that makes no product; the text says why."""


def add(description: dict[str, t.Any]) -> ProvisionedProduct:
    """Create or replace the product that O(description) tells: the fields of ProvisionedProduct, and C(instances) (a list
    of C({"account", "region", "status", ...})) or C(matrix) (see C(_matrix)). Raises BadProduct.
    """
    unknown = set(description) - _PRODUCT_FIELDS - {"instances", "matrix"}
    if unknown or not description.get("id"):
        raise BadProduct(f"A product needs an id, and knows no {', '.join(sorted(unknown)) or 'product without one'}.")
    given = {name: value for name, value in description.items() if name in _PRODUCT_FIELDS}
    defaults = {"name": given["id"], "account": DEFAULT_ACCOUNT, "region": DEFAULT_REGION}
    product = ProvisionedProduct(**{**defaults, **given})
    _backend(product).provisioned_products[product.id] = product
    if product.type == STACK_SET_TYPE:
        rows = [*description.get("instances", ()), *_matrix(**description.get("matrix", {"accounts": 0, "regions": []}))]
        _make_stack_set(product)
        stack_set = _stack_set(product)
        stack_set.instances.stack_instances[:] = [_instance(stack_set, row) for row in rows]
    return product


def find(product_id: str) -> ProvisionedProduct:
    """The product of this id, in whatever account and Region. Raises BadProduct."""
    for account in servicecatalog_backends.values():
        for backend in account.values():
            if product_id in backend.provisioned_products:
                return t.cast(ProvisionedProduct, backend.provisioned_products[product_id])
    raise BadProduct(f"There is no product {product_id}.")


def update(product_id: str, changes: dict[str, t.Any]) -> None:
    """Change fields of a product, C(instances) of it (added or changed by place), and C(remove_instances)."""
    product = find(product_id)
    unknown = set(changes) - _PRODUCT_FIELDS - {"instances", "remove_instances"}
    if unknown:
        raise BadProduct(f"A product has no {', '.join(sorted(unknown))}.")
    for name in set(changes) & _PRODUCT_FIELDS:
        setattr(product, name, changes[name])
    if product.type != STACK_SET_TYPE:
        return
    stack_set = _stack_set(product)
    rows = stack_set.instances.stack_instances
    by_place = {row.place: row for row in rows}
    for change in changes.get("instances", ()):
        instance = _instance(stack_set, change)
        if instance.place in by_place:
            for name in set(change) & _INSTANCE_FIELDS:
                setattr(by_place[instance.place], name, change[name])
        else:
            rows.append(instance)
    gone = {(place["account"], place["region"]) for place in changes.get("remove_instances", ())}
    rows[:] = [row for row in rows if row.place not in gone]


def remove(product_id: str) -> None:
    """Terminate a product: it and its stack set are gone."""
    product = find(product_id)
    del _backend(product).provisioned_products[product_id]
    if product.type == STACK_SET_TYPE:
        stack_sets = cloudformation_backends[product.account][product.region].stacksets
        for stack_set_id in [key for key, value in stack_sets.items() if value.name == product.stack_set_name]:
            del stack_sets[stack_set_id]


def _backend(product: ProvisionedProduct) -> Backend:
    return t.cast(Backend, servicecatalog_backends[product.account][product.region])


def _stack_set(product: ProvisionedProduct) -> StackSet:
    return cloudformation_backends[product.account][product.region].describe_stack_set(product.stack_set_name)


def _make_stack_set(product: ProvisionedProduct) -> None:
    """An empty stack set behind a product, in place of one that may be there."""
    backend = cloudformation_backends[product.account][product.region]
    for stack_set_id in [key for key, value in backend.stacksets.items() if value.name == product.stack_set_name]:
        del backend.stacksets[stack_set_id]
    backend.create_stack_set(
        name=product.stack_set_name,
        template="{}",
        parameters={},
        tags={},
        description=f"The stack set behind {product.id}",
        admin_role=None,
        exec_role=None,
        permission_model="SELF_MANAGED",
    )


def _instance(stack_set: StackSet, row: dict[str, t.Any]) -> StackInstance:
    unknown = set(row) - _INSTANCE_FIELDS - {"account", "region"}
    if unknown or not {"account", "region"} <= set(row):
        raise BadProduct(f"A stack instance needs account and region, and knows no {', '.join(sorted(unknown)) or 'less'}.")
    more = {name: value for name, value in row.items() if name in _INSTANCE_FIELDS}
    account, region = str(row["account"]), row["region"]
    stack_id = f"arn:aws:cloudformation:{region}:{account}:stack/StackSet-{stack_set.id}/{account}"
    return StackInstance(
        account_id=account,
        region_name=region,
        stack_set_id=stack_set.id,
        **{"stack_id": stack_id, **more},
    )


def _matrix(
    accounts: int | list[str | int], regions: list[str], statuses: dict[str, int] | None = None
) -> t.Iterator[dict[str, t.Any]]:
    """Every account in every Region: O(accounts) are numbers, or how many to make up.

    O(statuses) says how many of all are not CURRENT, such as C({"OUTDATED": 3}); these are scattered, in the same way
    each time.
    """
    names = [str(FIRST_ACCOUNT + number) for number in range(accounts)] if isinstance(accounts, int) else accounts
    places = list(itertools.product(names, regions))
    behind = [status for status, count in (statuses or {}).items() for _number in range(count)]
    if len(behind) > len(places):
        raise BadProduct(f"{len(behind)} stack instances can't be behind where there are {len(places)}.")
    status_of = dict(zip(random.Random(len(places)).sample(range(len(places)), len(behind)), behind))
    for number, (account, region) in enumerate(places):
        yield {"account": account, "region": region, "status": status_of.get(number, "CURRENT")}
