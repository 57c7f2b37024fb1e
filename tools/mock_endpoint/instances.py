# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances as fleet files describe them: one by one, or as a matrix of accounts and Regions."""

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


class InvalidProduct(ValueError):
    """An invalid description of a product. The message describes the problem."""


def expand_matrix(matrix: t.Any) -> list[Row]:
    """Return a row for every account in every Region.

    Args:
        matrix: ``{"accounts", "regions", "statuses"}``. ``accounts`` is a list or a number of accounts to generate.
            ``statuses`` sets how many rows are not CURRENT: ``{"OUTDATED": 3}``, or with further fields
            ``{"OUTDATED": {"count": 3, "detailed_status": "FAILED"}}``. These rows are distributed over the matrix, in
            the same way in each run. None stands for no rows.

    Raises:
        InvalidProduct: The matrix is invalid.
    """
    if matrix is None:
        return []
    if not isinstance(matrix, dict) or not set(matrix) <= {"accounts", "regions", "statuses"}:
        raise InvalidProduct("A matrix must be an object of accounts, regions and, optionally, statuses.")
    accounts, regions, statuses = matrix.get("accounts"), matrix.get("regions"), matrix.get("statuses", {})
    if isinstance(accounts, int):
        accounts = [str(FIRST_ACCOUNT + number) for number in range(accounts)]
    if not isinstance(accounts, list) or not isinstance(regions, list) or not isinstance(statuses, dict):
        raise InvalidProduct(
            "A matrix requires accounts (a list or a number) and regions (a list). It can have statuses (an object)."
        )
    rows = [{"account": account, "region": region} for account, region in itertools.product(accounts, regions)]
    changes = list(_not_current(statuses))
    if len(changes) > len(rows):
        raise InvalidProduct(f"The statuses add up to {len(changes)}, but the matrix has {len(rows)} stack instances.")
    for number, fields in zip(random.Random(len(rows)).sample(range(len(rows)), len(changes)), changes):
        rows[number].update(fields)
    return rows


def _not_current(statuses: dict[str, t.Any]) -> t.Iterator[Row]:
    for status, value in statuses.items():
        fields = dict(value) if isinstance(value, dict) else {"count": value}
        count = fields.pop("count", None)
        if not isinstance(count, int):
            raise InvalidProduct(f"The value of the status {status} must be a number, or an object with count.")
        for _number in range(count):
            yield {"status": status, **fields}


def validate(rows: t.Any) -> None:
    """Raise InvalidProduct unless the rows are objects of account, region and fields of a stack instance."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidProduct("Stack instances must be a list of objects.")
    for row in rows:
        if not {"account", "region"} <= set(row) <= _FIELDS | {"account", "region"}:
            raise InvalidProduct(
                f"A stack instance requires account and region. It can have {', '.join(sorted(_FIELDS))}."
            )
        if any(value is not None and not isinstance(value, (str, int)) for value in row.values()):
            raise InvalidProduct(f"The values of a stack instance must be strings: {row}.")


def make(stack_set_id: str, row: Row) -> StackInstance:
    """Return the stack instance that a valid row describes."""
    instance = StackInstance(str(row["account"]), row["region"], stack_set_id)
    seed = f"{stack_set_id} {instance.account_id} {instance.region_name}"
    instance.last_operation_id = _uuid_of(stack_set_id)
    instance.stack_id = (
        f"arn:aws:cloudformation:{instance.region_name}:{instance.account_id}:stack/"
        f"StackSet-{stack_set_id.replace(':', '-')}/{_uuid_of(seed)}"
    )
    _update(instance, row)
    return instance


def merge(stack_set: StackSet, rows: list[Row], removed: list[Row]) -> None:
    """Update or add the instances in the accounts and Regions of ``rows``, and remove those of ``removed``."""
    present = instances_of(stack_set)
    by_target = {instance.target: instance for instance in present}
    for row in rows:
        instance = by_target.get((str(row["account"]), row["region"]))
        if instance is None:
            present.append(make(stack_set.id, row))
            continue
        if "status" in row:
            # The details belong to the previous status.
            instance.detailed_status = instance.status_reason = None
        _update(instance, row)
    targets = {(str(row["account"]), row["region"]) for row in removed}
    present[:] = [instance for instance in present if instance.target not in targets]


def _uuid_of(seed: str) -> str:
    digest = hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def _update(instance: StackInstance, row: Row) -> None:
    if row.get("detailed_status") == SUSPENDED:
        # There is no stack in a suspended account (reported by users of AWS).
        instance.stack_id = None
    for name in _FIELDS & set(row):
        setattr(instance, name, row[name])
