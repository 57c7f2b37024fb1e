# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import PASS_VARS
from botocore.exceptions import EndpointConnectionError

from ansible_collections.stackfleet.servicecatalog.plugins.modules import stack_instance_info
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    account,
    accounts,
    detail,
    error,
    json_response,
    module_arguments,
    page,
    run_module,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
    unit,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
FROM_STACK_SET = {
    "provisioned_product_ids": ["pp-a"],
    "source": "cloudformation",
    "stack_set_names": {"pp-a": "mine"},
}

Run = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda **arguments: run_module(stack_instance_info, capsys, arguments)


def script_two_products(aws: Script) -> None:
    """Script two products, of which the second has no stack instance."""
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a"), detail("pp-b", "b")]))
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([]))


def test_the_result_contains_rows_products_and_counts(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"])
    assert result["changed"] is False
    assert [row["account"] for row in result["stack_instances"]] == ["000000000001"]
    assert result["summary"] == {
        "total": 1,
        "current": 1,
        "outdated": 0,
        "inoperable": 0,
        "other": 0,
        "all_current": True,
    }
    assert result["provisioned_products"][0]["summary"] == result["summary"]


def test_rows_have_the_documented_fields_of_each_source(aws: Script, run: Run) -> None:
    documented = yaml.safe_load(stack_instance_info.RETURN)["stack_instances"]["contains"]
    aws.expect(LIST, page([1]))
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(summary_of(1, StackId="arn:stack", StatusReason="Because.")))
    [row] = run(provisioned_product_ids=["pp-a"])["stack_instances"]
    [detailed] = run(**FROM_STACK_SET)["stack_instances"]
    always = [name for name, field in documented.items() if field["returned"] == "always"]
    assert list(row) == always
    aws.expect(LIST, page([1]))
    aws.expect("ListAccounts", accounts(account(1)))
    [described] = run(provisioned_product_ids=["pp-a"], describe_accounts=True)["stack_instances"]
    assert list(dict.fromkeys([*detailed, *described])) == list(documented)
    assert {name: detailed[name] for name in always} == row
    assert (detailed["stack_id"], detailed["status_reason"], detailed["drift_status"]) == (
        "arn:stack",
        "Because.",
        None,
    )


def test_falling_back_to_service_catalog_is_a_warning(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, error("AccessDeniedException", "You may not."))
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], source="auto")
    assert result["summary"]["total"] == 1
    assert "come from Service Catalog, without reasons" in json.dumps(result["warnings"])


def test_summary_only_omits_the_list(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], summary_only=True)
    assert "stack_instances" not in result
    assert result["summary"]["total"] == 1


def test_check_mode_returns_the_same(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]), page([1]))
    in_check_mode = run(provisioned_product_ids=["pp-a"], _ansible_check_mode=True)
    outside = run(provisioned_product_ids=["pp-a"])
    for result in in_check_mode, outside:
        result.pop("invocation", None)  # not returned by every ansible-core
    assert in_check_mode == outside


def test_products_can_be_described(aws: Script, run: Run) -> None:
    aws.expect(
        DESCRIBE,
        json_response(
            ProvisionedProductDetail=detail("pp-a", "guardrails", ProductId="prod-a", ProvisioningArtifactId="pa-1")
        ),
    )
    aws.expect(LIST, page([]))
    [product] = run(provisioned_product_ids=["pp-a"], describe_products=True)["provisioned_products"]
    assert (product["name"], product["product_id"], product["provisioning_artifact_id"]) == (
        "guardrails",
        "prod-a",
        "pa-1",
    )


def test_a_missing_product_can_be_a_warning(aws: Script, run: Run) -> None:
    aws.expect(LIST, error("ResourceNotFoundException"))
    result = run(provisioned_product_ids=["pp-gone"], on_missing="warn")
    assert (result["stack_instances"], result["provisioned_products"]) == ([], [])
    assert result["summary"]["all_current"] is False
    assert "pp-gone" in json.dumps(result["warnings"])


@pytest.mark.parametrize(
    "arguments",
    [
        {"provisioned_product_ids": []},
        {"provisioned_product_ids": ""},
        {"provisioned_product_names": []},
        {"provisioned_product_ids": [], "provisioned_product_names": []},
        {"provisioned_product_ids": [], "source": "cloudformation"},
        {"provisioned_product_names": [], "source": "auto"},
    ],
)
def test_an_empty_list_of_products_selects_nothing(aws: Script, run: Run, arguments: dict[str, t.Any]) -> None:
    result = run(**arguments)
    assert (result["stack_instances"], result["provisioned_products"]) == ([], [])
    assert (result["summary"]["total"], result["summary"]["all_current"]) == (0, False)
    assert aws.requests == []


