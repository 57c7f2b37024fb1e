# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plugins return, against what their documentation says that they return: every key, its type, and when."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader, inventory_loader, lookup_loader, module_loader
from ansible.utils.plugin_docs import get_plugin_docs

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import wait as _rollout
from ansible_collections.stackfleet.servicecatalog.plugins.modules import (
    provisioned_product_info,
    stack_instance_info,
    wait_for_rollout,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    detail,
    error,
    page,
    run_module,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
    whole,
)

Docs = t.Dict[str, t.Any]
Told = t.Dict[str, t.Any]

COLLECTION = "stackfleet.servicecatalog"
LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
MODULES = {
    "provisioned_product_info": provisioned_product_info,
    "stack_instance_info": stack_instance_info,
    "wait_for_rollout": wait_for_rollout,
}
TYPES = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}
# What any module returns, by Ansible's own documentation.
ANSIBLES_OWN = {"changed", "failed", "msg", "invocation", "warnings", "deprecations", "exception"}

# When a key is there, in the words of the documentation, and what that means for a case. No other words are allowed.
CONDITIONS: dict[str, t.Callable[[t.AbstractSet[str]], bool]] = {
    "always": lambda facts: True,
    "success": lambda facts: "failed" not in facts,
    "success and O(summary_only=false)": lambda facts: not facts & {"failed", "summary_only"},
    "with O(source=cloudformation)": lambda facts: "cloudformation" in facts,
    "failure, where AWS answered": lambda facts: "aws answered" in facts,
    "failure, but for options that Ansible or amazon.aws refuses": lambda facts: (
        "failed" in facts and "refused" not in facts
    ),
    "always, but for options that make no sense": lambda facts: not facts & {"no sense", "refused"},
}
# Where the documentation says "as ... returns them".
AS_ELSEWHERE = {
    ("wait_for_rollout", name): ("stack_instance_info", same)
    for name, same in {
        "summary": "summary",
        "provisioned_products": "provisioned_products",
        "not_current": "stack_instances",
    }.items()
} | {("stack_instance_info", "provisioned_products.summary"): ("stack_instance_info", "summary")}

ROW = {"StackId": "arn:stack", "StatusReason": "Because.", "OrganizationalUnitId": "ou-1", "DriftStatus": "DRIFTED"}
FULL_ROW = {**ROW, "LastDriftCheckTimestamp": "2026-01-15T08:00:00Z", "LastOperationId": "op"}
EMPTY_ROW = {"StackSetId": None, "StackInstanceStatus": None}
TOLD_BY_BOTH = (
    *("IdempotencyToken", "LastRecordId", "LastProvisioningRecordId", "LastSuccessfulProvisioningRecordId"),
    *("ProductId", "ProvisioningArtifactId"),
)
TOLD_BY_SEARCH = ("PhysicalId", "ProductName", "ProvisioningArtifactName", "UserArn", "UserArnSession")
KNOWN = detail(
    "pp-a", "guardrails", StatusMessage="Said.", CreatedTime=1768464000.0, **dict.fromkeys(TOLD_BY_BOTH, "x")
)
FULL_DETAIL = {**KNOWN, "LaunchRoleArn": "arn:role"}
FULL_ATTRIBUTE = {**KNOWN, **dict.fromkeys(TOLD_BY_SEARCH, "x")}
SOUGHT = whole(ProvisionedProducts=[{**FULL_ATTRIBUTE, "Tags": [{"Key": "team", "Value": "platform"}]}])
DESCRIBED = whole(ProvisionedProductDetail=FULL_DETAIL)
REFUSED = error("AccessDeniedException")
BEHIND = whole(StackInstances=[stack_instance(1, "OUTDATED"), stack_instance(2)])


class Case(t.NamedTuple):
    """A call with the answers that it gets, and what is so about it, in the words of CONDITIONS."""

    arguments: dict[str, t.Any]
    facts: t.AbstractSet[str] = frozenset()
    answers: t.Mapping[str, t.Any] = MappingProxyType({})


IDS = {"provisioned_product_ids": ["pp-a"]}
FROM_STACK_SET = {**IDS, "source": "cloudformation"}
STACK_SET = {
    "DescribeStackSet": stack_set("SC-123456789012-pp-a"),
    "ListStackInstances": stack_set_page(summary_of(1, status="OUTDATED", **FULL_ROW)),
}
SENSELESS = {"accounts": ["1"]}
WITH_ARN = whole(
    ProvisionedProductDetail={**FULL_DETAIL, "Arn": "arn:aws:servicecatalog:eu-west-1:123456789012:stack/a/pp-a"}
)

