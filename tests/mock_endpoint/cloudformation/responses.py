# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DescribeStackSet and ListStackInstances as CloudFormation answers them: Regions, pages, filters, details."""

from __future__ import annotations

import typing as t

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from mock_endpoint.paging import page

MAX_RESULTS = 100


class InvalidRequest(ServiceException):
    """CloudFormation's ValidationError."""

    code = "ValidationError"


class Responses(CloudFormationResponse):
    """moto's CloudFormation with whole answers about stack instances."""

    def describe_stack_set(self) -> ActionResult:
        stack_set = self.cloudformation_backend.describe_stack_set(self._get_param("StackSetName"))
        stack_set.regions = sorted({instance.to_dict()["Region"] for instance in stack_set.instances.stack_instances})
        return ActionResult({"StackSet": stack_set})

    def list_stack_instances(self) -> ActionResult:
        stack_set = self.cloudformation_backend.describe_stack_set(self._get_param("StackSetName"))
        size = self._get_int_param("MaxResults") or MAX_RESULTS
        if not 1 <= size <= MAX_RESULTS:
            raise InvalidRequest(f"MaxResults must be between 1 and {MAX_RESULTS}, not {size}")
        wanted = self._filters()
        rows = [row for row in (i.to_dict() for i in stack_set.instances.stack_instances) if _matches(row, wanted)]
        rows, token = page(rows, f"{stack_set.id} {sorted(wanted.items())}", self._get_param("NextToken"), size)
        return ActionResult({"Summaries": rows, "NextToken": token})

    def _filters(self) -> dict[str, str]:
        wanted = {"Account": self._get_param("StackInstanceAccount"), "Region": self._get_param("StackInstanceRegion")}
        for entry in self._get_param("Filters") or []:
            wanted[entry["Name"]] = entry["Values"]
        return {name: value for name, value in wanted.items() if value is not None}


def _matches(row: dict[str, t.Any], wanted: dict[str, str]) -> bool:
    values = {
        **row,
        "DETAILED_STATUS": row["StackInstanceStatus"]["DetailedStatus"],
        "LAST_OPERATION_ID": row["LastOperationId"],
        "DRIFT_STATUS": row["DriftStatus"],
    }
    return all(values.get(name) == value for name, value in wanted.items())
