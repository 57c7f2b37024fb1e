# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DescribeStackSet and ListStackInstances with the Regions, pages, filters and details of CloudFormation."""

from __future__ import annotations

import typing as t
import uuid
from xml.sax.saxutils import escape

from moto.cloudformation.exceptions import StackSetNotFoundException
from moto.cloudformation.models import StackSet
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from mock_endpoint import validation
from mock_endpoint.cloudformation.models import StackInstance, instances_of
from mock_endpoint.errors import Invalid
from mock_endpoint.paging import page

MAX_RESULTS = 100
_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"

# The field that each filter compares.
_FILTERS: dict[str, t.Callable[[dict[str, t.Any]], t.Any]] = {
    "DETAILED_STATUS": lambda row: row["StackInstanceStatus"].get("DetailedStatus"),
    "LAST_OPERATION_ID": lambda row: row.get("LastOperationId"),
    "DRIFT_STATUS": lambda row: row.get("DriftStatus"),
}


class InvalidRequest(ServiceException):
    """CloudFormation's error for a parameter that violates its model."""

    code = "ValidationError"


class OperationNotFound(ServiceException):
    """An operation that no stack instance has as its last one."""

    code = "OperationNotFoundException"


class Responses(CloudFormationResponse):
    """moto's CloudFormation with complete responses about stack instances."""

    def describe_stack_set(self) -> ActionResult:
        """Return the stack set with the Regions of its instances."""
        stack_set = self._stack_set()
        regions = sorted({instance.region_name for instance in instances_of(stack_set)})
        stack_set.regions = regions  # type: ignore[attr-defined]  # moto's serializer reads it
        return ActionResult({"StackSet": stack_set})

    def list_stack_instances(self) -> str:  # type: ignore[override]  # moto accepts both
        """Return a page of the matching instances."""
        stack_set = self._stack_set()
        account, region = self._get_param("StackInstanceAccount"), self._get_param("StackInstanceRegion")
        filters = {entry["Name"]: entry["Values"] for entry in self._get_param("Filters") or []}
        rows = instances_of(stack_set)
        if region is not None:
            rows = [row for row in rows if row.region_name == region]
        if account is not None:
            rows = [row for row in rows if row.account_id == account]
        if filters:
            rows = [row for row in rows if _matches(row, filters)]
        listing = f"{stack_set.id} {account} {region} {sorted(filters.items())}"
        size = self._get_int_param("MaxResults") or MAX_RESULTS
        try:
            page_rows, token = page(rows, listing, self._get_param("NextToken"), size)
        except Invalid as e:
            raise InvalidRequest(e.message) from None
        # moto takes a tenth of a second to serialize a hundred rows; benchmarks would measure that.
        self.response_headers["Content-Type"] = "text/xml"
        return _result("ListStackInstances", {"Summaries": [row.to_dict() for row in page_rows], "NextToken": token})

    def describe_stack_set_operation(self) -> ActionResult | str:  # type: ignore[override]  # moto accepts both
        """Return an operation of the API, or the last operation of stack instances of a fleet."""
        stack_set = self._stack_set()
        operation_id = self._get_param("OperationId")
        if any(operation["OperationId"] == operation_id for operation in stack_set.operations):
            return super().describe_stack_set_operation()
        rows = [row for row in instances_of(stack_set) if row.to_dict().get("LastOperationId") == operation_id]
        if not rows:
            raise OperationNotFound(f"Operation {operation_id} not found")
        self.response_headers["Content-Type"] = "text/xml"
        return _result("DescribeStackSetOperation", {"StackSetOperation": _operation(stack_set.id, operation_id, rows)})

    def _stack_set(self) -> StackSet:
        try:
            validation.check("cloudformation", self._get_action(), self.params)
        except Invalid as e:
            raise InvalidRequest(e.message) from None
        return self.cloudformation_backend.describe_stack_set(self._get_param("StackSetName"))

    def _determine_resource(self) -> str:
        """Return the ARN that a policy must allow. moto uses ``*``, which a policy for one stack set does not allow."""
        name = self._get_param("StackSetName")
        if not name:
            return "*"
        try:
            name = self.cloudformation_backend.describe_stack_set(name).id
        except StackSetNotFoundException:
            name = f"{name}:*"
        return f"arn:{self.partition}:cloudformation:{self.region}:{self.current_account}:stackset/{name}"


def _operation(stack_set_id: str, operation_id: str, rows: list[StackInstance]) -> dict[str, t.Any]:
    """Return the members of ``StackSetOperation``, derived from the stack instances whose last operation it is."""
    found = [row.detailed_status_or_default for row in rows]
    failed = sum(status in ("FAILED", "CANCELLED", "INOPERABLE") for status in found)
    is_running = "RUNNING" in found or "PENDING" in found
    return {
        "OperationId": operation_id,
        "StackSetId": stack_set_id,
        "Action": "UPDATE",
        "Status": "RUNNING" if is_running else "FAILED" if failed else "SUCCEEDED",
        "CreationTimestamp": "2026-01-15T08:00:00Z",
        "EndTimestamp": None if is_running else "2026-01-15T08:30:00Z",
        "StatusDetails": {"FailedStackInstancesCount": failed, "TotalStackInstancesCount": len(rows)},
    }


def _matches(row: StackInstance, filters: dict[str, str]) -> bool:
    values = row.to_dict()
    return all(_FILTERS[name](values) == wanted for name, wanted in filters.items())


def _result(operation: str, result: dict[str, t.Any]) -> str:
    return (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{_xml(result)}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )


def _xml(value: t.Any) -> str:
    """Serialize a dict as elements and a list as ``member`` elements, without values that are None."""
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items() if item is not None)
    if isinstance(value, list):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    return escape(str(value))