@pytest.mark.parametrize(
    ("name", "value"), [("accounts", []), ("accounts", ""), ("regions", []), ("regions", ""), ("statuses", [])]
)
def test_an_empty_filter_selects_nothing(aws: Script, run: Run, name: str, value: t.Any) -> None:
    aws.expect(LIST, page([1, 2]))
    result = run(provisioned_product_ids=["pp-a"], **{name: value})
    assert result["stack_instances"] == []
    assert result["summary"]["total"] == 0
    assert "warnings" not in result


def test_an_empty_list_of_detailed_statuses_selects_nothing(aws: Script, run: Run) -> None:
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(summary_of(1)))
    assert run(**FROM_STACK_SET, detailed_statuses=[])["stack_instances"] == []


@pytest.mark.parametrize("arguments", [{}, {"all_products": True}])
def test_without_a_selection_all_products_are_listed(aws: Script, run: Run, arguments: dict[str, t.Any]) -> None:
    script_two_products(aws)
    result = run(**arguments)
    assert [product["id"] for product in result["provisioned_products"]] == ["pp-a", "pp-b"]


@pytest.mark.parametrize("arguments", [{}, {"statuses": ["CURRENT"]}, {"accounts": ["000000000001"]}])
def test_products_are_not_all_current_if_one_has_no_stack_instance(
    aws: Script, run: Run, arguments: dict[str, t.Any]
) -> None:
    script_two_products(aws)
    result = run(**arguments)
    assert [product["summary"]["all_current"] for product in result["provisioned_products"]] == [True, False]
    assert result["summary"]["current"] == result["summary"]["total"] == 1
    assert result["summary"]["all_current"] is False


@pytest.mark.parametrize(
    ("arguments", "accounts"),
    [
        ({"statuses": ["CURRENT"]}, ["000000000001"]),
        ({"not_current": True}, ["000000000002", "000000000003"]),
        ({"not_current": True, "statuses": ["OUTDATED"]}, ["000000000002"]),
        ({"exclude_accounts": ["000000000002"]}, ["000000000001", "000000000003"]),
    ],
)
def test_a_filter_does_not_change_the_verdict(
    aws: Script, run: Run, arguments: dict[str, t.Any], accounts: list[str]
) -> None:
    rows = [stack_instance(1), stack_instance(2, "OUTDATED"), stack_instance(3, "A_NEW_STATUS")]
    aws.expect(LIST, json_response(StackInstances=rows))
    result = run(provisioned_product_ids=["pp-a"], **arguments)
    assert [row["account"] for row in result["stack_instances"]] == accounts
    assert result["summary"]["total"] == len(accounts)
    assert result["summary"]["all_current"] is False


def test_a_filter_that_removes_everything_keeps_the_verdict(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    summary = run(provisioned_product_ids=["pp-a"], not_current=True)["summary"]
    assert (summary["total"], summary["all_current"]) == (0, True)


def test_excluded_accounts_do_not_count(aws: Script, run: Run) -> None:
    aws.expect(LIST, json_response(StackInstances=[stack_instance(1), stack_instance(2, "OUTDATED")]))
    summary = run(provisioned_product_ids=["pp-a"], exclude_accounts="000000000002")["summary"]
    assert (summary["total"], summary["all_current"]) == (1, True)


def test_a_status_that_aws_adds_later_is_counted(aws: Script, run: Run) -> None:
    aws.expect(LIST, json_response(StackInstances=[stack_instance(1), stack_instance(2, "A_NEW_STATUS")]))
    summary = run(provisioned_product_ids=["pp-a"])["summary"]
    assert (summary["current"], summary["other"], summary["all_current"]) == (1, 1, False)


def test_detailed_statuses_are_counted_and_filtered(aws: Script, run: Run) -> None:
    rows = [
        summary_of(1),
        summary_of(2, status="OUTDATED", StackInstanceStatus={"DetailedStatus": "FAILED"}),
        summary_of(3, status="OUTDATED", StackInstanceStatus=None),
    ]
    aws.expect("DescribeStackSet", stack_set("mine"), stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(*rows), stack_set_page(*rows))
    summary = run(**FROM_STACK_SET)["summary"]
    assert summary["by_detailed_status"] == {"FAILED": 1, "SUCCEEDED": 1, "UNKNOWN": 1}
    failed = run(**FROM_STACK_SET, detailed_statuses=["FAILED", "CANCELLED"])
    assert [row["account"] for row in failed["stack_instances"]] == ["000000000002"]
    assert failed["summary"]["by_detailed_status"] == {"FAILED": 1}


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        ({"accounts": ["000000000001", "000000000009"]}, "has no stack instance in 000000000009"),
        ({"regions": ["eu-west-1", "sa-east-1"]}, "has no stack instance in sa-east-1"),
        (
            {"accounts": ["000000000001"], "regions": ["eu-west-1", "sa-east-1"]},
            "has no stack instance in 000000000001 sa-east-1",
        ),
    ],
)
def test_a_named_target_without_a_stack_instance_is_a_warning(
    aws: Script, run: Run, arguments: dict[str, t.Any], warning: str
) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], **arguments)
    assert f"Provisioned product pp-a {warning}" in json.dumps(result["warnings"])
    assert len(result["warnings"]) == 1
    assert (result["summary"]["total"], result["summary"]["all_current"]) == (1, False)
    assert [row["account"] for row in result["stack_instances"]] == ["000000000001"]


