# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from ansible_collections.stackfleet.servicecatalog.plugins.modules import stack_instance_info
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    detail,
    error,
    page,
    run_module,
    stack_set,
    stack_set_page,
    summary_of,
    whole,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"


Run = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda **arguments: run_module(stack_instance_info, capsys, arguments)


def test_the_result_is_what_return_documents(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"])
    assert result["changed"] is False
    assert [row["account"] for row in result["stack_instances"]] == ["000000000001"]
    assert result["summary"] == {"total": 1, "current": 1, "outdated": 0, "inoperable": 0, "all_current": True}
    assert result["provisioned_products"][0]["summary"] == result["summary"]


def test_rows_have_what_return_documents_for_each_source(aws: Script, run: Run) -> None:
    documented = yaml.safe_load(stack_instance_info.RETURN)["stack_instances"]["contains"]
    aws.expect(LIST, page([1]))
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(summary_of(1, StackId="arn:stack", StatusReason="Because.")))
    [row] = run(provisioned_product_ids=["pp-a"])["stack_instances"]
    [told] = run(provisioned_product_ids=["pp-a"], source="cloudformation", stack_set_names={"pp-a": "mine"})[
        "stack_instances"
    ]
    always = [name for name, field in documented.items() if field["returned"] == "always"]
    assert list(row) == always
    assert list(told) == list(documented)
    assert {name: told[name] for name in always} == row
    assert (told["stack_id"], told["status_reason"], told["drift_status"]) == ("arn:stack", "Because.", None)


def test_falling_back_to_service_catalog_is_a_warning(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, error("AccessDeniedException", "You may not."))
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], source="auto")
    assert result["summary"]["total"] == 1
    assert "come from Service Catalog, without reasons" in json.dumps(result["warnings"])


def test_summary_only_leaves_the_list_out(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], summary_only=True)
    assert "stack_instances" not in result
    assert result["summary"]["total"] == 1


def test_check_mode_does_the_same(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]), page([1]))
    in_check_mode = run(provisioned_product_ids=["pp-a"], _ansible_check_mode=True)
    outside = run(provisioned_product_ids=["pp-a"])
    for result in in_check_mode, outside:
        result.pop("invocation", None)  # not there with every ansible-core
    assert in_check_mode == outside


def test_products_are_described_where_asked(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, whole(ProvisionedProductDetail=detail("pp-a", "guardrails")))
    aws.expect(LIST, page([]))
    result = run(provisioned_product_ids=["pp-a"], describe_products=True)
    assert result["provisioned_products"][0]["name"] == "guardrails"


def test_a_product_that_is_missing_can_be_a_warning(aws: Script, run: Run) -> None:
    aws.expect(LIST, error("ResourceNotFoundException"))
    result = run(provisioned_product_ids=["pp-gone"], on_missing="warn")
    assert (result["stack_instances"], result["provisioned_products"]) == ([], [])
    assert "pp-gone" in json.dumps(result["warnings"])


def test_a_refusal_is_one_sentence_with_aws_error(aws: Script, run: Run) -> None:
    aws.expect(LIST, error("AccessDeniedException", "You may not."))
    result = run(provisioned_product_ids=["pp-a"])
    assert result["failed"] is True
    assert result["msg"].startswith("Failed to list the stack instances of provisioned product pp-a: You may not (Acc")
    assert result["error"] == {"code": "AccessDeniedException", "message": "You may not."}
    assert "exception" not in result


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"provisioned_product_ids": [""]}, "provisioned_product_ids holds ''"),
        ({"accounts": [12345]}, "quote the number in YAML"),
        ({"statuses": ["outdated"]}, "must be one or more of: CURRENT, OUTDATED, INOPERABLE"),
        ({"stack_set_names": {"pp-a": "a b"}}, "stack_set_names holds 'a b', which can't be the name, id or ARN of"),
        ({"source": "config"}, "must be one of: servicecatalog, cloudformation, auto"),
        ({"page_size": 21}, "page_size must be a whole number from 1 to 20, not 21"),
        ({"aws_config": {"retires": {}}}, "Failed to make an AWS client of the given options"),
        ({"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens is not supported"),
    ],
)
def test_nonsense_is_one_sentence(aws: Script, run: Run, arguments: dict[str, t.Any], words: str) -> None:
    result = run(**{"provisioned_product_ids": ["pp-a"], **arguments})
    assert result["failed"] is True
    assert words in result["msg"]
    assert "\n" not in result["msg"]
    assert aws.requests == []


def test_no_region_is_one_sentence(aws: Script, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "requires a region" in run(provisioned_product_ids=["pp-a"])["msg"]


def test_no_secret_is_in_the_result(aws: Script, run: Run) -> None:
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a"], access_key="AKIA", secret_key="S3CRET", session_token="T0KEN")
    assert "S3CRET" not in json.dumps(result)
    assert "T0KEN" not in json.dumps(result)
