# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances that are light: no stack is made behind them, so that ten thousand take no time."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from moto.cloudformation.models import CloudFormationBackend, StackSet

# What CloudFormation means by a status, where a test does not say (StackInstanceComprehensiveStatus).
_DETAILED_STATUS = {"CURRENT": "SUCCEEDED", "OUTDATED": "PENDING", "INOPERABLE": "INOPERABLE"}
SUSPENDED = "SKIPPED_SUSPENDED_ACCOUNT"


@dataclass
class StackInstance:
    """A stack instance, with the attributes that moto's own have where moto reads them."""

    account_id: str
    region_name: str
    stack_set_id: str = ""
    status: str = "CURRENT"
    detailed_status: str | None = None
    status_reason: str | None = None
    organizational_unit_id: str | None = None
    drift_status: str = "NOT_CHECKED"
    last_drift_check_timestamp: str | None = None
    last_operation_id: str | None = None
    stack_id: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """What tells it from the others of its stack set."""
        return self.account_id, self.region_name

    @property
    def whole_status(self) -> str | None:
        """C(DetailedStatus)."""
        return self.detailed_status or _DETAILED_STATUS.get(self.status)

    def to_dict(self) -> dict[str, t.Any]:
        """C(StackInstanceSummary) and C(StackInstance), which share these fields."""
        return {
            "StackSetId": self.stack_set_id,
            "Region": self.region_name,
            "Account": self.account_id,
            "StackId": self.stack_id,
            "Status": self.status,
            "StatusReason": self.status_reason,
            "StackInstanceStatus": {"DetailedStatus": self.whole_status},
            "OrganizationalUnitId": self.organizational_unit_id,
            "DriftStatus": self.drift_status,
            "LastDriftCheckTimestamp": self.last_drift_check_timestamp,
            "LastOperationId": self.last_operation_id,
        }

    def delete(self) -> None:
        """moto deletes the stack behind an instance; there is none."""


def instances_of(stack_set: StackSet) -> list[StackInstance]:
    """The stack set's own list of instances; those that came through CloudFormation's operations are moto's."""
    return t.cast("list[StackInstance]", stack_set.instances.stack_instances)


class Backend(CloudFormationBackend):
    """moto's backend, under a name by which moto finds this package's responses."""
