# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError, AnsibleOptionsError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar

from ansible_collections.stackfleet.servicecatalog.plugins.lookup import stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    account,
    accounts,
    detail,
    error,
    json_response,
    page,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18 trusts all strings

    def trust_as_template(value: str) -> str:
        return value


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ANSIBLE_HOME", str(tmp_path))


def lookup(*terms: t.Any, **options: t.Any) -> list[dict[str, t.Any]]:
    plugin = lookup_loader.get("stackfleet.servicecatalog.stack_instances")
    return t.cast("list[dict[str, t.Any]]", plugin.run(list(terms), {}, **options))


def test_terms_are_ids_or_lists_of_ids(aws: Script) -> None:
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
    aws.expect(f"{DESCRIBE} guardrails", json_response(ProvisionedProductDetail=detail("pp-a", "guardrails")))
    aws.expect(f"{LIST} pp-a", page([1]))
    assert lookup("guardrails", identify_by="name")[0]["provisioned_product_name"] == "guardrails"


@pytest.mark.parametrize(
    ("term", "options"),
    [
        ("pp-a", {"provisioned_product_names": ["b"]}),
        ("b", {"identify_by": "name", "provisioned_product_ids": ["pp-a"]}),
    ],
)
def test_terms_and_options_of_the_other_kind_can_be_mixed(aws: Script, term: str, options: dict[str, t.Any]) -> None:
    aws.expect(f"{DESCRIBE} b", json_response(ProvisionedProductDetail=detail("pp-b", "b")))
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([1]))
    assert [row["provisioned_product_id"] for row in lookup(term, **options)] == ["pp-a", "pp-b"]


