# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls to CloudFormation, page by page, and nothing else. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import paging as _paging
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    DamagedAnswerError,
    quote,
)

if t.TYPE_CHECKING:
    from botocore.client import BaseClient

_STACK_INSTANCES = _paging.Operation(
    "list_stack_instances", "Summaries", ("Account", "Region", "Status"), ("NextToken", "NextToken")
)
PAGE_SIZE = 100  # ListStackInstances, by its API reference


class StackSetNotFoundError(CallError):
    """A stack set that does not exist, or that this identity can't see."""


@dataclass(frozen=True)
class StackSet:
    """A stack set that is there."""

    name: str
    """By which it is asked for: its name, or its id."""
    regions: frozenset[str]
    """Those that CloudFormation says it has stack instances in; empty where it says nothing."""


def stack_set(client: BaseClient, name: str, label: str) -> StackSet:
    """The stack set of this name or id. O(label) names its product in messages.

    Raises StackSetNotFoundError, CallError and DamagedAnswerError.
    """
    description = f"describe stack set {name} of provisioned product {label}"
    try:
        answer = _client.call(client, "describe_stack_set", description, StackSetName=name)
    except CallError as e:
        _raise_if_not_found(e, client)
        raise
    told = _paging.entries([answer.get("StackSet")], ("StackSetName", "StackSetId"), description)[0]
    _paging.require_model(client, "StackSet", [told], description)
    return StackSet(name, frozenset(told.get("Regions") or ()))


def stack_instance_pages(
    client: BaseClient, name: str, label: str, *, account: str | None = None, region: str | None = None
) -> t.Iterator[_paging.Page]:
    """The pages of ListStackInstances, of one account or one Region where that is given.

    Each entry has the strings C(Account), C(Region) and C(Status). Raises StackSetNotFoundError, CallError, and
    DamagedAnswerError, also where an instance is not of what was asked for.
    """
    part = "".join(f", {what}" for what in (account, region) if what)
    description = f"list the stack instances of provisioned product {label}, stack set {name}{part}"
    wanted = {field: value for field, value in (("Account", account), ("Region", region)) if value}
    try:
        for page in _paging.pages(
            client,
            _STACK_INSTANCES,
            description,
            StackSetName=name,
            MaxResults=PAGE_SIZE,
            StackInstanceAccount=account,
            StackInstanceRegion=region,
        ):
            _paging.require_model(client, "StackInstanceSummary", page.entries, description)
            for field, value in wanted.items():
                stranger = next((entry[field] for entry in page.entries if entry[field] != value), None)
                if stranger is not None:
                    raise DamagedAnswerError(
                        f"Failed to {description}: AWS' answer holds one in {quote(stranger)}; nothing of it was used"
                    )
            yield page
    except CallError as e:
        _raise_if_not_found(e, client)
        raise


def _raise_if_not_found(error: CallError, client: BaseClient) -> None:
    if error.code == "StackSetNotFoundException":
        advice = (
            f"name the stack set in stack_set_names if it is another one in {client.meta.region_name}, or read with"
            " source servicecatalog"
        )
        raise StackSetNotFoundError(error.message, error.exception, advice) from error
