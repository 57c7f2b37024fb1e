# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API calls to CloudFormation. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._errors import CallError, MalformedResponseError, quote
from . import paging

if t.TYPE_CHECKING:
    from .client import Client

_STACK_INSTANCES = paging.Operation(
    "list_stack_instances", "Summaries", ("Account", "Region", "Status"), "NextToken", "NextToken"
)
PAGE_SIZE = 100  # the maximum of ListStackInstances in its API reference


class StackSetNotFoundError(CallError):
    """The stack set does not exist, or this identity has no access to it."""


@dataclass(frozen=True)
class StackSet:
    """A stack set that exists."""

    name: str
    """Its name or ID in requests."""
    regions: frozenset[str]
    """The Regions in which it has stack instances by its description; empty if CloudFormation returns none."""


def stack_set(client: Client, name: str, label: str) -> StackSet:
    """Return the stack set of this name or ID.

    Args:
        client: The client.
        name: The name or ID of the stack set.
        label: The provisioned product in messages.

    Raises:
        StackSetNotFoundError, CallError: The call failed.
        MalformedResponseError: The response is incomplete.
    """
    description = f"describe stack set {name} of provisioned product {label}"
    try:
        response = client.call("describe_stack_set", description, StackSetName=name)
    except CallError as e:
        _raise_if_not_found(e, client)
        raise
    [detail] = paging.entries([response.get("StackSet")], ("StackSetName", "StackSetId"), description)
    paging.require_model(client, "StackSet", [detail], description)
    return StackSet(name, frozenset(detail.get("Regions") or ()))


def stack_instance_pages(
    client: Client, name: str, label: str, *, account: str | None = None, region: str | None = None
) -> t.Iterator[paging.Page]:
    """Read the pages of ListStackInstances, of one account or one Region if specified.

    Yields:
        Pages whose entries have at least the strings ``Account``, ``Region`` and ``Status``.

    Raises:
        StackSetNotFoundError, CallError: A call failed.
        MalformedResponseError: The listing cannot be complete, or contains another account or Region.
    """
    part = "".join(f", {what}" for what in (account, region) if what)
    description = f"list the stack instances of provisioned product {label}, stack set {name}{part}"
    wanted = {field: value for field, value in (("Account", account), ("Region", region)) if value}
    try:
        for page in paging.pages(
            client,
            _STACK_INSTANCES,
            description,
            StackSetName=name,
            MaxResults=PAGE_SIZE,
            StackInstanceAccount=account,
            StackInstanceRegion=region,
        ):
            paging.require_model(client, "StackInstanceSummary", page.entries, description)
            for field, value in wanted.items():
                other = next((entry[field] for entry in page.entries if entry[field] != value), None)
                if other is not None:
                    raise MalformedResponseError(
                        f"Failed to {description}: the response from AWS contained {quote(other)}; the result was"
                        " discarded"
                    )
            yield page
    except CallError as e:
        _raise_if_not_found(e, client)
        raise


def operation(client: Client, stack_set_id: str, operation_id: str) -> paging.Entry:
    """Return ``StackSetOperation`` of DescribeStackSetOperation, an empty dict if the operation no longer exists.

    Raises:
        CallError: The call failed.
        MalformedResponseError: The response is incomplete, or about another operation.
    """
    description = f"describe operation {quote(operation_id)} of stack set {quote(stack_set_id)}"
    try:
        response = client.call(
            "describe_stack_set_operation", description, StackSetName=stack_set_id, OperationId=operation_id
        )
    except CallError as e:
        if e.code == "OperationNotFoundException":
            return {}
        raise
    [detail] = paging.entries([response.get("StackSetOperation")], ("OperationId", "Action", "Status"), description)
    paging.require_model(client, "StackSetOperation", [detail], description)
    if detail["OperationId"] != operation_id:
        raise MalformedResponseError(f"Failed to {description}: the response is about {quote(detail['OperationId'])}")
    return detail


def _raise_if_not_found(error: CallError, client: Client) -> None:
    if error.code == "StackSetNotFoundException":
        advice = (
            f"If the stack set has a different name in {client.region}, set stack_set_names, or set source to"
            " servicecatalog"
        )
        raise StackSetNotFoundError(error.message, error.exception, advice) from error