@pytest.mark.parametrize(
    ("terms", "options", "message"),
    [
        (
            ["pp-a"],
            {"provisioned_product_ids": ["pp-b"]},
            "provisioned_product_ids cannot be combined with terms that are ids",
        ),
        ([[]], {"provisioned_product_ids": ["pp-b"]}, "provisioned_product_ids cannot be combined with terms"),
        (["pp-a"], {"provisioned_product_ids": []}, "provisioned_product_ids cannot be combined with terms"),
        (
            ["a"],
            {"identify_by": "name", "provisioned_product_names": ["b"]},
            "provisioned_product_names cannot be combined with terms that are names",
        ),
        (["pp-a"], {"all_products": True}, "all_products cannot be combined with provisioned_product_ids or"),
        ([[]], {"all_products": True}, "all_products cannot be combined with provisioned_product_ids or"),
    ],
)
def test_terms_cannot_be_combined_with_options_of_the_same_kind(
    aws: Script, terms: list[t.Any], options: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(AnsibleLookupError, match=message):
        lookup(*terms, **options)
    assert aws.requests == []


def test_rows_of_a_stack_set_have_all_documented_fields(aws: Script) -> None:
    aws.expect("DescribeStackSet mine", stack_set("mine"))
    aws.expect("ListStackInstances mine", stack_set_page(summary_of(1, status="OUTDATED")))
    [row] = lookup("pp-a", source="cloudformation", stack_set_names={"pp-a": "mine"}, regions=["eu-west-1"])
    documented = yaml.safe_load(stack_instances.RETURN)["_list"]["contains"]
    aws.expect(LIST, page([1]))
    aws.expect("ListAccounts", accounts(account(1, "{{ 1/0 }}")))
    [described] = lookup("pp-a", describe_accounts=True)
    assert list(dict.fromkeys([*row, *described])) == list(documented)
    assert described["account_name"] == "{{ 1/0 }}"
    assert (row["stack_instance_status"], row["detailed_status"]) == ("OUTDATED", "PENDING")
    assert aws.requests[1].parameters["StackInstanceRegion"] == "eu-west-1"


@pytest.mark.parametrize("options", [{}, {"all_products": True}])
def test_without_terms_all_products_are_listed(aws: Script, options: dict[str, t.Any]) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a")]))
    aws.expect(LIST, page([]))
    assert lookup(access_level="role", **options) == []
    assert aws.requests[0].parameters["AccessLevelFilter"]["Key"] == "Role"


@pytest.mark.parametrize(
    ("terms", "options"),
    [
        ([[]], {}),
        ([[], []], {}),
        ([""], {}),
        ([[]], {"identify_by": "name"}),
        ([[]], {"provisioned_product_names": []}),
        ([], {"provisioned_product_ids": []}),
        ([], {"provisioned_product_names": []}),
        ([], {"provisioned_product_ids": ""}),
        ([[]], {"source": "cloudformation"}),
    ],
)
@pytest.mark.parametrize("cache", [False, True])
def test_an_empty_list_selects_no_product(
    aws: Script, terms: list[t.Any], options: dict[str, t.Any], cache: bool
) -> None:
    assert lookup(*terms, **options, cache=cache) == []
    assert aws.requests == []


def evaluate(expression: str, **variables: t.Any) -> t.Any:
    """Evaluate an expression as Ansible does. ``plugin`` is the name of the lookup."""
    named = {"plugin": "stackfleet.servicecatalog.stack_instances", "empty": [], **variables}
    return Templar(loader=DataLoader(), variables=named).template(trust_as_template(f"{{{{ {expression} }}}}"))


@pytest.mark.parametrize(
    "expression",
    [
        "query(plugin, [])",
        "query(plugin, empty)",
        "query(plugin, empty, [])",
        "query(plugin, '')",
        "lookup(plugin, '')",
        "lookup(plugin, [])",
        "lookup(plugin, [], wantlist=true)",
        "lookup(plugin, [], wantlist=true, errors='warn', allow_unsafe=true)",
        "query(plugin, provisioned_product_ids=[])",
        "query(plugin, provisioned_product_ids=empty)",
        "query(plugin, provisioned_product_names='')",
        "query(plugin, *[], provisioned_product_ids=[])",
    ],
)
def test_an_empty_list_in_an_expression_selects_no_product(aws: Script, expression: str) -> None:
    assert list(evaluate(expression)) == []
    assert aws.requests == []


@pytest.mark.parametrize("expression", ["query(plugin)", "query(plugin, *[])", "lookup(plugin, wantlist=true)"])
def test_an_expression_without_terms_lists_all_products(aws: Script, expression: str) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a")]))
    aws.expect(LIST, page([1]))
    assert len(evaluate(expression)) == 1


def test_a_loop_over_an_empty_list_selects_no_product(aws: Script) -> None:
    # Ansible-core 2.18 passes wantlist in loops only.
    assert lookup(wantlist=True) == []
    assert aws.requests == []


def test_a_loop_of_later_versions_over_an_empty_list_selects_no_product(
    aws: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = pytest.importorskip("ansible._internal._templating._jinja_plugins")
    with plugins._LookupContext(invoked_as_with=True):
        assert lookup() == []
    # If a version of Ansible does not show whether it is a loop, the safe result is an error.
    monkeypatch.delattr(plugins, "_LookupContext")
    with pytest.raises(AnsibleLookupError, match="Specify terms, or set all_products=true"):
        lookup()
    assert aws.requests == []
    aws.expect(SEARCH, json_response(ProvisionedProducts=[]))
    assert lookup(all_products=True) == []


def test_keywords_of_ansible_are_no_options(aws: Script) -> None:
    aws.expect(LIST, page([1]))
    assert len(lookup("pp-a", wantlist=True, errors="strict", allow_unsafe=False)) == 1
    with pytest.raises(AnsibleLookupError, match=r"want_list: .* has no such option"):
        lookup("pp-a", want_list=True)


def test_an_empty_term_beside_others_adds_nothing(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    assert len(lookup([], "pp-a")) == 1
    aws.expect(f"{DESCRIBE} a", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    aws.expect(f"{LIST} pp-a", page([1]))
    assert len(lookup([], provisioned_product_names=["a"])) == 1


@pytest.mark.parametrize("name", ["accounts", "regions", "statuses"])
def test_an_empty_filter_selects_nothing(aws: Script, name: str) -> None:
    aws.expect(LIST, page([1]))
    assert lookup("pp-a", **{name: []}) == []


@pytest.mark.parametrize(
    ("options", "accounts"),
    [
        ({"not_current": True}, [2, 3]),
        ({"statuses": ["CURRENT", "OUTDATED"], "not_current": True}, [2]),
        ({"exclude_accounts": ["000000000001", "000000000003"]}, [2]),
    ],
)
def test_rows_can_be_filtered(aws: Script, options: dict[str, t.Any], accounts: list[int]) -> None:
    rows = [stack_instance(1), stack_instance(2, "OUTDATED"), stack_instance(3, "A_NEW_STATUS")]
    aws.expect(LIST, json_response(StackInstances=rows))
    assert [int(row["account"]) for row in lookup("pp-a", **options)] == accounts


def test_rows_can_be_filtered_by_detailed_status(aws: Script) -> None:
    rows = [
        summary_of(1),
        summary_of(2, status="OUTDATED", StackInstanceStatus={"DetailedStatus": "FAILED"}),
        summary_of(3, status="OUTDATED", StackInstanceStatus=None),
    ]
    aws.expect("DescribeStackSet mine", stack_set("mine"))
    aws.expect("ListStackInstances mine", stack_set_page(*rows))
    [row] = lookup(
        "pp-a", source="cloudformation", stack_set_names={"pp-a": "mine"}, detailed_statuses=["FAILED", "CANCELLED"]
    )
    assert row["account"] == "000000000002"


def test_options_have_the_types_that_ansible_converts_them_to(aws: Script) -> None:
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
    ("terms", "options", "message"),
    [
        (["pp-a"], {"status": ["OUTDATED"]}, "status: stackfleet.servicecatalog.stack_instances has no such option"),
        (["pp-a"], {"statuses": ["outdated"]}, "Got no match for: outdated"),
        (["pp-a"], {"detailed_statuses": ["BROKEN"]}, "Got no match for: BROKEN"),
        (["pp-a"], {"detailed_statuses": ["FAILED"]}, "detailed_statuses requires source=cloudformation"),
        (["pp-a"], {"accounts": [12345]}, "Quote the number in YAML"),
        (["pp-a"], {"exclude_accounts": [12345]}, "exclude_accounts contains '12345'"),
        (["pp-a"], {"regions": ["eu_west_1"]}, "regions contains 'eu_west_1', which is not an AWS Region"),
        (["not an id"], {}, "provisioned_product_ids contains 'not an id'"),
        ([2024.10], {"identify_by": "name"}, "provisioned_product_names must contain strings, but contains 2024.1"),
        (["", "pp-a"], {}, "provisioned_product_ids contains ''"),
        ([None], {}, "provisioned_product_ids must contain strings, but contains None"),
        (["pp-a"], {"aws_config": {"retires": {}}}, "retires"),
        (["pp-a"], {"aws_config": {"retries": {"mode": "wild"}}}, "wild"),
        (["pp-a"], {"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens is not supported"),
        (["pp-a"], {"endpoint_url": "no url"}, "no url"),
    ],
)
def test_invalid_options_are_a_lookup_error(
    aws: Script, terms: list[t.Any], options: dict[str, t.Any], message: str
) -> None:
    # Ansible itself checks types and choices, and raises an error of its own.
    with pytest.raises((AnsibleLookupError, AnsibleOptionsError)) as caught:
        lookup(*terms, **options)
    assert message in str(caught.value)
    assert aws.requests == []


def test_a_missing_region_is_a_lookup_error(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AnsibleLookupError, match="requires a region"):
        lookup("pp-a")


def test_missing_credentials_are_a_lookup_error(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AnsibleLookupError, match=r"Unable to locate credentials\. Set access_key"):
        lookup("pp-a")


def test_a_missing_sdk_is_a_lookup_error(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.amazon.aws.plugins.module_utils.botocore.HAS_BOTO3", False)
    with pytest.raises(AnsibleLookupError, match="botocore and boto3"):
        lookup("pp-a")


def test_a_missing_product_is_an_error_or_a_warning_or_skipped(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_malformed_response_is_not_an_empty_list(aws: Script) -> None:
    aws.expect(LIST, *[Response(b"")] * client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(AnsibleLookupError, match="pp-a: the response was empty"):
        lookup("pp-a")
    aws.expect(LIST, page([]))
    assert lookup("pp-a") == []


def test_braces_are_reported_as_they_are(aws: Script) -> None:
    with pytest.raises(AnsibleLookupError, match=r"provisioned_product_names contains 'a\{0\}', which is not the name"):
        lookup("a{0}", identify_by="name")
    aws.expect(LIST, error("AccessDeniedException", "Not {0}."))
    with pytest.raises(AnsibleLookupError, match=r"Not \{0\} \(AccessDeniedException\)"):
        lookup("pp-a")
