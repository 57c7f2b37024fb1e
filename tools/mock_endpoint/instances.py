# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances as tests describe them: one by one, or as a matrix of accounts and Regions."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import random
import typing as t

from moto.cloudformation.models import StackSet

from mock_endpoint.cloudformation.models import SUSPENDED, StackInstance, instances_of

FIRST_ACCOUNT = 200_000_000_000

_FIELDS = {field.name for field in dataclasses.fields(StackInstance)} - {"account_id", "region_name", "stack_set_id"}

Row = t.Dict[str, t.Any]


class BadProduct(ValueError):
    """A description that makes no product; the text says why."""


def of_matrix(matrix: t.Any) -> list[Row]:
    """Every account in every Region: C({"accounts", "regions", "statuses"}). Raises BadProduct.

    C(accounts) are numbers, or how many to make up. C(statuses) says how many of all are not CURRENT: C({"OUTDATED":
    3}), or with fields that these have, C({"OUTDATED": {"count": 3, "detailed_status": "FAILED"}}); they are scattered,
    in the same way each time.
    """
    if matrix is None:
        return []
    if not isinstance(matrix, dict) or not set(matrix) <= {"accounts", "regions", "statuses"}:
        raise BadProduct("A matrix is an object of accounts, regions and, if need be, statuses.")
    accounts, regions, statuses = matrix.get("accounts"), matrix.get("regions"), matrix.get("statuses", {})
    if isinstance(accounts, int):
        accounts = [str(FIRST_ACCOUNT + number) for number in range(accounts)]
    if not isinstance(accounts, list) or not isinstance(regions, list) or not isinstance(statuses, dict):
        raise BadProduct("A matrix has accounts (a list, or how many), regions (a list) and statuses (an object).")
    rows = [{"account": account, "region": region} for account, region in itertools.product(accounts, regions)]
    behind = list(_behind(statuses))
    if len(behind) > len(rows):
        raise BadProduct(f"{len(behind)} stack instances can't be behind where there are {len(rows)}.")
    for number, fields in zip(random.Random(len(rows)).sample(range(len(rows)), len(behind)), behind):
        rows[number].update(fields)
    return rows


def _behind(statuses: dict[str, t.Any]) -> t.Iterator[Row]:
    for status, told in statuses.items():
        fields = dict(told) if isinstance(told, dict) else {"count": told}
        count = fields.pop("count", None)
        if not isinstance(count, int):
            raise BadProduct(f"How many stack instances are {status} is a number, or an object with count.")
        for _number in range(count):
            yield {"status": status, **fields}


def check(rows: t.Any) -> None:
    """Raise BadProduct unless O(rows) are objects of account, region and fields of a stack instance."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadProduct("Stack instances are a list of objects.")
    for row in rows:
        if not {"account", "region"} <= set(row) <= _FIELDS | {"account", "region"}:
            raise BadProduct(f"A stack instance needs account and region, and knows {', '.join(sorted(_FIELDS))}.")
        if any(value is not None and not isinstance(value, (str, int)) for value in row.values()):
            raise BadProduct(f"What a stack instance has is text: {row}.")


def make(stack_set_id: str, row: Row) -> StackInstance:
    """The stack instance that a checked row describes."""
    instance = StackInstance(str(row["account"]), row["region"], stack_set_id)
    seed = f"{stack_set_id} {instance.account_id} {instance.region_name}"
    instance.last_operation_id = _uuid_of(stack_set_id)
    instance.stack_id = (
        f"arn:aws:cloudformation:{instance.region_name}:{instance.account_id}:stack/"
        f"StackSet-{stack_set_id.replace(':', '-')}/{_uuid_of(seed)}"
    )
    _change(instance, row)
    return instance


def merge(stack_set: StackSet, rows: list[Row], gone: list[Row]) -> None:
    """Change the instances at the places of O(rows), add those that are not there, and take those of O(gone) away."""
    present = instances_of(stack_set)
    by_place = {instance.place: instance for instance in present}
    for row in rows:
        instance = by_place.get((str(row["account"]), row["region"]))
        if instance is None:
            present.append(make(stack_set.id, row))
            continue
        if "status" in row:
            # What was said in detail was said of the status before.
            instance.detailed_status = instance.status_reason = None
        _change(instance, row)
    left = {(str(place["account"]), place["region"]) for place in gone}
    present[:] = [instance for instance in present if instance.place not in left]


def _uuid_of(seed: str) -> str:
    digest = hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def _change(instance: StackInstance, row: Row) -> None:
    if row.get("detailed_status") == SUSPENDED:
        # A suspended account has no stack (seen by users of the service).
        instance.stack_id = None
    for name in _FIELDS & set(row):
        setattr(instance, name, row[name])