def test_a_filter_by_status_makes_no_target_missing(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], accounts=["000000000001"], statuses=["OUTDATED"])
    assert result["stack_instances"] == []
    assert "warnings" not in result


def test_an_error_of_aws_is_one_message(aws: Script, run: Run) -> None:
    aws.expect(LIST, error("AccessDeniedException", "You may not."))
    result = run(provisioned_product_ids=["pp-a"])
    assert result["failed"] is True
    assert result["msg"].startswith("Failed to list the stack instances of provisioned product pp-a: You may not (Acc")
    assert result["error"] == {"code": "AccessDeniedException", "message": "You may not.", "request_id": None}
    assert result["retryable"] is False
    assert set(result) & {"exception", "traceback", "request_retries"} == set()
    assert result["boto3_version"] and result["botocore_version"]


def test_a_bug_is_one_message_with_a_traceback_at_vvv(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any, **_more: t.Any) -> t.Any:
        raise KeyError("StackInstances")

    monkeypatch.setattr(stack_instance_info.stack_instances, "read", fail)
    for verbosity in (0, 3):
        result = run(provisioned_product_ids=["pp-a"], _ansible_verbosity=verbosity)
        assert result["failed"] is True
        assert result["retryable"] is False
        assert result["msg"] == (
            "Unexpected KeyError: 'StackInstances'. Run it again with -vvv, and report the traceback as a bug."
        )
        assert ("KeyError: 'StackInstances'" in result.get("traceback", ())) == (verbosity == 3)


