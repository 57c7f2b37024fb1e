# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stack set behind a product is called. Pure, and private to this collection."""

from __future__ import annotations

import re
import typing as t

# By botocore's model (StackSetNameOrId) and, for a name's length, the API reference of CreateStackSet.
_STACK_SET = re.compile(
    r"(?:arn:[^:]+:cloudformation:[^:]*:[0-9]{12}:stackset/)?"
    r"(?P<name>[a-zA-Z][-a-zA-Z0-9]{0,127}(?::[a-zA-Z0-9]{8}(?:-[a-zA-Z0-9]{4}){3}-[a-zA-Z0-9]{12})?)",
    re.ASCII,
)
_PRODUCT_ARN = re.compile(r"arn:[^:]+:servicecatalog:[^:]*:(?P<account>[0-9]{12}):.+", re.ASCII)


def named(text: t.Any) -> str | None:
    """The name or id of a stack set in a text that is one, or is its ARN; None for any other value.

    Requests take a name or an id, C(<name>:<uuid>), by botocore's model; of an ARN that is the last part.
    """
    found = _STACK_SET.fullmatch(text) if isinstance(text, str) else None
    return found["name"] if found else None


def derived(product_id: str, product_arn: str | None) -> str | None:
    """What Service Catalog calls the stack set of a product; None where the ARN does not tell the account.

    Inferred from AWS' managed policies, which allow C(stackset/SC-*), and from a published sample; not promised.
    """
    found = _PRODUCT_ARN.fullmatch(product_arn or "")
    return f"SC-{found['account']}-{product_id}" if found else None
