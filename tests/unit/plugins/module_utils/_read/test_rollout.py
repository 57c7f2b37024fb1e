# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    MalformedResponseError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import wait_options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import rollout
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.judge import Observation, Verdict
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    account,
    accounts,
    connect,
    detail,
    error,
    json_response,
    page,
    stack_set,
    stack_set_page,
    summary_of,
    unit,
    xml_error,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
RECORD = "DescribeRecord"
VERSION = "DescribeProvisioningArtifact"
GONE = error("ResourceNotFoundException")


def poll(**given: t.Any) -> tuple[Observation, Verdict, list[str]]:
    """Poll for the product pp-a, or for other ones."""
    named = {"all_products", "provisioned_product_ids", "provisioned_product_names", "tags"} & set(given)
    query, options = wait_options.parse({**({} if named else {"provisioned_product_ids": ["pp-a"]}), **given})
    return rollout.read(connect(concurrency=query.concurrency), query, options)


def described(product_id: str = "pp-a", **more: t.Any) -> Response:
    fields = {"ProductId": "prod-a", "ProvisioningArtifactId": "pa-12", **more}
    return json_response(ProvisionedProductDetail=detail(product_id, "guardrails", **fields))


def record(status: str = "SUCCEEDED", **more: t.Any) -> Response:
    return json_response(RecordDetail={"RecordId": "rec-a", "Status": status, "ProvisionedProductId": "pp-a", **more})


def version(name: str, version_id: str = "pa-12") -> Response:
    return json_response(ProvisioningArtifactDetail={"Id": version_id, "Name": name})


def test_a_poll_describes_the_product_and_lists_its_stack_instances(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1, 2]))
    observation, verdict, warnings = poll()
    assert aws.operations == [DESCRIBE, LIST]
    assert verdict == Verdict("ready")
    assert observation["summary"]["total"] == 2
    assert observation["provisioned_products"][0]["name"] == "guardrails"
    assert (observation["not_current"], warnings) == ([], [])