CASES = {
    "stack_instance_info": [
        Case(IDS, answers={LIST: page([1])}),
        Case({"provisioned_product_names": ["guardrails"]}, answers={DESCRIBE: DESCRIBED, LIST: page([1])}),
        Case({**IDS, "summary_only": True}, {"summary_only"}, {LIST: page([1])}),
        Case({**IDS, "describe_products": True}, answers={DESCRIBE: DESCRIBED, LIST: page([1])}),
        Case({}, answers={SEARCH: SOUGHT, LIST: page([1])}),
        Case(FROM_STACK_SET, {"cloudformation"}, {DESCRIBE: WITH_ARN, **STACK_SET}),
        Case(
            {**FROM_STACK_SET, "stack_set_names": {"pp-a": "mine"}},
            {"cloudformation"},
            {"DescribeStackSet": stack_set("mine"), "ListStackInstances": stack_set_page(summary_of(1, **EMPTY_ROW))},
        ),
        Case(IDS, {"failed", "aws answered"}, {LIST: REFUSED}),
        Case({**IDS, "aws_config": {"retires": {}}}, {"failed", "no sense"}),
        Case({**IDS, **SENSELESS}, {"failed", "no sense"}),
        Case({**IDS, "statuses": ["x"]}, {"failed", "refused"}),
        Case({**IDS, "profile": "x", "access_key": "y"}, {"failed", "refused"}),
    ],
    "provisioned_product_info": [
        Case({}, answers={SEARCH: SOUGHT}),
        Case({"ids": ["pp-a"]}, answers={DESCRIBE: DESCRIBED}),
        Case({"ids": ["pp-a"]}, {"failed", "aws answered"}, {DESCRIBE: REFUSED}),
        Case({"search_query": ["x"]}, {"failed", "no sense"}),
        Case({"statuses": ["x"]}, {"failed", "refused"}),
    ],
    "wait_for_rollout": [
        Case({**IDS}, answers={DESCRIBE: DESCRIBED, LIST: page([1])}),
        Case({**IDS, "timeout": 0}, {"failed"}, {DESCRIBE: DESCRIBED, LIST: BEHIND}),
        Case({**FROM_STACK_SET, "timeout": 0}, {"failed", "cloudformation"}, {DESCRIBE: WITH_ARN, **STACK_SET}),
        Case({**IDS, "_ansible_check_mode": True}, answers={DESCRIBE: DESCRIBED, LIST: BEHIND}),
        Case(IDS, {"failed", "aws answered"}, {DESCRIBE: REFUSED}),
        Case({**IDS, "sleep": 0}, {"failed", "no sense"}),
        Case({**IDS, "sleep": "x"}, {"failed", "refused"}),
        Case({**IDS, **SENSELESS}, {"failed", "no sense"}),
    ],
}


def documentation(name: str, kind: str = "module") -> tuple[Docs, Docs]:
    """Options and so on, and RETURN, as Ansible reads them."""
    loader = {"inventory": inventory_loader, "lookup": lookup_loader, "module": module_loader}[kind]
    docs, _examples, returned, _metadata = get_plugin_docs(f"{COLLECTION}.{name}", kind, loader, fragment_loader, False)
    # Ansible's tags on what it has read are of no interest here.
    return json.loads(json.dumps(docs, default=str)), json.loads(json.dumps(returned))


def is_of(kind: str, value: t.Any) -> bool:
    """Whether a value has a type in Ansible's words; to Python, True is a number."""
    return isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "bool")


def words(documented: Docs) -> str:
    return " ".join(
        [documented["description"]] if isinstance(documented["description"], str) else documented["description"]
    )


class Comparison:
    """Goes through results, collects what differs from the documentation, and what of it has been seen."""

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self.differences: list[str] = []
        self.seen: set[str] = set()

    def keys(
        self, documented: Docs, told: Told, facts: t.AbstractSet[str], where: str = "", may_be_null: bool = False
    ) -> None:
        """Compare an object with what is documented of its keys."""
        for key in set(told) - set(documented):
            self.differences.append(f"{where}{key} is not documented")
        for key, about in documented.items():
            wanted = CONDITIONS[about.get("returned", "always")](facts)
            if wanted != (key in told):
                self.differences.append(f"{where}{key} is {'missing' if wanted else 'there'} where {sorted(facts)}")
            elif wanted:
                self.value(about, told[key], facts, f"{where}{key}", may_be_null)

    def value(self, documented: Docs, value: t.Any, facts: t.AbstractSet[str], where: str, may_be_null: bool) -> None:
        may_be_null = may_be_null or "V(null)" in words(documented)
        if value is None:
            if not may_be_null:
                self.differences.append(f"{where} is null, which is not documented")
            return
        if not is_of(documented["type"], value):
            self.differences.append(f"{where} is {value!r}, not of type {documented['type']}")
            return
        if value or documented["type"] in ("bool", "int"):
            self.seen.add(where)
        parts = self.parts_of(documented, where)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(value, list) and not is_of(documented["elements"], item):
                self.differences.append(f"{where} holds {item!r}, not of type {documented['elements']}")
            elif parts is not None:
                self.keys(parts, item, facts, f"{where}.", may_be_null)
            elif (
                isinstance(item, dict)
                and where != "provisioned_products.tags"
                and set(item) != set(documented["sample"])
            ):
                self.differences.append(f"{where} is {item!r}, which its sample does not look like")

    def parts_of(self, documented: Docs, where: str) -> Docs | None:
        elsewhere = AS_ELSEWHERE.get((self.plugin, where))
        if elsewhere:
            assert "returns" in words(documented) or "as in RV(" in words(documented)
            documented = documentation(elsewhere[0])[1][elsewhere[1]]
        return t.cast("Docs | None", documented.get("contains"))


