# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation compared with the plugins: options with argument specs, RETURN with results."""

from __future__ import annotations

import importlib
import json
import re
import typing as t
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.basic import AnsibleModule
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader, inventory_loader, lookup_loader, module_loader
from ansible.utils.plugin_docs import get_plugin_docs
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.wait_options import WaitOptions
from ansible_collections.stackfleet.servicecatalog.plugins.modules.stack_instance_info import Output
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    account,
    accounts,
    detail,
    error,
    json_response,
    page,
    run_module,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
    unit,
    xml_result,
)

Docs = t.Dict[str, t.Any]
Result = t.Dict[str, t.Any]

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "stackfleet.servicecatalog"
LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
MODULES = {
    file.stem: importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{file.stem}")
    for file in sorted((ROOT / "plugins" / "modules").glob("*.py"))
}
TYPES = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}
# Values that Ansible documents for all modules.
COMMON_VALUES = {"changed", "failed", "msg", "invocation", "warnings", "deprecations", "exception"}
# Dictionaries whose keys depend on the data.
FREE_KEYS = {"tags", "by_detailed_status"}

BAD = frozenset(["aws error", "no client", "invalid"])

# Each condition that RETURN contains, and the facts of a case that it applies to. Other conditions are an error.
CONDITIONS: dict[str, t.Callable[[t.AbstractSet[str]], bool]] = {
    "always": lambda facts: True,
    "success": lambda facts: "failed" not in facts,
    "success and O(summary_only=false)": lambda facts: not facts & {"failed", "summary_only"},
    "with O(describe_accounts=true)": lambda facts: "accounts" in facts,
    "success and O(describe_operations=true)": lambda facts: "operations" in facts,
    "when read from CloudFormation": lambda facts: "cloudformation" in facts,
    "on failure, if AWS returned an error": lambda facts: "aws error" in facts,
    "on failure, except for options that Ansible or amazon.aws rejects": lambda facts: (
        "failed" in facts and "rejected" not in facts
    ),
    "on failure, except for invalid options": lambda facts: "failed" in facts and not facts & {"invalid", "rejected"},
    "on failure, if the last poll failed": lambda facts: bool(facts & {"aws error", "no client"}),
    "on failure, if the last poll failed or an option is invalid": lambda facts: bool(facts & BAD),
    "with a verbosity of at least 2 (C(-vv)), if requests were retried": lambda facts: "retried" in facts,
    "with a verbosity of at least 3 (C(-vvv)), if an API call failed or an option is invalid": lambda facts: (
        "verbose" in facts and bool(facts & BAD)
    ),
    "if a required stack instance does not exist": lambda facts: "missing" in facts,
    "always, except for invalid options": lambda facts: not facts & {"invalid", "rejected"},
}

ROW = {"StackId": "arn:stack", "StatusReason": "Because.", "OrganizationalUnitId": "ou-1", "DriftStatus": "DRIFTED"}
FULL_ROW = {**ROW, "LastDriftCheckTimestamp": "2026-01-15T08:00:00Z", "LastOperationId": "op"}
EMPTY_ROW: dict[str, t.Any] = {"StackSetId": None, "StackInstanceStatus": None}
OF_EACH_CALL = (
    *("IdempotencyToken", "LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"),
    *("ProductId", "ProvisioningArtifactId"),
)
OF_SEARCH = ("PhysicalId", "ProductName", "ProvisioningArtifactName", "UserArn", "UserArnSession")
COMMON_FIELDS = detail(
    "pp-a", "guardrails", StatusMessage="A message.", CreatedTime=1768464000.0, **dict.fromkeys(OF_EACH_CALL, "x")
)
FULL_DETAIL = {**COMMON_FIELDS, "LaunchRoleArn": "arn:role"}
FULL_ATTRIBUTE = {**COMMON_FIELDS, **dict.fromkeys(OF_SEARCH, "x")}
FOUND = json_response(ProvisionedProducts=[{**FULL_ATTRIBUTE, "Tags": [{"Key": "team", "Value": "platform"}]}])
DESCRIBED = json_response(ProvisionedProductDetail=FULL_DETAIL)
DENIED = error("AccessDeniedException")._replace(headers={"x-amzn-RequestId": "request"})
THROTTLED = error("ThrottlingException", "Rate exceeded")
NOT_CURRENT = json_response(StackInstances=[stack_instance(1, "OUTDATED"), stack_instance(2)])