def test_the_id_of_the_version_needs_no_call(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    _observation, verdict, _warnings = poll(provisioning_artifact_id="pa-12")
    assert verdict.outcome == "ready"
    assert VERSION not in aws.operations


@pytest.mark.parametrize(
    ("name", "found", "outcome"),
    [("v12", "v12", "ready"), ("v12", "V12", "wrong_version"), ("v1", "v12", "wrong_version")],
)
def test_the_name_of_the_version_is_read_and_compared_exactly(aws: Script, name: str, found: str, outcome: str) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    aws.expect(VERSION, version(found))
    observation, verdict, _warnings = poll(provisioning_artifact_name=name, accept_language="jp")
    assert verdict.outcome == outcome
    assert observation["provisioned_products"][0]["provisioning_artifact_name"] == found
    assert aws.requests[-1].parameters == {
        "ProductId": "prod-a",
        "ProvisioningArtifactId": "pa-12",
        "AcceptLanguage": "jp",
    }


def test_the_name_of_the_version_that_a_search_returns_is_used(aws: Script) -> None:
    found = detail("pp-a", "a", ProductId="prod-a", ProvisioningArtifactId="pa-12", ProvisioningArtifactName="v12")
    aws.expect(SEARCH, json_response(ProvisionedProducts=[found]))
    aws.expect(LIST, page([1]))
    _observation, verdict, _warnings = poll(all_products=True, provisioning_artifact_name="v12")
    assert verdict.outcome == "ready"
    assert VERSION not in aws.operations


@pytest.mark.parametrize("lacks", ["ProductId", "ProvisioningArtifactId"])
def test_an_unknown_version_is_the_wrong_one(aws: Script, lacks: str) -> None:
    product = {"ProductId": "prod-a", "ProvisioningArtifactId": "pa-12"}
    del product[lacks]
    aws.expect(DESCRIBE, json_response(ProvisionedProductDetail=detail("pp-a", "guardrails", **product)))
    aws.expect(LIST, page([1]))
    _observation, verdict, _warnings = poll(provisioning_artifact_name="v12")
    assert verdict == Verdict(
        "wrong_version",
        "Provisioned product guardrails (pp-a) has the version unknown, not v12. Verify that the update was requested.",
    )


def test_the_versions_of_all_products_are_compared(aws: Script) -> None:
    for product_id, version_id, name in (("pp-a", "pa-12", "v12"), ("pp-b", "pa-11", "v11")):
        aws.expect(f"{DESCRIBE} {product_id}", described(product_id, ProvisioningArtifactId=version_id))
        aws.expect(f"{LIST} {product_id}", page([1]))
        aws.expect(f"{VERSION} {version_id}", version(name, version_id))
    _observation, verdict, _warnings = poll(provisioned_product_ids=["pp-a", "pp-b"], provisioning_artifact_name="v12")
    assert verdict.outcome == "wrong_version"
    assert "guardrails (pp-b) has the version v11, not v12" in verdict.message


@pytest.mark.parametrize(
    ("found", "outcome", "message"),
    [
        (record(), "ready", ""),
        (record("IN_PROGRESS"), "waiting", "the operation of record rec-a is IN_PROGRESS"),
        (record("FAILED"), "record_failed", "The operation of record rec-a FAILED: AWS reported no error"),
        (record("FAILED", RecordErrors=[]), "record_failed", "AWS reported no error"),
        (
            record(
                "FAILED",
                RecordErrors=[
                    {"Code": "ResourceNotReady", "Description": "Stack set\noperation failed"},
                    {"Description": "It broke"},
                    {"Code": "Other"},
                ],
            ),
            "record_failed",
            "FAILED: ResourceNotReady: Stack set operation failed; It broke; Other",
        ),
        (record(ProvisionedProductId="pp-b"), "record_failed", "belongs to provisioned product pp-b, not to pp-a"),
    ],
)
def test_the_record_is_read_and_judged(aws: Script, found: Response, outcome: str, message: str) -> None:
    aws.expect(RECORD, found)
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    _observation, verdict, _warnings = poll(record_id="rec-a")
    assert verdict.outcome == outcome
    assert message in verdict.message
    # A record that is complete before the listing is read includes all of it.
    assert aws.operations[0] == RECORD


def test_a_record_that_does_not_exist_is_an_error(aws: Script) -> None:
    aws.expect(RECORD, GONE)
    with pytest.raises(CallError, match="Failed to describe record rec-a: No"):
        poll(record_id="rec-a")


@pytest.mark.parametrize("on_missing", ["warn", "skip"])
def test_a_product_that_does_not_exist_is_waited_for(aws: Script, on_missing: str) -> None:
    aws.expect(f"{DESCRIBE} pp-a", described())
    aws.expect(f"{DESCRIBE} pp-gone", GONE)
    aws.expect(LIST, page([1]))
    _observation, verdict, warnings = poll(provisioned_product_ids=["pp-a", "pp-gone"], on_missing=on_missing)
    assert verdict == Verdict("waiting", "provisioned product pp-gone was not found")
    assert ["pp-gone" in warning for warning in warnings] == ([True] if on_missing == "warn" else [])


def test_a_product_that_does_not_exist_is_an_error_by_default(aws: Script) -> None:
    aws.expect(DESCRIBE, GONE)
    with pytest.raises(NotFoundError, match="Failed to describe provisioned product pp-a"):
        poll()


def test_required_targets_that_do_not_exist_are_observed(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    observation, verdict, _warnings = poll(accounts=["000000000001"], regions=["eu-west-1", "sa-east-1"])
    assert verdict == Verdict("missing", "1 of 2 stack instances MISSING (0 tolerated): 000000000001 sa-east-1")
    assert observation["summary"]["missing"] == 1


def test_reasons_come_from_cloudformation(aws: Script) -> None:
    failed = {"StackInstanceStatus": {"DetailedStatus": "FAILED"}, "StatusReason": "No role"}
    aws.expect(DESCRIBE, described())
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(summary_of(1), summary_of(2, status="OUTDATED", **failed)))
    observation, verdict, _warnings = poll(source="cloudformation", stack_set_names={"pp-a": "mine"})
    assert verdict.outcome == "instances_failed"
    assert observation["reasons"][0]["status_reason"] == "No role"


def test_warnings_of_the_listing_are_returned(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect("DescribeStackSet", xml_error("AccessDenied", "No permission."))
    aws.expect(LIST, page([1]))
    _observation, verdict, [warning] = poll(source="auto", stack_set_names={"pp-a": "mine"})
    assert verdict.outcome == "ready"
    assert warning.startswith("The stack instances of a provisioned product come from Service Catalog, without reasons")


def test_suspended_accounts_of_unknown_detail_are_not_tolerated(aws: Script) -> None:
    """With source=auto a listing can lack detailed statuses."""
    aws.expect(DESCRIBE, described())
    aws.expect("DescribeStackSet", xml_error("AccessDenied", "No permission."))
    aws.expect(LIST, json_response(StackInstances=[{"Account": "1", "Region": "r", "StackInstanceStatus": "OUTDATED"}]))
    _observation, verdict, _warnings = poll(source="auto", stack_set_names={"pp-a": "mine"}, tolerate_suspended=True)
    assert verdict.outcome == "waiting"


def test_a_product_of_another_type_is_an_error(aws: Script) -> None:
    aws.expect(DESCRIBE, described(Type="CFN_STACK"))
    with pytest.raises(ServiceCatalogError, match="it has the type CFN_STACK"):
        poll()


def test_an_incomplete_listing_has_no_verdict(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1], "t1"), json_response(NextPageToken="t2"))
    with pytest.raises(MalformedResponseError):
        poll()


