# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances without stacks, so that creating ten thousand of them takes a fraction of a second."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from moto.cloudformation.models import CloudFormationBackend, StackSet

# The default detailed status (StackInstanceComprehensiveStatus) for each status.
_DETAILED_STATUS = {"CURRENT": "SUCCEEDED", "OUTDATED": "PENDING", "INOPERABLE": "INOPERABLE"}
SUSPENDED = "SKIPPED_SUSPENDED_ACCOUNT"


@dataclass
class StackInstance:
    """A stack instance. It has the attributes of moto's own class that moto reads."""

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
    def target(self) -> tuple[str, str]:
        """Account and Region, which are unique in a stack set."""
        return self.account_id, self.region_name

    @property
    def detailed_status_or_default(self) -> str | None:
        """``DetailedStatus``, derived from the status if it is not set."""
        return self.detailed_status or _DETAILED_STATUS.get(self.status)

    def to_dict(self) -> dict[str, t.Any]:
        """Return the fields that ``StackInstanceSummary`` and ``StackInstance`` share."""
        return {
            "StackSetId": self.stack_set_id,
            "Region": self.region_name,
            "Account": self.account_id,
            "StackId": self.stack_id,
            "Status": self.status,
            "StatusReason": self.status_reason,
            "StackInstanceStatus": {"DetailedStatus": self.detailed_status_or_default},
            "OrganizationalUnitId": self.organizational_unit_id,
            "DriftStatus": self.drift_status,
            "LastDriftCheckTimestamp": self.last_drift_check_timestamp,
            "LastOperationId": self.last_operation_id,
        }

    def delete(self) -> None:
        """Do nothing: moto deletes the stack of an instance here."""


def instances_of(stack_set: StackSet) -> list[StackInstance]:
    """Return the stack set's own list. Instances that CloudFormation's operations created are of moto's class."""
    return t.cast("list[StackInstance]", stack_set.instances.stack_instances)


class Backend(CloudFormationBackend):
    """moto's backend, in a module from whose name moto derives the URLs of this package."""
