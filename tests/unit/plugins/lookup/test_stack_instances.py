# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleLookupError, AnsibleOptionsError
from ansible.plugins.loader import lookup_loader

from ansible_collections.stackfleet.servicecatalog.plugins.lookup import stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Answer,
    Script,
    detail,
    error,
    page,
    stack_set,
    stack_set_page,
    summary_of,
    whole,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"


def lookup(*terms: t.Any, **options: t.Any) -> list[dict[str, t.Any]]:
    plugin = lookup_loader.get("stackfleet.servicecatalog.stack_instances")
    return t.cast("list[dict[str, t.Any]]", plugin.run(list(terms), {}, **options))


def test_terms_are_ids_and_the_list_is_flat(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([2, 1]))
    aws.expect(f"{LIST} pp-b", page([1]))
    rows = lookup("pp-b", ["pp-a"])
    assert [(row["provisioned_product_id"], row["account"]) for row in rows] == [
        ("pp-a", "000000000001"),
        ("pp-a", "000000000002"),
        ("pp-b", "000000000001"),
    ]
    assert set(aws.operations) == {LIST}
    json.dumps(rows)


def test_terms_can_be_names(aws: Script) -> None:
    aws.expect(f"{DESCRIBE} guardrails", whole(ProvisionedProductDetail=detail("pp-a", "guardrails")))
    aws.expect(f"{LIST} pp-a", page([1]))
    assert lookup("guardrails", identify_by="name")[0]["provisioned_product_name"] == "guardrails"


def test_options_name_products_too(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([1]))
    assert len(lookup("pp-a", provisioned_product_ids=["pp-b"])) == 2


def test_a_stack_set_can_be_read_instead(aws: Script) -> None:
    aws.expect("DescribeStackSet mine", stack_set("mine"))
    aws.expect("ListStackInstances mine", stack_set_page(summary_of(1, status="OUTDATED")))
    [row] = lookup("pp-a", source="cloudformation", stack_set_names={"pp-a": "mine"}, regions=["eu-west-1"])
    documented = yaml.safe_load(stack_instances.RETURN)["_list"]["contains"]
    assert list(row) == list(documented)
    assert (row["stack_instance_status"], row["detailed_status"]) == ("OUTDATED", "PENDING")
    assert aws.requests[1].parameters["StackInstanceRegion"] == "eu-west-1"


def test_no_term_is_every_product(aws: Script) -> None:
    aws.expect(SEARCH, whole(ProvisionedProducts=[detail("pp-a", "a")]))
    aws.expect(LIST, page([]))
    assert lookup(access_level="role") == []
    assert aws.requests[0].parameters["AccessLevelFilter"]["Key"] == "Role"


def test_an_empty_list_is_no_product(aws: Script) -> None:
    assert lookup([]) == []
    assert aws.requests == []
    aws.expect(f"{LIST} pp-a", page([1]))
    assert len(lookup([], provisioned_product_ids=["pp-a"])) == 1


def test_filters_and_connection_options_are_taken_as_ansible_gives_them(aws: Script) -> None:
    aws.expect(LIST, page([1, 123456789012]))
    rows = lookup(
        "pp-a", accounts=[123456789012], page_size="5", region="ap-southeast-2", access_key="MINE", secret_key="s"
    )
    assert [row["account"] for row in rows] == ["123456789012"]
    assert aws.requests[0].parameters["PageSize"] == 5
    assert "Credential=MINE/" in aws.requests[0].headers["authorization"]
    assert "/ap-southeast-2/servicecatalog/" in aws.requests[0].headers["authorization"]


def test_aws_config_reaches_botocore(aws: Script) -> None:
    aws.expect(LIST, error("ThrottlingException"))
    with pytest.raises(AnsibleLookupError, match="ThrottlingException"):
        lookup("pp-a", aws_config={"retries": {"mode": "standard", "total_max_attempts": 1}})


@pytest.mark.parametrize(
    ("terms", "options", "words"),
    [
        (["pp-a"], {"status": ["OUTDATED"]}, "status: no such option of stackfleet.servicecatalog.stack_instances"),
        (["pp-a"], {"statuses": ["outdated"]}, "['outdated']"),
        (["pp-a"], {"accounts": [12345]}, "quote the number in YAML"),
        (["not an id"], {}, "provisioned_product_ids holds 'not an id'"),
        (["pp-a"], {"aws_config": {"retires": {}}}, "retires"),
        (["pp-a"], {"aws_config": {"retries": {"mode": "wild"}}}, "wild"),
        (["pp-a"], {"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens is not supported"),
        (["pp-a"], {"endpoint_url": "no url"}, "no url"),
    ],
)
def test_nonsense_is_a_lookup_error(aws: Script, terms: list[str], options: dict[str, t.Any], words: str) -> None:
    # What breaks an option's own description is told by Ansible, in an error of its own.
    with pytest.raises((AnsibleLookupError, AnsibleOptionsError)) as caught:
        lookup(*terms, **options)
    assert words in str(caught.value)
    assert aws.requests == []


def test_no_region_is_a_lookup_error(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AnsibleLookupError, match="requires a region"):
        lookup("pp-a")


def test_no_credentials_is_a_lookup_error(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AnsibleLookupError, match="Unable to locate credentials; give access_key"):
        lookup("pp-a")


def test_a_missing_sdk_is_a_lookup_error(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.amazon.aws.plugins.module_utils.botocore.HAS_BOTO3", False)
    with pytest.raises(AnsibleLookupError, match="botocore and boto3"):
        lookup("pp-a")


def test_a_missing_product_is_an_error_a_warning_or_nothing(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(
        "ansible.utils.display.Display.warning", lambda self, message, **kwargs: warnings.append(message)
    )
    aws.expect(LIST, *[error("ResourceNotFoundException", "Not there.")] * 3)
    with pytest.raises(AnsibleLookupError, match="pp-gone"):
        lookup("pp-gone")
    assert lookup("pp-gone", on_missing="skip") == []
    assert warnings == []
    assert lookup("pp-gone", on_missing="warn") == []
    assert len(warnings) == 1
    assert "pp-gone" in warnings[0]


def test_a_damaged_answer_is_never_an_empty_list(aws: Script) -> None:
    aws.expect(LIST, *[Answer(b"")] * _client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(AnsibleLookupError, match="pp-a: the answer was empty"):
        lookup("pp-a")
    aws.expect(LIST, page([]))
    assert lookup("pp-a") == []
