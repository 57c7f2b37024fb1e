# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a wait for a rollout. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._errors import OptionError
from . import options
from .options import Options, boolean, number, option, text

if t.TYPE_CHECKING:
    from .options import Query

LONGEST_WAIT = 366 * 24 * 60 * 60  # seconds; no kernel sleeps for as long as an integer can express
MOST_INSTANCES = 100_000  # of a stack set, by the quotas of CloudFormation

_SECONDS: dict[str, t.Any] = {"read": number(0, LONGEST_WAIT, "seconds"), "type": "int"}


@dataclass(frozen=True)
class WaitOptions(Options):
    """How long to wait, in seconds, and what must have arrived."""

    timeout: int = field(default=1800, metadata=option(**_SECONDS))
    delay: int = field(default=0, metadata=option(**_SECONDS))
    sleep: int = field(default=15, metadata=option(number(1, LONGEST_WAIT, "seconds"), type="int"))
    report_every: int = field(default=300, metadata=option(**_SECONDS))
    failure_tolerance_count: int = field(default=0, metadata=option(number(0, MOST_INSTANCES), type="int"))
    failure_tolerance_percentage: int = field(default=0, metadata=option(number(0, 100), type="int"))
    tolerate_suspended: bool = field(default=False, metadata=option(boolean, type="bool"))
    provisioning_artifact_id: str | None = field(
        default=None,
        metadata=option(text("[a-zA-Z0-9_-]{1,100}", "the ID of a version, such as pa-a1b2c3d4e5f6g"), type="str"),
    )
    provisioning_artifact_name: str | None = field(
        default=None, metadata=option(text("(?s).{1,8192}", "the name of a version"), type="str")
    )
    record_id: str | None = field(
        default=None,
        metadata=option(text("[a-zA-Z0-9_-]{1,100}", "the ID of a record, such as rec-a1b2c3d4e5f6g"), type="str"),
    )
    max_not_current: int = field(default=100, metadata=option(number(0, MOST_INSTANCES), type="int"))

    def tolerated(self, total: int) -> int:
        """Return how many of this many stack instances may be other than CURRENT.

        A percentage is rounded down, as in the API reference of CloudFormation's StackSetOperationPreferences.
        """
        return max(self.failure_tolerance_count, total * self.failure_tolerance_percentage // 100)

    def require_selection(self, query: Query) -> None:
        """Refuse a selection on which a gate could pass by accident. Raises OptionError."""
        lists = ("provisioned_product_ids", "provisioned_product_names", "accounts", "regions")
        for name in (*lists, "organizational_unit_ids", "tags"):
            value = getattr(query, name)
            if value is not None and not value:
                raise OptionError(f"{name} is empty, which selects nothing. Specify at least one, or omit the option.")
        if query.is_discovery and query.tags is None and not query.all_products:
            raise OptionError(
                "Specify provisioned_product_ids or provisioned_product_names, or set all_products=true to wait for"
                " every product of type CFN_STACKSET, or tags to wait for those with certain tags"
            )
        if self.tolerate_suspended and query.source == "servicecatalog":
            raise OptionError(
                "tolerate_suspended requires source=cloudformation or source=auto, as Service Catalog does not return"
                " which accounts are suspended"
            )
        named = len(query.provisioned_product_ids or ()) + len(query.provisioned_product_names or ())
        if self.record_id is not None and named != 1:
            raise OptionError("record_id requires exactly one product in provisioned_product_ids or _names")


def parse(given: t.Mapping[str, t.Any]) -> tuple[Query, WaitOptions]:
    """Return the checked query and options of a wait. Raises OptionError."""
    query = options.parse(options.Query, given)
    wait = options.parse(WaitOptions, given)
    wait.require_selection(query)
    return query, wait
