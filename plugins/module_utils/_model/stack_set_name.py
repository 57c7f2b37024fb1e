# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name of the stack set behind a provisioned product. Pure, and private to this collection."""

from __future__ import annotations

import re
import typing as t

# From botocore's model (StackSetNameOrId) and, for the length of a name, the API reference of CreateStackSet.
_STACK_SET = re.compile(
    r"(?:arn:[^:]+:cloudformation:[^:]*:[0-9]{12}:stackset/)?"
    r"(?P<name>[a-zA-Z][-a-zA-Z0-9]{0,127}(?::[a-zA-Z0-9]{8}(?:-[a-zA-Z0-9]{4}){3}-[a-zA-Z0-9]{12})?)",
    re.ASCII,
)
_DERIVED = re.compile(r"SC-[0-9]{12}-(?P<product>pp-[a-zA-Z0-9_-]+)(?::.*)?", re.ASCII)
_PRODUCT_ARN = re.compile(r"arn:[^:]+:servicecatalog:[^:]*:(?P<account>[0-9]{12}):.+", re.ASCII)


def parse(value: t.Any) -> str | None:
    """Return the name or ID in a stack set's name, ID or ARN, or None for any other value.

    Requests take a name or an ID, ``<name>:<uuid>``, which is the last part of an ARN (botocore's model).
    """
    found = _STACK_SET.fullmatch(value) if isinstance(value, str) else None
    return found["name"] if found else None


def derive(product_id: str, product_arn: str | None) -> str | None:
    """Return the name that Service Catalog gives to the stack set of a product, or None without an account.

    Inferred from AWS managed policies, which allow ``stackset/SC-*``, and from a published sample; not documented.
    """
    found = _PRODUCT_ARN.fullmatch(product_arn or "")
    return f"SC-{found['account']}-{product_id}" if found else None


def product_of(name: str) -> str | None:
    """Return the ID of the product in a name or ID of the form that ``derive`` returns, or None for another name."""
    found = _DERIVED.fullmatch(name)
    return found["product"] if found else None