UNIT = "ou-a1b2-aaaaaaaa"
MEMBERS = accounts(
    account(1, "shop", path=UNIT),
    account(2, "forgotten", path=f"{UNIT}/ou-a1b2-bbbbbbbb"),
    account(3, "closed", "SUSPENDED", path=UNIT),
    account(4, "elsewhere"),
)


def test_each_active_account_of_an_organizational_unit_must_have_the_product(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1, 3, 4]))
    aws.expect("ListAccounts", MEMBERS)
    observation, verdict, _warnings = poll(organizational_unit_ids=[UNIT])
    assert verdict == Verdict("missing", "1 of 2 stack instances MISSING (0 tolerated): 000000000002")
    assert [row["account"] for row in observation["not_current"]] == ["000000000002"]
    assert observation["summary"]["current"] == 1


def test_a_message_names_the_account_that_was_forgotten(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    aws.expect("ListAccounts", MEMBERS)
    aws.expect("DescribeOrganizationalUnit ou-a1b2-aaaaaaaa", unit("aaaaaaaa", "Workloads"))
    aws.expect("DescribeOrganizationalUnit ou-a1b2-bbbbbbbb", unit("bbbbbbbb", "Shops"))
    observation, verdict, _warnings = poll(organizational_unit_ids=[UNIT], describe_accounts=True)
    assert verdict.message == "1 of 2 stack instances MISSING (0 tolerated): forgotten (000000000002)"
    [row] = observation["not_current"]
    assert (row["account_name"], row["account_state"]) == ("forgotten", "ACTIVE")
    assert row["organizational_unit_path"] == "Workloads/Shops"


def test_accounts_and_organizational_units_are_both_required(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1, 2]))
    aws.expect("ListAccounts", MEMBERS)
    _observation, verdict, _warnings = poll(organizational_unit_ids=[UNIT], accounts=["000000000004"])
    assert verdict == Verdict("missing", "1 of 3 stack instances MISSING (0 tolerated): 000000000004")


def test_excluded_accounts_are_not_required(aws: Script) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    aws.expect("ListAccounts", MEMBERS)
    _observation, verdict, _warnings = poll(organizational_unit_ids=[UNIT], exclude_accounts=["000000000002"])
    assert verdict == Verdict("ready")


def test_a_gate_does_not_pass_for_an_organizational_unit_without_active_accounts(aws: Script) -> None:
    aws.expect("ListAccounts", accounts(account(1, path=UNIT), account(3, "closed", "SUSPENDED", "ou-a1b2-cccccccc")))
    with pytest.raises(ServiceCatalogError) as caught:
        poll(organizational_unit_ids=[UNIT, "ou-a1b2-cccccccc"])
    assert str(caught.value).startswith(
        "organizational_unit_ids contains ou-a1b2-cccccccc, which has no ACTIVE account"
    )


def test_tags_that_no_product_has_do_not_pass(aws: Script) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a", Tags=[{"Key": "x", "Value": "z"}])]))
    _observation, verdict, _warnings = poll(tags={"x": "y"})
    assert verdict == Verdict("no_instances", "No provisioned product of type CFN_STACKSET with the tags was found")
