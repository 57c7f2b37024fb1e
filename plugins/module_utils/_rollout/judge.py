# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on a rollout from one poll. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._errors import quote
from .._model.provisioned_product import label
from .._model.stack_instance import SUSPENDED, detail, severity
from .._model.summary import summarize
from . import messages
from .coverage import not_found

if t.TYPE_CHECKING:
    from .._model.options import Query
    from .._model.provisioned_product import ListedProduct
    from .._model.stack_instance import StackInstance
    from .._model.summary import Summary
    from .._model.wait_options import WaitOptions
    from .messages import Reason

SETTLED = "AVAILABLE"
# The statuses that only another operation on the product changes.
FAILED_PRODUCT = ("TAINTED", "ERROR")
# The detailed statuses in which an operation has left a stack instance, and which only another operation changes (API
# reference of CloudFormation, StackInstanceComprehensiveStatus).
TERMINAL_STATUSES = ("CANCELLED", "FAILED", "FAILED_IMPORT", "INOPERABLE", SUSPENDED)
RECORD_SUCCEEDED = "SUCCEEDED"
RECORD_FAILED = "FAILED"


@dataclass(frozen=True)
class Record:
    """The request whose result counts."""

    id: str
    status: str
    errors: tuple[str, ...]
    """Such as "ResourceNotReady: Stack set operation failed"."""
    provisioned_product_id: str


class Observation(t.TypedDict):
    """What one poll has found, as the wait returns it."""

    summary: Summary
    provisioned_products: list[ListedProduct]
    not_current: list[StackInstance]
    """The worst first, at most ``max_not_current``."""
    not_current_total: int
    reasons: list[Reason]
    """Of all that is not current."""