class Case(t.NamedTuple):
    """A call of a module, the facts that CONDITIONS depend on, and the responses to its requests."""

    arguments: dict[str, t.Any]
    facts: t.AbstractSet[str] = frozenset()
    responses: t.Mapping[str, t.Any] = MappingProxyType({})


IDS = {"provisioned_product_ids": ["pp-a"]}
FROM_STACK_SET = {**IDS, "source": "cloudformation"}
STACK_SET = {
    "DescribeStackSet": stack_set("SC-123456789012-pp-a"),
    "ListStackInstances": stack_set_page(summary_of(1, status="OUTDATED", **FULL_ROW)),
}
OPERATION = xml_result(
    "DescribeStackSetOperation",
    StackSetOperation={
        "OperationId": "op",
        "Action": "UPDATE",
        "Status": "FAILED",
        "StatusReason": "Because.",
        "CreationTimestamp": "2026-01-15T08:00:00Z",
        "EndTimestamp": "2026-01-15T08:30:00Z",
        "StatusDetails": {"FailedStackInstancesCount": 1, "TotalStackInstancesCount": 1},
    },
)
INVALID = {"accounts": ["1"]}
WITH_ACCOUNTS = {**IDS, "describe_accounts": True}
ORGANIZATION = {
    "ListAccounts": accounts(account(1, "payments", path="ou-a1b2-c3d4e5f6")),
    "DescribeOrganizationalUnit": unit("c3d4e5f6", "Payments"),
}
WITH_ARN = json_response(
    ProvisionedProductDetail={**FULL_DETAIL, "Arn": "arn:aws:servicecatalog:eu-west-1:123456789012:stack/a/pp-a"}
)

VERSION = "DescribeProvisioningArtifact"
VERSION_FOUND = json_response(ProvisioningArtifactDetail={"Id": "x", "Name": "v12"})
RECORD = json_response(RecordDetail={"RecordId": "rec-a", "Status": "SUCCEEDED", "ProvisionedProductId": "pp-a"})

