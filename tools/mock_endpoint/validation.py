# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of a JSON request against the service's model in botocore, as AWS does it first."""

from __future__ import annotations

import re
import typing as t
from functools import lru_cache

from botocore.model import OperationModel, Shape
from botocore.session import get_session

from mock_endpoint.errors import Invalid

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
}


@lru_cache
def _operation(service: str, name: str) -> OperationModel:
    return t.cast(OperationModel, get_session().get_service_model(service).operation_model(name))


def check(service: str, operation: str, request: t.Any) -> None:
    """Raise Invalid if a request violates the operation's model: types, lengths, ranges, patterns and choices."""
    shape = _operation(service, operation).input_shape
    if shape is not None:
        _check(shape, request, "input")


def _check(shape: t.Any, value: t.Any, where: str) -> None:
    kinds = _TYPES.get(shape.type_name)
    if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        raise Invalid(f"Value at '{where}' failed to satisfy constraint: Member must be a {shape.type_name}")
    if shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                raise Invalid(f"Value null at '{where}.{name}' failed to satisfy constraint: Member must not be null")
        for name, member in value.items():
            if name in shape.members and member is not None:
                _check(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list":
        for number, member in enumerate(value, 1):
            _check(shape.member, member, f"{where}.{number}")
    elif shape.type_name == "map":
        for key, member in value.items():
            _check(shape.key, key, f"{where} (key)")
            _check(shape.value, member, f"{where}.{key}")
    else:
        _check_limits(shape, value, where)


def _check_limits(shape: Shape, value: t.Any, where: str) -> None:
    limits = shape.metadata
    size = len(value) if isinstance(value, str) else value
    if not limits.get("min", size) <= size <= limits.get("max", size):
        raise Invalid(
            f"Value '{value}' at '{where}' failed to satisfy constraint: Member must be between"
            f" {limits.get('min', 0)} and {limits.get('max')}"
        )
    if "enum" in limits and value not in limits["enum"]:
        raise Invalid(f"Value '{value}' at '{where}' failed to satisfy constraint: Member must be in {limits['enum']}")
    if "pattern" in limits and isinstance(value, str) and not re.fullmatch(limits["pattern"], value):
        raise Invalid(
            f"Value '{value}' at '{where}' failed to satisfy constraint: Member must satisfy {limits['pattern']}"
        )