@dataclass(frozen=True)
class Verdict:
    """The outcome if the wait ended now, and why."""

    outcome: str
    """``ready``, ``waiting``, ``missing`` (which may pass), or a failure that waiting does not change."""
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether waiting does not help."""
        return self.outcome not in ("ready", "waiting", "missing")


EMPTY: Observation = {
    "summary": summarize(()),
    "provisioned_products": [],
    "not_current": [],
    "not_current_total": 0,
    "reasons": [],
}


def observe(
    products: t.Sequence[ListedProduct],
    instances: t.Sequence[StackInstance],
    missing: t.Sequence[StackInstance],
    query: Query,
    options: WaitOptions,
) -> tuple[Observation, Verdict | None]:
    """Reduce a listing to what a verdict needs.

    Args:
        products: The products.
        instances: Their stack instances.
        missing: A row for each required account and Region without a stack instance.
        query: The selection.
        options: The options of the wait.

    Returns:
        The observation, and a verdict on stack instances that waiting does not change, if they are more than tolerated.
    """
    counted = [row for row in instances if not (options.tolerate_suspended and row.get("detailed_status") == SUSPENDED)]
    counted += missing
    not_current = sorted(
        (row for row in counted if row["stack_instance_status"] != "CURRENT"), key=severity, reverse=True
    )
    of_product: dict[str, list[StackInstance]] = {product["id"]: [] for product in products}
    for row in counted:
        of_product[row["provisioned_product_id"]].append(row)
    listed: list[ListedProduct] = [{**p, "summary": summarize(of_product[p["id"]])} for p in products]
    is_complete = bool(listed) and not not_found(query, listed)
    every = is_complete and all(product["summary"]["all_current"] for product in listed)
    observation: Observation = {
        "summary": summarize(counted, every),
        "provisioned_products": listed,
        "not_current": not_current[: options.max_not_current],
        "not_current_total": len(not_current),
        "reasons": messages.group_by_reason(not_current, options.max_not_current, with_product=len(listed) > 1),
    }
    return observation, _judge_terminal(listed, not_current, len(counted), options)


def judge(
    observation: Observation, terminal: Verdict | None, query: Query, options: WaitOptions, record: Record | None = None
) -> Verdict:
    """Return the verdict on a rollout.

    The status of a product comes first: while it changes, its stack instances "might not have valid results" (API
    reference of Service Catalog, ProvisionedProductDetail). An unknown status means waiting.

    Args:
        observation: What the poll has found.
        terminal: The verdict on stack instances that waiting does not change.
        query: The selection.
        options: What must have arrived.
        record: The request whose result counts.
    """
    verdict = _judge_record(observation, record) or _judge_products(observation, query, options) or terminal
    if verdict is not None:
        return verdict
    waiting_for = list(_unsettled(observation, query, record))
    unsettled = [messages.first_few(waiting_for)] if waiting_for else []
    summary = observation["summary"]
    # What was named and does not exist is never tolerated.
    tolerated = 0 if "missing" in summary else options.tolerated(summary["total"])
    if observation["not_current_total"] > tolerated:
        unsettled.append(_not_current_text(observation, tolerated))
    if not unsettled:
        return Verdict("ready")
    return Verdict("missing" if _is_missing_from_settled(observation) else "waiting", "; ".join(unsettled))


def _judge_record(observation: Observation, record: Record | None) -> Verdict | None:
    if record is None:
        return None
    ids = {product["id"] for product in observation["provisioned_products"]}
    if ids and record.provisioned_product_id not in ids:
        return Verdict(
            "record_failed",
            f"Record {record.id} belongs to provisioned product {quote(record.provisioned_product_id)}, not to"
            f" {', '.join(sorted(ids))}. Use the record of the last operation on the product.",
        )
    if record.status == RECORD_FAILED:
        errors = messages.first_few(record.errors) or "AWS reported no error"
        return Verdict("record_failed", f"The operation of record {record.id} FAILED: {errors}")
    return None


def _judge_products(observation: Observation, query: Query, options: WaitOptions) -> Verdict | None:
    if query.is_discovery and not observation["provisioned_products"]:
        which = " with the tags" if query.tags is not None else ""
        return Verdict("no_instances", f"No provisioned product of type CFN_STACKSET{which} was found")
    for product in observation["provisioned_products"]:
        if product["status"] in FAILED_PRODUCT:
            reported = quote(product["status_message"]).rstrip(".") or "AWS reported no reason"
            message = f"Provisioned product {label(product)} is {product['status']}: {reported}"
            if observation["not_current_total"]:
                tolerated = options.tolerated(observation["summary"]["total"])
                message += f". {_not_current_text(observation, tolerated)}"
            return Verdict("product_failed", message)
    for product in observation["provisioned_products"]:
        if product["status"] == SETTLED:
            verdict = _judge_version(product, options)
            if verdict is None and not product["summary"]["total"]:
                message = (
                    f"Provisioned product {label(product)} has no stack instance in the selected accounts and Regions"
                )
                verdict = Verdict("no_instances", message)
            if verdict is not None:
                return verdict
    return None


def _judge_version(product: ListedProduct, options: WaitOptions) -> Verdict | None:
    for kind in ("provisioning_artifact_id", "provisioning_artifact_name"):
        wanted, found = getattr(options, kind), product.get(kind)
        if wanted is not None and found != wanted:
            return Verdict(
                "wrong_version",
                f"Provisioned product {label(product)} has the version {quote(found) or 'unknown'}, not"
                f" {quote(wanted)}. Verify that the update was requested.",
            )
    return None


def _judge_terminal(
    products: t.Sequence[ListedProduct],
    not_current: t.Sequence[StackInstance],
    total: int,
    options: WaitOptions,
) -> Verdict | None:
    settled = {product["id"] for product in products if product["status"] == SETTLED}
    terminal = [
        row for row in not_current if row["provisioned_product_id"] in settled and detail(row) in TERMINAL_STATUSES
    ]
    tolerated = options.tolerated(total)
    if len(terminal) <= tolerated:
        return None
    reasons = messages.group_by_reason(terminal, messages.TARGETS_IN_MESSAGES, with_product=len(products) > 1)
    text = messages.not_current_text(reasons, len(terminal), total, tolerated)
    return Verdict("instances_failed", f"{text}. Waiting does not help: fix the cause and run the operation again.")


def _unsettled(observation: Observation, query: Query, record: Record | None) -> t.Iterator[str]:
    products = observation["provisioned_products"]
    yield from (f"provisioned product {named} was not found" for named in not_found(query, products))
    for product in products:
        if product["status"] != SETTLED:
            yield f"provisioned product {label(product)} is {quote(product['status']) or 'in an unknown status'}"
    if record is not None and record.status != RECORD_SUCCEEDED:
        yield f"the operation of record {record.id} is {quote(record.status)}"


def _is_missing_from_settled(observation: Observation) -> bool:
    return any(
        product["status"] == SETTLED and "missing" in product["summary"]
        for product in observation["provisioned_products"]
    )


def _not_current_text(observation: Observation, tolerated: int) -> str:
    return messages.not_current_text(
        observation["reasons"], observation["not_current_total"], observation["summary"]["total"], tolerated
    )