CASES = {
    "stack_instance_info": [
        Case(IDS, responses={LIST: page([1])}),
        Case({"provisioned_product_names": ["guardrails"]}, responses={DESCRIBE: DESCRIBED, LIST: page([1])}),
        Case({**IDS, "summary_only": True}, {"summary_only"}, {LIST: page([1])}),
        Case({**IDS, "describe_products": True}, responses={DESCRIBE: DESCRIBED, LIST: page([1])}),
        Case({}, responses={SEARCH: FOUND, LIST: page([1])}),
        Case(WITH_ACCOUNTS, {"accounts"}, {LIST: page([1]), **ORGANIZATION}),
        Case({"provisioned_product_ids": []}),
        Case(FROM_STACK_SET, {"cloudformation"}, {DESCRIBE: WITH_ARN, **STACK_SET}),
        Case(
            {**FROM_STACK_SET, "describe_operations": True},
            {"cloudformation", "operations"},
            {DESCRIBE: WITH_ARN, **STACK_SET, "DescribeStackSetOperation": OPERATION},
        ),
        Case(
            {**FROM_STACK_SET, "stack_set_names": {"pp-a": "mine"}},
            {"cloudformation"},
            {"DescribeStackSet": stack_set("mine"), "ListStackInstances": stack_set_page(summary_of(1, **EMPTY_ROW))},
        ),
        Case(IDS, {"failed", "aws error"}, {LIST: DENIED}),
        Case({**IDS, "_ansible_verbosity": 3}, {"failed", "aws error", "verbose"}, {LIST: DENIED}),
        Case({**IDS, "_ansible_verbosity": 2}, {"retried"}, {LIST: [THROTTLED, page([1])]}),
        Case({**IDS, "aws_config": {"retires": {}}}, {"failed", "no client"}),
        Case({**IDS, **INVALID}, {"failed", "invalid"}),
        Case({**IDS, "statuses": ["x"]}, {"failed", "rejected"}),
        Case({**IDS, "profile": "x", "access_key": "y"}, {"failed", "invalid"}),
    ],
    "provisioned_product_info": [
        Case({}, responses={SEARCH: FOUND}),
        Case({"ids": ["pp-a"]}, responses={DESCRIBE: DESCRIBED}),
        Case({"names": []}),
        Case({"ids": ["pp-a"]}, {"failed", "aws error"}, {DESCRIBE: DENIED}),
        Case({"ids": ["pp-a"], "_ansible_verbosity": 3}, {"failed", "aws error", "verbose"}, {DESCRIBE: DENIED}),
        Case({"ids": ["pp-a"], "_ansible_verbosity": 2}, {"retried"}, {DESCRIBE: [THROTTLED, DESCRIBED]}),
        Case({"search_query": ["x"]}, {"failed", "invalid"}),
        Case({"statuses": ["x"]}, {"failed", "rejected"}),
    ],
    "wait_for_rollout": [
        Case({**IDS}, responses={DESCRIBE: DESCRIBED, LIST: page([1])}),
        Case({"all_products": True}, responses={SEARCH: FOUND, LIST: page([1])}),
        Case({**IDS, "timeout": 0}, {"failed"}, {DESCRIBE: DESCRIBED, LIST: NOT_CURRENT}),
        Case(
            {**WITH_ACCOUNTS, "timeout": 0},
            {"failed", "accounts"},
            {DESCRIBE: DESCRIBED, LIST: NOT_CURRENT, **ORGANIZATION},
        ),
        Case({**FROM_STACK_SET, "timeout": 0}, {"failed", "cloudformation"}, {DESCRIBE: WITH_ARN, **STACK_SET}),
        Case(
            {**IDS, "regions": ["eu-west-1", "us-east-1"], "timeout": 0},
            {"failed", "missing"},
            {DESCRIBE: DESCRIBED, LIST: page([1])},
        ),
        Case(
            {**IDS, "provisioning_artifact_name": "v12", "record_id": "rec-a"},
            responses={"DescribeRecord": RECORD, DESCRIBE: DESCRIBED, LIST: page([1]), VERSION: VERSION_FOUND},
        ),
        Case({**IDS, "provisioning_artifact_id": "pa-other"}, {"failed"}, {DESCRIBE: DESCRIBED, LIST: NOT_CURRENT}),
        Case({**IDS, "timeout": 0, "max_not_current": 0}, {"failed"}, {DESCRIBE: DESCRIBED, LIST: NOT_CURRENT}),
        Case({**IDS, "_ansible_check_mode": True}, responses={DESCRIBE: DESCRIBED, LIST: NOT_CURRENT}),
        Case(IDS, {"failed", "aws error"}, {DESCRIBE: DENIED}),
        Case({**IDS, "_ansible_verbosity": 3}, {"failed", "aws error", "verbose"}, {DESCRIBE: DENIED}),
        Case(
            {**IDS, "_ansible_verbosity": 2},
            {"retried"},
            {DESCRIBE: [THROTTLED, DESCRIBED], LIST: page([1])},
        ),
        Case({**IDS, "sleep": 0}, {"failed", "invalid"}),
        Case({**IDS, "sleep": "x"}, {"failed", "rejected"}),
        Case({**IDS, **INVALID}, {"failed", "invalid"}),
    ],
}
# Options of the module that other plugins do not have.
ONLY_IN_MODULES = {"summary_only", "describe_products", "describe_operations", "debug_botocore_endpoint_logs"}