def test_passwords_in_urls_are_masked(aws: Script, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://user:hunter2@localhost:1"
    aws.expect(LIST, EndpointConnectionError(endpoint_url=url))
    monkeypatch.setenv("AWS_URL", url)
    result = run(
        provisioned_product_ids=["pp-a"],
        max_attempts=1,
        aws_config={"proxies": {"https": url}},
        _ansible_verbosity=3,
        # ansible-core 2.18 always returns the options.
        **({"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}),
    )
    assert "hunter2" not in json.dumps(result)
    assert result["msg"].startswith("Failed to list the stack instances of provisioned product pp-a: Could not connect")
    assert result["invocation"]["module_args"]["endpoint_url"] == "http://***@localhost:1"


def test_the_arguments_in_a_result_contain_no_secret_before_ansible_masks_it(
    aws: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.expect(LIST, page([1]))
    returned: dict[str, t.Any] = {}

    def end(_module: t.Any, result: dict[str, t.Any]) -> None:
        returned.update(result)

    monkeypatch.setattr(AnsibleModule, "_return_formatted", end)
    arguments = {"provisioned_product_ids": ["pp-a"], "access_key": "AKIA", "secret_key": "hidden"}
    with module_arguments(arguments), pytest.raises(SystemExit):
        stack_instance_info.main()
    assert returned["invocation"]["module_args"]["provisioned_product_ids"] == ["pp-a"]
    assert "hidden" not in json.dumps(returned["invocation"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"provisioned_product_ids": ["", "pp-a"]}, "provisioned_product_ids contains ''"),
        ({"provisioned_product_names": ["a{0}"]}, "provisioned_product_names contains 'a{0}', which is not the name"),
        ({"provisioned_product_ids": ["guard rails"]}, "Specify names in provisioned_product_names"),
        ({"all_products": True}, "all_products cannot be combined with provisioned_product_ids or"),
        ({"accounts": [12345]}, "an AWS account ID has exactly 12 digits. Quote the number in YAML"),
        ({"exclude_accounts": [12345]}, "exclude_accounts contains '12345', but an AWS account ID has exactly 12"),
        ({"accounts": ["000000000001"], "exclude_accounts": ["000000000001"]}, "both contain 000000000001"),
        ({"regions": ["eu_west_1"]}, "regions contains 'eu_west_1', which is not an AWS Region"),
        ({"statuses": ""}, "must be one or more of: CURRENT, OUTDATED, INOPERABLE"),
        ({"statuses": ["outdated"]}, "must be one or more of: CURRENT, OUTDATED, INOPERABLE"),
        ({"detailed_statuses": ["FAILED"]}, "detailed_statuses requires source=cloudformation"),
        ({"detailed_statuses": ["FAILED"], "source": "auto"}, "detailed_statuses requires source=cloudformation"),
        ({"detailed_statuses": []}, "detailed_statuses requires source=cloudformation"),
        ({"stack_set_names": {"pp-a": "a b"}}, "stack_set_names contains 'a b', which is not the name, ID or ARN of"),
        ({"source": "config"}, "must be one of: servicecatalog, cloudformation, auto"),
        ({"page_size": 21}, "page_size must be a whole number from 1 to 20, but is 21"),
        ({"aws_config": {"retires": {}}}, "Failed to make an AWS client from the connection options"),
        ({"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens is not supported"),
    ],
)
def test_invalid_options_are_one_message(aws: Script, run: Run, arguments: dict[str, t.Any], message: str) -> None:
    result = run(**{"provisioned_product_ids": ["pp-a"], **arguments})
    assert result["failed"] is True
    assert message in result["msg"]
    assert "\n" not in result["msg"]
    assert aws.requests == []


@pytest.mark.parametrize("name", ["provisioned_product_ids", "provisioned_product_names"])
@pytest.mark.parametrize("value", [2024.10, [2024.10], ["guardrails", 2024.10]])
def test_a_number_in_place_of_a_name_is_refused(aws: Script, run: Run, name: str, value: t.Any) -> None:
    message = run(**{name: value})["msg"]
    assert message.startswith(f"{name} must contain strings, but contains the number 2024.1. Quote it in YAML")
    assert aws.requests == []


def test_a_quoted_number_is_a_name(aws: Script, run: Run) -> None:
    aws.expect(f"{DESCRIBE} 2024.10", json_response(ProvisionedProductDetail=detail("pp-a", "2024.10")))
    aws.expect(LIST, page([1]))
    assert run(provisioned_product_names="2024.10")["summary"]["total"] == 1


def test_a_missing_region_is_one_message(aws: Script, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "requires a region" in run(provisioned_product_ids=["pp-a"])["msg"]


def test_the_result_contains_no_secret(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], access_key="AKIA", secret_key="S3CRET", session_token="T0KEN")
    result.pop("_ansible_new_secrets", None)  # by which a module of ansible-core 2.22 lets the controller mask them
    assert "S3CRET" not in json.dumps(result)
    assert "T0KEN" not in json.dumps(result)


def test_a_product_that_lacks_an_account_of_an_organizational_unit_is_not_current(aws: Script, run: Run) -> None:
    aws.expect("ListAccounts", accounts(account(1, "{{ 1/0 }}", path="ou-a1b2-c3d4e5f6"), account(2)))
    aws.expect(LIST, page([2]))
    aws.expect("DescribeOrganizationalUnit", unit("c3d4e5f6", "{x}"))
    result = run(provisioned_product_ids=["pp-a"], organizational_unit_ids=["ou-a1b2-c3d4e5f6"], describe_accounts=True)
    assert result["stack_instances"] == []
    assert result["summary"]["all_current"] is False
    assert "no stack instance in {{ 1/0 }} (000000000001)" in str(result["warnings"])


def test_products_are_selected_by_tags(aws: Script, run: Run) -> None:
    tags = [{"Key": "team", "Value": "platform"}, {"Key": "stage", "Value": "live"}]
    found = [detail("pp-a", "a", Tags=tags), detail("pp-b", "b", Tags=tags[:1]), detail("pp-c", "c")]
    aws.expect(SEARCH, json_response(ProvisionedProducts=found))
    aws.expect(f"{LIST} pp-a", page([1]))
    result = run(tags={"team": "platform", "stage": "live"})
    assert [product["id"] for product in result["provisioned_products"]] == ["pp-a"]
    assert aws.requests[0].parameters["Filters"] == {"SearchQuery": ["type:CFN_STACKSET"]}
    assert run(tags={})["provisioned_products"] == []


@pytest.mark.parametrize("source", ["servicecatalog", "auto"])
def test_operations_require_cloudformation(aws: Script, run: Run, source: str) -> None:
    result = run(provisioned_product_ids=["pp-a"], source=source, describe_operations=True)
    assert result["msg"].startswith("describe_operations requires source=cloudformation")
    assert aws.requests == []