def all_keys(documented: Docs, where: str = "") -> t.Iterator[tuple[str, Docs]]:
    for key, about in documented.items():
        yield f"{where}{key}", about
        yield from all_keys(about.get("contains", {}), f"{where}{key}.")


@pytest.mark.parametrize("name", MODULES)
def test_a_module_returns_what_is_documented(name: str, aws: Script, capsys: pytest.CaptureFixture[str]) -> None:
    _docs, documented = documentation(name)
    comparison = Comparison(name)
    for case in CASES[name]:
        for operation, answer in case.answers.items():
            aws.expect(operation, answer)
        result = run_module(MODULES[name], capsys, case.arguments)
        assert result.get("failed", False) == ("failed" in case.facts), result
        told = {key: value for key, value in result.items() if key not in ANSIBLES_OWN}
        comparison.keys(documented, told, case.facts)
    assert comparison.differences == []
    assert {key for key, _about in all_keys(documented)} - comparison.seen == set(), "never returned"


def test_the_lookup_returns_what_is_documented(aws: Script) -> None:
    _docs, documented = documentation("stack_instances", "lookup")
    comparison = Comparison("stack_instances")
    plugin = lookup_loader.get(f"{COLLECTION}.stack_instances")
    aws.expect(DESCRIBE, DESCRIBED, WITH_ARN)
    aws.expect(LIST, page([1]), page([1]))
    for operation, answer in STACK_SET.items():
        aws.expect(operation, answer)
    for terms, options in (
        (["pp-a"], {}),
        (["guardrails"], {"identify_by": "name"}),
        (["pp-a"], {"source": "cloudformation"}),
    ):
        rows = plugin.run(terms, {}, **options)
        assert rows
        comparison.value(documented["_list"], rows, set(options.values()), "_list", may_be_null=False)
    assert comparison.differences == []
    assert {key for key, _about in all_keys(documented)} - comparison.seen == set(), "never returned"


def test_the_lookup_documents_the_rows_of_the_module() -> None:
    def facts(contains: Docs) -> Docs:
        return {name: (about["type"], about.get("returned", "always")) for name, about in contains.items()}

    rows = documentation("stack_instances", "lookup")[1]["_list"]["contains"]
    assert facts(rows) == facts(documentation("stack_instance_info")[1]["stack_instances"]["contains"])


@pytest.mark.parametrize(("name", "kind"), [*((name, "module") for name in MODULES), ("stack_instances", "lookup")])
def test_samples_are_what_is_documented(name: str, kind: str) -> None:
    for key, about in all_keys(documentation(name, kind)[1]):
        assert about["type"] in TYPES, key
        assert "contains" in about or "sample" in about, f"{key} has no sample"
        if "sample" in about:
            comparison = Comparison(name)
            optional = {"cloudformation"} if "detailed_status" in json.dumps(about["sample"]) else set()
            comparison.value(about, about["sample"], optional, key, may_be_null=False)
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


ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "rollout_report"
# Variables that the role makes for itself.
INTERNAL = {"rollout_report_read", "rollout_report_given", "rollout_report_rows", "rollout_report_products"}
# Connection options that the playbook passes on; its guide lists them.
GATES_CONNECTION = {"region", "profile", "assume_role_arn", "endpoint_url"}


def test_the_role_uses_what_it_documents_with_the_defaults_that_it_tells() -> None:
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    documented = options["main"]["options"]
    texts = [file.read_text(encoding="utf-8") for part in ("tasks", "templates") for file in (ROLE / part).rglob("*.*")]
    used = {name for text in texts for name in re.findall(r"\brollout_report_[a-z_]+", text)}
    assert used - INTERNAL == set(documented)
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert {name: about["default"] for name, about in documented.items() if "default" in about} == defaults
    modules = documentation("stack_instance_info")[0]["options"]
    for name, about in documented.items():
        module = modules.get(name[len("rollout_report_") :])
        if module and "default" not in about:
            assert about["type"] == module["type"] and about.get("elements") == module.get("elements"), name
            assert about.get("choices") == (list(module["choices"]) if "choices" in module else None), name


def test_the_gate_passes_on_what_the_wait_knows() -> None:
    [play] = yaml.safe_load((ROOT / "playbooks" / "rollout_gate.yml").read_text(encoding="utf-8"))
    [whole_task] = play["tasks"]
    arguments = whole_task["block"][0][f"{COLLECTION}.wait_for_rollout"]
    assert (
        set(arguments) == {*_selection.ARGUMENT_SPEC, *_rollout.ARGUMENT_SPEC} - {"assume_role_arn"} | GATES_CONNECTION
    )
    assert arguments == {name: f"{{{{ rollout_gate_{name} | default(omit) }}}}" for name in arguments}


def _filled(text: str, forms: dict[str, str]) -> str:
    for form, value in forms.items():
        text = text.replace(form, value)
    return text