def documentation(name: str, kind: str = "module") -> tuple[Docs, Docs]:
    """Return DOCUMENTATION with its fragments, and RETURN."""
    loader = {"inventory": inventory_loader, "lookup": lookup_loader, "module": module_loader}[kind]
    docs, _examples, returned, _metadata = get_plugin_docs(f"{COLLECTION}.{name}", kind, loader, fragment_loader, False)
    # Without the tags of Ansible's data.
    return json.loads(json.dumps(docs, default=str)), json.loads(json.dumps(returned))


def is_of(kind: str, value: t.Any) -> bool:
    """Return whether a value has one of Ansible's types; in Python, True is a number."""
    return isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "bool")


def description(documented: Docs) -> str:
    text = documented["description"]
    return text if isinstance(text, str) else " ".join(text)


class Comparison:
    """Compare results with RETURN, and collect the differences and the keys that were returned."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self.seen: set[str] = set()

    def keys(
        self, documented: Docs, result: Result, facts: t.AbstractSet[str], where: str = "", may_be_null: bool = False
    ) -> None:
        """Compare a dictionary with the documentation of its keys."""
        for key in set(result) - set(documented):
            self.differences.append(f"{where}{key} is not documented")
        for key, about in documented.items():
            expected = CONDITIONS[about.get("returned", "always")](facts)
            if expected != (key in result):
                self.differences.append(f"{where}{key} is {'missing' if expected else 'there'} with {sorted(facts)}")
            elif expected:
                self.value(about, result[key], facts, f"{where}{key}", may_be_null)

    def value(self, documented: Docs, value: t.Any, facts: t.AbstractSet[str], where: str, may_be_null: bool) -> None:
        """Compare a value, and the values in it."""
        may_be_null = may_be_null or "V(null)" in description(documented)
        if value is None:
            if not may_be_null:
                self.differences.append(f"{where} is null, which is not documented")
            return
        if not is_of(documented["type"], value):
            self.differences.append(f"{where} is {value!r}, not of type {documented['type']}")
            return
        if value or documented["type"] in ("bool", "int"):
            self.seen.add(where)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(value, list) and not is_of(documented["elements"], item):
                self.differences.append(f"{where} contains {item!r}, not of type {documented['elements']}")
            elif "contains" in documented:
                self.keys(documented["contains"], item, facts, f"{where}.", may_be_null)
            elif isinstance(item, dict) and where.rpartition(".")[2] not in FREE_KEYS:
                self.differences.append(f"{where} is a dictionary without documented keys")


def all_keys(documented: Docs, where: str = "") -> t.Iterator[tuple[str, Docs]]:
    for key, about in documented.items():
        yield f"{where}{key}", about
        yield from all_keys(about.get("contains", {}), f"{where}{key}.")


def shape(option: t.Mapping[str, t.Any], deprecated: t.AbstractSet[str] = frozenset()) -> dict[str, t.Any]:
    """Return what an argument spec or a documentation specifies of an option, apart from texts."""
    return {
        **{name: option.get(name) for name in ("elements", "default", "suboptions")},
        "type": option.get("type", "str"),
        "required": option.get("required", False),
        "choices": sorted(option.get("choices") or []),
        "aliases": sorted(set(option.get("aliases") or []) - deprecated),
    }


def shapes(options: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
    return {
        name: shape(option, {alias["name"] for alias in option.get("deprecated_aliases", [])})
        for name, option in options.items()
    }


class ArgumentSpecSeen(BaseException):
    """Ends a module as soon as it has passed on its argument spec."""


def argument_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, t.Any]]:
    """Return the argument spec of a module, with the options of amazon.aws."""
    seen: dict[str, dict[str, t.Any]] = {}

    def see(_module: AnsibleModule, argument_spec: dict[str, dict[str, t.Any]], **_arguments: t.Any) -> t.NoReturn:
        seen.update(argument_spec)
        raise ArgumentSpecSeen

    with monkeypatch.context() as patch:
        patch.setattr(AnsibleModule, "__init__", see)
        with pytest.raises(ArgumentSpecSeen):
            MODULES[name].main()
    return seen


def test_each_module_has_cases() -> None:
    assert set(CASES) == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_documents_its_argument_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shapes(documentation(name)[0]["options"]) == shapes(argument_spec(name, monkeypatch))


# The dataclasses of each plugin's options, in addition to those of amazon.aws.
DATACLASSES: dict[str, tuple[type[options.Options], ...]] = {
    "provisioned_product_info": (options.ProductSearch, options.Connection),
    "stack_instance_info": (options.Query, Output, options.Connection),
    "wait_for_rollout": (options.Selection, WaitOptions, options.Connection),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_documents_the_fields_of_its_dataclasses(name: str) -> None:
    documented = documentation(name)[0]["options"]
    expected = shapes(options.argument_spec(*DATACLASSES[name]))
    assert {option: shape(documented[option]) for option in documented if option in expected} == expected
    assert set(documented) - set(expected) == set(aws_argument_spec())


@pytest.mark.parametrize("kind", ["lookup", "inventory"])
def test_a_plugin_documents_the_fields_of_its_dataclasses(kind: str) -> None:
    documented = documentation("stack_instances", kind)[0]["options"]
    expected = shapes(options.argument_spec(options.Query, options.Connection))
    assert {option: shape(documented[option]) for option in documented if option in expected} == expected


@pytest.mark.parametrize("kind", ["lookup", "inventory"])
def test_a_plugin_documents_the_options_of_the_module(kind: str) -> None:
    of_module = shapes(documentation("stack_instance_info")[0]["options"])
    of_plugin = shapes(documentation("stack_instances", kind)[0]["options"])
    shared = set(of_module) - ONLY_IN_MODULES
    assert {name: of_plugin.get(name) for name in shared} == {name: of_module[name] for name in shared}


@pytest.mark.parametrize("name", ["statuses", "detailed_statuses", "not_current"])
def test_a_wait_has_no_filter_that_could_hide_rows(name: str) -> None:
    assert name not in documentation("wait_for_rollout")[0]["options"]
    assert name in documentation("stack_instance_info")[0]["options"]


@pytest.mark.parametrize("name", ["wait_for_rollout", "stack_instance_info"])
def test_an_option_without_a_default_restricts_nothing(name: str) -> None:
    documented = documentation(name)[0]["options"]
    for option in ("provisioned_product_ids", "provisioned_product_names", "accounts", "regions", "stack_set_names"):
        assert "default" not in documented[option], option


def test_action_groups_contain_each_module() -> None:
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    assert groups["all"] == sorted(MODULES)
    assert groups["aws"] == [{"metadata": {"extend_group": ["amazon.aws.aws"]}}, *sorted(MODULES)]
    for name in MODULES:
        membership = documentation(name)[0]["attributes"]["action_group"]["membership"]
        assert membership == [f"{COLLECTION}.{group}" for group in groups], name


@pytest.mark.parametrize("name", MODULES)
def test_a_module_returns_what_is_documented(name: str, aws: Script, capsys: pytest.CaptureFixture[str]) -> None:
    _docs, documented = documentation(name)
    comparison = Comparison()
    for case in CASES[name]:
        for operation, response in case.responses.items():
            aws.expect(operation, *(response if isinstance(response, list) else [response]))
        result = run_module(MODULES[name], capsys, case.arguments)
        assert result.get("failed", False) == ("failed" in case.facts), result
        own = {key: value for key, value in result.items() if key not in COMMON_VALUES}
        comparison.keys(documented, own, case.facts)
    assert comparison.differences == []
    assert {key for key, _about in all_keys(documented)} - comparison.seen == set(), "not returned by any case"


def test_the_lookup_returns_what_is_documented(aws: Script) -> None:
    _docs, documented = documentation("stack_instances", "lookup")
    comparison = Comparison()
    plugin = lookup_loader.get(f"{COLLECTION}.stack_instances")
    aws.expect(DESCRIBE, DESCRIBED, WITH_ARN)
    aws.expect(LIST, page([1]), page([1]), page([1]))
    for operation, response in {**STACK_SET, **ORGANIZATION}.items():
        aws.expect(operation, response)
    for terms, given, facts in (
        (["pp-a"], {}, set()),
        (["guardrails"], {"identify_by": "name"}, set()),
        (["pp-a"], {"source": "cloudformation"}, {"cloudformation"}),
        (["pp-a"], {"describe_accounts": True}, {"accounts"}),
    ):
        rows = plugin.run(terms, {}, **given)
        assert rows
        comparison.value(documented["_list"], rows, facts, "_list", may_be_null=False)
    assert comparison.differences == []
    assert {key for key, _about in all_keys(documented)} - comparison.seen == set(), "not returned"


@pytest.mark.parametrize(("name", "kind"), [*((name, "module") for name in MODULES), ("stack_instances", "lookup")])
def test_samples_have_the_documented_type(name: str, kind: str) -> None:
    for key, about in all_keys(documentation(name, kind)[1]):
        assert about["type"] in TYPES, key
        assert ("contains" in about) != ("sample" in about), f"{key} needs a sample or documented keys"
        if "sample" in about:
            comparison = Comparison()
            comparison.value(about, about["sample"], set(), key, may_be_null=False)
            assert comparison.differences == [], key


def test_hosts_have_the_variables_and_groups_that_are_documented(aws: Script, tmp_path: Path) -> None:
    docs, _returned = documentation("stack_instances", "inventory")
    [about_hosts] = [text for text in docs["description"] if text.startswith("A host is named")]
    [about_groups] = [text for text in docs["description"] if "the groups are" in text]
    file = tmp_path / "x.stack_instances.yml"
    file.write_text(
        json.dumps({"plugin": f"{COLLECTION}.stack_instances", **IDS, "region": "eu-west-1"}), encoding="utf-8"
    )
    aws.expect(LIST, page([1]))
    inventory = InventoryManager(loader=DataLoader(), sources=[str(file)])
    [host] = inventory.get_hosts()
    named = {word.split(")")[0] for word in about_hosts.split("C(")[1:]}
    assert named - {"<account>.<region>"} == set(host.vars) - {"inventory_file", "inventory_dir"}
    assert host.name == "000000000001.eu-west-1"
    forms = {"<status>": "current", "<id>": "000000000001", "<region>": "eu_west_1"}
    groups = {word.split(")")[0] for word in about_groups.split("C(")[1:]} - {"product_<name>"}
    expected = {"product_pp_a", *(_filled(group, forms) for group in groups if group != "product_<id>")}
    assert {group.name for group in host.get_groups()} - {"all", "ungrouped"} == expected


ROLES = ROOT / "roles"
# Options of amazon.aws that contain secrets.
SECRETS = {"secret_key", "session_token"}


def role_options(role: str) -> Docs:
    specs = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return t.cast("Docs", specs["argument_specs"]["main"]["options"])


def test_the_report_has_the_documented_defaults() -> None:
    documented = role_options("rollout_report")
    defaults = yaml.safe_load((ROLES / "rollout_report" / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert {name: option["default"] for name, option in documented.items() if "default" in option} == defaults


def test_the_report_uses_each_documented_option() -> None:
    files = [file for part in ("tasks", "templates") for file in (ROLES / "rollout_report" / part).rglob("*.*")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert set(role_options("rollout_report")) <= set(re.findall(r"\brollout_report_[a-z_]+", text))


def test_the_gate_has_the_options_of_the_module() -> None:
    documented = {name[len("rollout_gate_") :]: option for name, option in role_options("rollout_gate").items()}
    del documented["report_path"]
    module = documentation("wait_for_rollout")[0]["options"]
    # The role leaves defaults and aliases to the module.
    expected = {
        name: {**shape(option), "default": None, "aliases": []}
        for name, option in module.items()
        if name not in ONLY_IN_MODULES
    }
    assert shapes(documented) == expected
    assert {name for name, option in documented.items() if option.get("no_log")} == SECRETS


def _filled(text: str, forms: dict[str, str]) -> str:
    for form, value in forms.items():
        text = text.replace(form, value)
    return text
