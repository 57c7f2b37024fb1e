# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a rollout has settled, and how to wait until it has. Pure but for the clock that it is given.

Private to this collection.
"""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    SelectionError,
    is_throttling,
    quote,
    shown,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products as _products

# The argument spec of the wait itself, beside the selection's.
ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    "timeout": {"type": "int", "default": 1800},
    "delay": {"type": "int", "default": 0},
    "sleep": {"type": "int", "default": 15},
    "failure_tolerance_count": {"type": "int", "default": 0},
    "failure_tolerance_percentage": {"type": "int", "default": 0},
}

SETTLED = "AVAILABLE"
FAILED = ("TAINTED", "ERROR")
# What waiting does not mend, of CloudFormation's detailed statuses (API reference, StackInstanceComprehensiveStatus):
# each is where an operation has left the stack instance, and only another operation brings it on.
HOPELESS = ("CANCELLED", "FAILED", "FAILED_IMPORT", "INOPERABLE", "SKIPPED_SUSPENDED_ACCOUNT")
NAMED_IN_MESSAGES = 5
REASON_LENGTH = 200
SHORTEST_SLEEP = 0.75
LONGEST_WAIT = 366 * 24 * 60 * 60  # seconds; no kernel sleeps for as long as an integer can be

Product = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and what to put up with."""

    timeout: float = 1800
    delay: float = 0
    sleep: float = 15
    failure_tolerance_count: int = 0
    failure_tolerance_percentage: int = 0

    def tolerated(self, total: int) -> int:
        """How many of O(total) stack instances may be other than CURRENT; a percentage is rounded down, as
        CloudFormation does it (its API reference, StackSetOperationPreferences).
        """
        return max(self.failure_tolerance_count, total * self.failure_tolerance_percentage // 100)


@dataclass(frozen=True)
class Look:
    """What one look has shown: C(provisioned_products) and C(stack_instances) as a listing has them."""

    provisioned_products: t.Sequence[Product]
    stack_instances: t.Sequence[_stack_instance.StackInstance]
    warnings: t.Sequence[str] = ()

    @property
    def not_current(self) -> list[_stack_instance.StackInstance]:
        return [i for i in self.stack_instances if i["stack_instance_status"] != "CURRENT"]

    @property
    def hopeless(self) -> list[_stack_instance.StackInstance]:
        """Those that do not become CURRENT by waiting, of products that are no longer changing."""
        settled = {product["id"] for product in self.provisioned_products if product["status"] == SETTLED}
        return [i for i in self.not_current if i["provisioned_product_id"] in settled and _ended(i) in HOPELESS]


@dataclass(frozen=True)
class Verdict:
    """C(ready) when the rollout has settled well, C(failure) when waiting can't help; else it goes on."""

    ready: bool = False
    failure: str | None = None


class LookFailedError(Exception):
    """A look that showed nothing. O(result) is what the module that looked has failed with."""

    def __init__(self, result: dict[str, t.Any]) -> None:
        super().__init__(result["msg"])
        self.message: str = result["msg"]
        self.retryable: bool = result.get("retryable", False)
        # AWS' error, or what Ansible tells of a module that did not run at all.
        told = ("error", "rc", "module_stdout", "module_stderr")
        self.details: dict[str, t.Any] = {name: value for name, value in result.items() if name in told}

    @property
    def throttled(self) -> bool:
        """Whether AWS was only too busy."""
        error = self.details.get("error", {})
        return is_throttling({"Code": error.get("code"), "Message": error.get("message")})


@dataclass
class Outcome:
    """How a wait has ended."""

    verdict: Verdict
    elapsed: float
    polls: int
    look: Look = Look((), ())
    details: t.Mapping[str, t.Any] = field(default_factory=dict)
    """Of the look that failed, where one has ended the wait."""

    def as_dict(self) -> dict[str, t.Any]:
        """The result of the module and of the action."""
        result: dict[str, t.Any] = {
            "changed": False,
            "ready": self.verdict.ready,
            "elapsed": int(self.elapsed),
            "polls": self.polls,
            "summary": _stack_instance.summary(self.look.stack_instances),
            "provisioned_products": list(self.look.provisioned_products),
            "not_current": self.look.not_current,
        }
        if self.verdict.failure is not None:
            result.update(failed=True, msg=self.verdict.failure)
        return {**result, **self.details}


def patience_from_options(options: t.Mapping[str, t.Any]) -> Patience:
    """The patience that checked options ask for. Raises SelectionError."""
    patience = Patience(**{name: options[name] for name in ARGUMENT_SPEC})
    for name in ("timeout", "delay", "failure_tolerance_count", "failure_tolerance_percentage"):
        if options[name] < 0:
            raise SelectionError(f"{name} must not be negative, but is {shown(options[name])}")
    for name in ("timeout", "delay", "sleep"):
        if options[name] > LONGEST_WAIT:
            raise SelectionError(f"{name} must be at most {LONGEST_WAIT} seconds, but is {shown(options[name])}")
    if patience.sleep < 1:
        raise SelectionError(f"sleep must be at least 1 second, but is {shown(options['sleep'])}")
    if patience.failure_tolerance_percentage > 100:
        raise SelectionError(
            f"failure_tolerance_percentage must be at most 100, but is {shown(patience.failure_tolerance_percentage)}"
        )
    return patience


def judge(look: Look, patience: Patience) -> Verdict:
    """What one look says of the rollout.

    A product's own status comes first: while it changes, what is listed of its instances need not be valid (API
    reference of Service Catalog, ProvisionedProductDetail). A status that is not known is waited for.
    """
    if not look.provisioned_products:
        return Verdict(failure="No provisioned product was found, so nothing has been rolled out")
    for product in look.provisioned_products:
        if product["status"] in FAILED:
            said = quote(product.get("status_message")).rstrip(".") or "AWS gives no reason"
            return Verdict(failure=f"Provisioned product {_products.label(product)} is {product['status']}: {said}")
    settled = [product for product in look.provisioned_products if product["status"] == SETTLED]
    for product in settled:
        if not product["summary"]["total"]:
            return Verdict(
                failure=f"Provisioned product {_products.label(product)} has no stack instance that was asked for"
            )
    tolerated = patience.tolerated(len(look.stack_instances))
    hopeless = look.hopeless
    if len(hopeless) > tolerated:
        ended = " or ".join(sorted({_ended(i) for i in hopeless}))
        return Verdict(
            failure=f"{_count(hopeless, look)} {ended}, of which {tolerated} are tolerated; waiting does not help, a"
            f" person has to look after them: {_places(hopeless)}"
        )
    return Verdict(ready=len(settled) == len(look.provisioned_products) and len(look.not_current) <= tolerated)


def look_once(see: t.Callable[[], Look], patience: Patience) -> Outcome:
    """What check mode does: one look, no waiting, and no failure for what it shows."""
    try:
        look = see()
    except LookFailedError as e:
        return Outcome(Verdict(failure=e.message), 0, 1, details=e.details)
    return Outcome(Verdict(ready=judge(look, patience).ready), 0, 1, look)


def wait(
    see: t.Callable[[], Look],
    patience: Patience,
    show: t.Callable[[str], None],
    *,
    clock: t.Callable[[], float] = time.monotonic,
    pause: t.Callable[[float], None] = time.sleep,
) -> Outcome:
    """Look until the rollout has settled, has failed, or the time is up; the last look is at the end of the time.

    O(show) gets a line for each product whenever something about it has changed. A look that raises LookFailedError is
    tried again if it may go well later and there was a good one before, or if AWS was only too busy.
    """
    began = clock()
    polls, seen, trouble = 0, Look((), ()), ""
    shown: dict[str, str] = {}
    pause(min(patience.delay, patience.timeout))
    while True:
        polls += 1
        try:
            seen, trouble = see(), ""
        except LookFailedError as e:
            trouble = e.message
            if not e.retryable or not (shown or e.throttled):
                return Outcome(Verdict(failure=trouble), clock() - began, polls, seen, e.details)
            show(f"{trouble}; tried again, {duration(clock() - began)}")
        else:
            _show_changes(seen, shown, show, clock() - began)
            verdict = judge(seen, patience)
            if verdict.ready or verdict.failure:
                return Outcome(verdict, clock() - began, polls, seen)
        left = patience.timeout - (clock() - began)
        if left <= 0:
            return Outcome(Verdict(failure=timed_out(seen, patience, trouble)), clock() - began, polls, seen)
        # Many jobs that began together do not look together, and none looks later than it said.
        pause(min(patience.sleep * random.uniform(SHORTEST_SLEEP, 1), left))


def timed_out(look: Look, patience: Patience, trouble: str) -> str:
    """Why a wait ended without an answer, and who is not there yet."""
    reasons = [
        f"product {_products.label(p)} is {p['status']}" for p in look.provisioned_products if p["status"] != SETTLED
    ]
    if look.not_current:
        accounts = len({i["account"] for i in look.not_current})
        regions = len({i["region"] for i in look.not_current})
        reasons.append(
            f"{_count(look.not_current, look)} not CURRENT, in {accounts} account{'s' * (accounts != 1)} and"
            f" {regions} Region{'s' * (regions != 1)}: {_places(look.not_current)}"
        )
    if trouble:
        reasons.append(f"the last look failed: {trouble}")
    return f"Timed out after {duration(patience.timeout)}: {'; '.join(reasons) or 'nothing was seen'}"


def progress(product: Product) -> str:
    """Such as C(guardrails (pp-abc): 12 of 40 CURRENT, 28 OUTDATED)."""
    summary = product["summary"]
    parts = [f"{summary['current']} of {summary['total']} CURRENT"]
    counted = {"OUTDATED": summary["outdated"], "INOPERABLE": summary["inoperable"]}
    counted["in another status"] = summary["total"] - summary["current"] - sum(counted.values())
    parts += [f"{count} {status}" for status, count in counted.items() if count]
    if product["status"] != SETTLED:
        parts.append(f"product {product['status']}")
    return f"{_products.label(product)}: {', '.join(parts)}"


def duration(seconds: float) -> str:
    """Such as C(45s), C(1m30s), C(2h5m0s)."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _show_changes(look: Look, shown: dict[str, str], show: t.Callable[[str], None], elapsed: float) -> None:
    for product in look.provisioned_products:
        line = progress(product)
        if shown.get(product["id"]) != line:
            shown[product["id"]] = line
            show(f"{line}, {duration(elapsed)}")


def _count(instances: t.Sequence[_stack_instance.StackInstance], look: Look) -> str:
    total = len(look.stack_instances)
    return f"{len(instances)} of {total} stack instance{'s' * (total != 1)} {'is' if len(instances) == 1 else 'are'}"


def _ended(instance: _stack_instance.StackInstance) -> str:
    """Where an operation has left a stack instance, as exactly as it is known."""
    if instance["stack_instance_status"] == "INOPERABLE":
        return "INOPERABLE"
    return str(instance.get("detailed_status") or "")


def _places(instances: t.Sequence[_stack_instance.StackInstance]) -> str:
    """The first few, with the reasons that are known, and how many more."""
    fields = ["account", "region", "stack_instance_status"]
    if len({i["provisioned_product_id"] for i in instances}) > 1:
        fields.insert(0, "provisioned_product_id")
    named = [" ".join(i[name] for name in fields) + _reason(i) for i in instances[:NAMED_IN_MESSAGES]]
    more = len(instances) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _reason(instance: _stack_instance.StackInstance) -> str:
    """Such as C( (FAILED: Access denied)), where CloudFormation has told it."""
    known = [instance.get("detailed_status"), quote(instance.get("status_reason"), REASON_LENGTH).rstrip(".")]
    if known[0] == instance["stack_instance_status"]:
        del known[0]
    told = ": ".join(quote(text) for text in known if text)
    return f" ({told})" if told else ""
