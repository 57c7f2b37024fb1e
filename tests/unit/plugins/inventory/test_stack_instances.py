# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    account,
    accounts,
    assumed_role,
    detail,
    error,
    json_response,
    page,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
    unit,
)

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18, where every string is a template that is not marked otherwise

    def trust_as_template(value: str) -> str:
        return value


NAME = "stackfleet.servicecatalog.stack_instances"
LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
HOSTILE = "{{ lookup('ansible.builtin.pipe', 'echo it ran') }}"


@pytest.fixture
def write_file(tmp_path: Path) -> t.Callable[..., str]:
    def write(name: str = "x", **options: t.Any) -> str:
        file = tmp_path / f"{name}.stack_instances.yml"
        # Every JSON is YAML.
        file.write_text(json.dumps({"plugin": NAME, **options}), encoding="utf-8")
        return str(file)

    return write


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []

    def warning(_display: t.Any, message: str, **_kwargs: t.Any) -> None:
        messages.append(message)

    monkeypatch.setattr("ansible.utils.display.Display.warning", warning)
    return messages


def inventory_of(*paths: str) -> InventoryManager:
    """Return the inventory that Ansible itself makes of the files."""
    return InventoryManager(loader=DataLoader(), sources=list(paths))


def parse(path: str, cache: bool = True, into: InventoryData | None = None) -> InventoryData:
    """Parse the file with the plugin, and raise its error."""
    inventory = into or InventoryData()
    plugin = inventory_loader.get(NAME)
    plugin.parse(inventory, DataLoader(), path, cache=cache)
    if hasattr(plugin, "_cache"):
        plugin.update_cache_if_changed()
    return inventory


def groups_of(inventory: InventoryManager) -> dict[str, list[str]]:
    own = set(inventory.groups) - {"all", "ungrouped"}
    return {group: sorted(host.name for host in inventory.groups[group].get_hosts()) for group in sorted(own)}


def cached(tmp_path: Path, **more: t.Any) -> dict[str, t.Any]:
    return {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path), **more}


def script_two_products(aws: Script) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "Guard-Rails"), detail("pp-b", "audit")]))
    aws.expect(f"{LIST} pp-a", json_response(StackInstances=[stack_instance(1), stack_instance(2, "INOPERABLE")]))
    aws.expect(
        f"{LIST} pp-b",
        json_response(StackInstances=[stack_instance(1, "OUTDATED"), stack_instance(1, "NEW_ONE", region="us-east-1")]),
    )


def test_each_account_and_region_is_a_host(aws: Script, write_file: t.Callable[..., str], warnings: list[str]) -> None:
    script_two_products(aws)
    inventory = inventory_of(write_file())
    assert sorted(inventory.hosts) == [
        "000000000001.eu-west-1",
        "000000000001.us-east-1",
        "000000000002.eu-west-1",
    ]
    variables = inventory.hosts["000000000001.eu-west-1"].get_vars()
    assert (variables["account"], variables["region"]) == ("000000000001", "eu-west-1")
    assert variables["stack_instance_status"] == "OUTDATED"
    assert [i["provisioned_product_name"] for i in variables["stack_instances"]] == ["Guard-Rails", "audit"]
    assert groups_of(inventory) == {
        "account_000000000001": ["000000000001.eu-west-1", "000000000001.us-east-1"],
        "account_000000000002": ["000000000002.eu-west-1"],
        "product_audit": ["000000000001.eu-west-1", "000000000001.us-east-1"],
        "product_guard_rails": ["000000000001.eu-west-1", "000000000002.eu-west-1"],
        "region_eu_west_1": ["000000000001.eu-west-1", "000000000002.eu-west-1"],
        "region_us_east_1": ["000000000001.us-east-1"],
        "status_inoperable": ["000000000002.eu-west-1"],
        "status_new_one": ["000000000001.us-east-1"],
        "status_outdated": ["000000000001.eu-west-1"],
    }
    assert warnings == []


def test_a_product_without_a_known_name_is_a_group_by_its_id(aws: Script, write_file: t.Callable[..., str]) -> None:
    aws.expect(LIST, page([1]))
    assert "product_pp_a" in groups_of(inventory_of(write_file(provisioned_product_ids=["pp-a"])))


def test_a_group_of_two_names_is_a_warning(aws: Script, write_file: t.Callable[..., str], warnings: list[str]) -> None:
    aws.expect(
        SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "audit-trail"), detail("pp-b", "Audit_trail")])
    )
    aws.expect(LIST, page([1]), page([2]))
    assert len(groups_of(inventory_of(write_file()))["product_audit_trail"]) == 2
    [warning] = warnings
    assert warning == ("The group product_audit_trail contains the hosts of different names: Audit_trail, audit-trail")


def test_filters_remove_hosts(aws: Script, write_file: t.Callable[..., str]) -> None:
    script_two_products(aws)
    inventory = inventory_of(write_file(statuses=["OUTDATED", "INOPERABLE"], accounts=["000000000001"]))
    assert list(inventory.hosts) == ["000000000001.eu-west-1"]
    assert len(inventory.hosts["000000000001.eu-west-1"].get_vars()["stack_instances"]) == 1


@pytest.mark.parametrize(
    ("options", "accounts"),
    [
        ({"not_current": True}, ["000000000002", "000000000003"]),
        ({"exclude_accounts": "000000000002"}, ["000000000001", "000000000003"]),
        ({"statuses": ["OUTDATED"], "not_current": True}, ["000000000002"]),
    ],
)
def test_hosts_can_be_excluded(
    aws: Script, write_file: t.Callable[..., str], options: dict[str, t.Any], accounts: list[str]
) -> None:
    rows = [stack_instance(1), stack_instance(2, "OUTDATED"), stack_instance(3, "A_NEW_STATUS")]
    aws.expect(LIST, json_response(StackInstances=rows))
    inventory = inventory_of(write_file(provisioned_product_ids=["pp-a"], **options))
    assert sorted(host.get_vars()["account"] for host in inventory.hosts.values()) == accounts


def test_hosts_can_be_filtered_by_detailed_status(aws: Script, write_file: t.Callable[..., str]) -> None:
    rows = [summary_of(1), summary_of(2, status="OUTDATED", StackInstanceStatus={"DetailedStatus": "FAILED"})]
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(*rows))
    path = write_file(
        provisioned_product_ids=["pp-a"],
        source="cloudformation",
        stack_set_names={"pp-a": "mine"},
        detailed_statuses=["FAILED"],
    )
    assert list(inventory_of(path).hosts) == ["000000000002.eu-west-1"]


@pytest.mark.parametrize(
    "options",
    [
        {"provisioned_product_ids": []},
        {"provisioned_product_names": []},
        {"provisioned_product_ids": [], "provisioned_product_names": []},
        {"provisioned_product_ids": "", "source": "cloudformation"},
    ],
)
def test_an_empty_list_of_products_selects_nothing(
    aws: Script, write_file: t.Callable[..., str], warnings: list[str], options: dict[str, t.Any]
) -> None:
    assert parse(write_file(**options)).hosts == {}
    assert aws.requests == []
    assert len(warnings) == 1


@pytest.mark.parametrize("name", ["accounts", "regions", "statuses"])
def test_an_empty_filter_selects_nothing(aws: Script, write_file: t.Callable[..., str], name: str) -> None:
    aws.expect(LIST, page([1]))
    assert parse(write_file(provisioned_product_ids=["pp-a"], **{name: []})).hosts == {}


def test_all_products_can_be_selected_explicitly(aws: Script, write_file: t.Callable[..., str]) -> None:
    script_two_products(aws)
    assert len(parse(write_file(all_products=True)).hosts) == 3


def test_variables_and_groups_can_be_constructed(aws: Script, write_file: t.Callable[..., str]) -> None:
    aws.expect(LIST, page([1]))
    inventory = inventory_of(
        write_file(
            provisioned_product_ids=["pp-a"],
            compose={"role_arn": "'arn:aws:iam::' ~ account ~ ':role/worker'"},
            groups={"europe": "region.startswith('eu-')", "not_current": "stack_instance_status != 'CURRENT'"},
            keyed_groups=[{"key": "region", "prefix": "in"}],
        )
    )
    assert inventory.hosts["000000000001.eu-west-1"].get_vars()["role_arn"] == "arn:aws:iam::000000000001:role/worker"
    assert groups_of(inventory) == {
        "europe": ["000000000001.eu-west-1"],
        "in_eu_west_1": ["000000000001.eu-west-1"],
    }


UNITS = "ou-a1b2-aaaaaaaa/ou-a1b2-bbbbbbbb"


def expect_accounts(aws: Script, name: str = "Pay {{ 1/0 }}", unit_name: str = "Live/{% x") -> None:
    """Script two accounts of an organization, and the organizational units of the first."""
    aws.expect("ListAccounts", accounts(account(1, name, path=UNITS), account(2, "closed", "SUSPENDED")))
    aws.expect("DescribeOrganizationalUnit ou-a1b2-aaaaaaaa", unit("aaaaaaaa", "Work loads"))
    aws.expect("DescribeOrganizationalUnit ou-a1b2-bbbbbbbb", unit("bbbbbbbb", unit_name))


def test_accounts_have_names_and_organizational_units(aws: Script, write_file: t.Callable[..., str]) -> None:
    aws.expect(LIST, page([1, 2]))
    expect_accounts(aws)
    inventory = inventory_of(write_file(provisioned_product_ids=["pp-a"], describe_accounts=True))
    first, second = inventory.get_hosts()
    assert (first.vars["account_name"], first.vars["account_state"]) == ("Pay {{ 1/0 }}", "ACTIVE")
    assert first.vars["organizational_unit_path"] == "Work loads/Live_{% x"
    assert (second.vars["account_state"], second.vars["organizational_unit_path"]) == ("SUSPENDED", "")
    groups = {"account_name_pay____1_0___", "ou_work_loads", "ou_live____x"}
    assert groups <= {group.name for group in first.get_groups()}
    named = {group.name for group in second.get_groups() if group.name.startswith(("ou_", "account_name_"))}
    assert named == {"account_name_closed"}


def test_names_of_accounts_are_not_templates(aws: Script, write_file: t.Callable[..., str]) -> None:
    aws.expect(LIST, page([1]))
    expect_accounts(aws, name=HOSTILE)
    options = {"compose": {"copied": "account_name"}, "keyed_groups": [{"key": "organizational_unit_path"}]}
    [host] = inventory_of(write_file(provisioned_product_ids=["pp-a"], describe_accounts=True, **options)).get_hosts()
    templar = Templar(loader=DataLoader(), variables=host.vars)
    assert templar.template(trust_as_template("{{ account_name }} {{ copied }}")) == f"{HOSTILE} {HOSTILE}"


@pytest.mark.parametrize(
    ("options", "has_default_groups"),
    [
        ({}, True),
        ({"default_groups": False}, False),
        ({"keyed_groups": [{"key": "region"}]}, False),
        ({"keyed_groups": [{"key": "region"}], "default_groups": True}, True),
        ({"keyed_groups": [], "default_groups": None}, True),
    ],
)
def test_default_groups(
    aws: Script, write_file: t.Callable[..., str], options: dict[str, t.Any], has_default_groups: bool
) -> None:
    aws.expect(LIST, page([1]))
    [host] = inventory_of(write_file(provisioned_product_ids=["pp-a"], **options)).get_hosts()
    groups = {group.name for group in host.get_groups()} - {"all", "ungrouped"}
    default = {"status_current", "account_000000000001", "region_eu_west_1", "product_pp_a"}
    assert groups & default == (default if has_default_groups else set())
    assert bool(groups - default) == bool(options.get("keyed_groups"))


def test_a_host_keeps_its_names_if_another_file_does_not_describe_accounts(
    aws: Script, write_file: t.Callable[..., str]
) -> None:
    aws.expect(LIST, page([1]), json_response(StackInstances=[stack_instance(1, "OUTDATED")]))
    expect_accounts(aws, "payments")
    files = [
        write_file("a", provisioned_product_ids=["pp-a"], describe_accounts=True),
        write_file("b", provisioned_product_ids=["pp-a"]),
    ]
    [host] = inventory_of(*files).get_hosts()
    assert (host.vars["stack_instance_status"], host.vars["account_name"]) == ("OUTDATED", "payments")
    assert {"status_outdated", "account_name_payments"} <= {group.name for group in host.get_groups()}


@pytest.mark.parametrize(
    "options",
    [
        {"compose": {"x": "nothing.there"}},
        {"groups": {"x": "stack_instances[9].account == ''"}},
        {"keyed_groups": [{"key": "nothing.there"}]},
    ],
)
def test_with_strict_a_failure_adds_no_host(
    aws: Script, write_file: t.Callable[..., str], options: dict[str, t.Any]
) -> None:
    aws.expect(LIST, page([1, 2]), page([1, 2]))
    inventory = InventoryData()
    inventory.add_host("000000000001.eu-west-1")
    with pytest.raises(AnsibleError, match=r"000000000001\.eu-west-1"):
        parse(write_file(provisioned_product_ids=["pp-a"], strict=True, **options), into=inventory)
    assert list(inventory.hosts) == ["000000000001.eu-west-1"]
    assert len(parse(write_file(provisioned_product_ids=["pp-a"], **options)).hosts) == 2


HOST = "000000000001.eu-west-1"


@pytest.mark.parametrize("statuses", [("OUTDATED", "CURRENT"), ("CURRENT", "OUTDATED")])
def test_a_host_of_two_files_has_the_stack_instances_of_both(
    aws: Script, write_file: t.Callable[..., str], statuses: tuple[str, str]
) -> None:
    for product, status in zip(("pp-a", "pp-b"), statuses):
        aws.expect(f"{LIST} {product}", json_response(StackInstances=[stack_instance(1, status)]))
    inventory = inventory_of(*(write_file(product, provisioned_product_ids=[product]) for product in ("pp-a", "pp-b")))
    variables = inventory.hosts[HOST].get_vars()
    assert variables["stack_instance_status"] == "OUTDATED"
    assert [i["provisioned_product_id"] for i in variables["stack_instances"]] == ["pp-a", "pp-b"]
    assert {group for group, hosts in groups_of(inventory).items() if hosts} == {
        *("account_000000000001", "product_pp_a", "product_pp_b", "region_eu_west_1", "status_outdated")
    }


@pytest.mark.parametrize("order", [("CURRENT", "OUTDATED"), ("OUTDATED", "CURRENT")])
def test_the_worst_of_two_listings_of_a_product_counts(
    aws: Script, write_file: t.Callable[..., str], order: tuple[str, str]
) -> None:
    aws.expect(f"{LIST} pp-a", *(json_response(StackInstances=[stack_instance(1, status)]) for status in order))
    inventory = inventory_of(*(write_file(name, provisioned_product_ids=["pp-a"]) for name in ("1", "2")))
    variables = inventory.hosts[HOST].get_vars()
    assert [i["stack_instance_status"] for i in variables["stack_instances"]] == ["OUTDATED"]
    assert variables["stack_instance_status"] == "OUTDATED"


def test_what_files_construct_for_a_host_follows_from_all_its_stack_instances(
    aws: Script, write_file: t.Callable[..., str]
) -> None:
    aws.expect(f"{LIST} pp-a", page([1, 2]))
    aws.expect(f"{LIST} pp-b", json_response(StackInstances=[stack_instance(1, "OUTDATED")]))
    first = write_file(
        "1",
        provisioned_product_ids=["pp-a"],
        compose={"only": "stack_instances[0].account if stack_instances | length == 1 else nothing.there"},
        groups={"ready": "stack_instance_status == 'CURRENT'"},
        keyed_groups=[{"key": "stack_instance_status", "prefix": "is", "parent_group": "statuses"}],
    )
    second = write_file("2", provisioned_product_ids=["pp-b"], groups={"late": "stack_instance_status == 'OUTDATED'"})
    inventory = inventory_of(first, second)
    groups = groups_of(inventory)
    assert groups["ready"] == groups["is_CURRENT"] == ["000000000002.eu-west-1"]
    assert groups["late"] == groups["is_OUTDATED"] == groups["status_outdated"] == [HOST]
    assert groups["statuses"] == [HOST, "000000000002.eu-west-1"]
    assert "only" not in inventory.hosts[HOST].get_vars()
    assert inventory.hosts["000000000002.eu-west-1"].get_vars()["only"] == "000000000002"


def test_a_file_that_fails_does_not_change_the_hosts_of_others(
    aws: Script, write_file: t.Callable[..., str], tmp_path: Path
) -> None:
    static = tmp_path / "static.yml"
    hosts = {HOST: {"color": "blue"}, "000000000009.eu-west-1": {}}
    static.write_text(json.dumps({"all": {"children": {"status_current": {"hosts": hosts}}}}), encoding="utf-8")
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", json_response(StackInstances=[stack_instance(1, "OUTDATED"), stack_instance(2)]))
    good = write_file("a", provisioned_product_ids=["pp-a"])
    bad = write_file(
        "b",
        provisioned_product_ids=["pp-b"],
        strict=True,
        keyed_groups=[{"key": "stack_instances[0].provisioned_product_id", "prefix": "id"}],
        groups={"x": "account == '000000000001' or nothing.there"},
    )
    inventory = inventory_of(str(static), good)
    groups, variables = groups_of(inventory), {name: host.get_vars() for name, host in inventory.hosts.items()}
    with pytest.raises(AnsibleError, match=r"000000000002\.eu-west-1"):
        parse(bad, into=inventory._inventory)
    assert groups_of(inventory) == groups
    assert {name: host.get_vars() for name, host in inventory.hosts.items()} == variables
    assert variables[HOST]["color"] == "blue"


def test_a_host_stays_in_the_groups_of_other_inventory_files(
    aws: Script, write_file: t.Callable[..., str], tmp_path: Path
) -> None:
    static = tmp_path / "static.yml"
    static.write_text(json.dumps({"all": {"children": {"status_current": {"hosts": {HOST: None}}}}}), encoding="utf-8")
    for product, status in (("pp-a", "CURRENT"), ("pp-b", "OUTDATED")):
        aws.expect(f"{LIST} {product}", json_response(StackInstances=[stack_instance(1, status)]))
    files = [write_file(product, provisioned_product_ids=[product]) for product in ("pp-a", "pp-b")]
    groups = groups_of(inventory_of(str(static), *files))
    assert groups["status_current"] == groups["status_outdated"] == [HOST]


def test_options_can_be_templates(
    aws: Script, write_file: t.Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODUCT", "pp-a")
    monkeypatch.setenv("WHERE", "ap-southeast-2")
    monkeypatch.setenv("ACCOUNT", "000000000002")
    aws.expect(f"{LIST} pp-a", page([1, 2]))
    inventory = inventory_of(
        write_file(
            provisioned_product_ids=["{{ lookup('ansible.builtin.env', 'PRODUCT') }}"],
            accounts=["{{ lookup('ansible.builtin.env', 'ACCOUNT') }}"],
            region="{{ lookup('ansible.builtin.env', 'WHERE') }}",
        )
    )
    assert list(inventory.hosts) == ["000000000002.eu-west-1"]
    assert "/ap-southeast-2/servicecatalog/" in aws.requests[0].headers["authorization"]


@pytest.mark.parametrize(
    "accounts",
    [
        "{{ ['000000000001', '000000000003'] }}",
        "{{ '000000000001, 000000000003' }}",
        "{{ lookup('ansible.builtin.env', 'ACCOUNTS').split(',') }}",
        "{{ lookup('ansible.builtin.env', 'ACCOUNTS', default='') }}",
        "000000000001,{{ '000000000003' }}",
        ["000000000001", "{{ '000000000003' }}"],
    ],
)
def test_an_option_that_is_a_list_can_be_a_template(
    aws: Script, write_file: t.Callable[..., str], monkeypatch: pytest.MonkeyPatch, accounts: t.Any
) -> None:
    monkeypatch.setenv("ACCOUNTS", "000000000001,000000000003")
    aws.expect(LIST, page([1, 2, 3]))
    inventory = inventory_of(write_file(provisioned_product_ids=["pp-a"], accounts=accounts))
    assert sorted(inventory.hosts) == ["000000000001.eu-west-1", "000000000003.eu-west-1"]


@pytest.mark.parametrize("empty", ["{{ [] }}", "{{ '' }}", "{{ lookup('ansible.builtin.env', 'NOT_SET') }}"])
@pytest.mark.parametrize("name", ["provisioned_product_ids", "provisioned_product_names", "accounts", "regions"])
def test_a_template_of_an_empty_list_selects_nothing(
    aws: Script, write_file: t.Callable[..., str], name: str, empty: str
) -> None:
    selection = {}
    if not name.startswith("provisioned"):
        selection = {"provisioned_product_ids": ["pp-a"]}
        aws.expect(LIST, page([1]))
    assert parse(write_file(**selection, **{name: empty})).hosts == {}


def test_options_are_templated_only_once(
    aws: Script, write_file: t.Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGIONS", HOSTILE)
    with pytest.raises(AnsibleError, match="is not an AWS Region") as raised:
        parse(write_file(provisioned_product_ids=["pp-a"], regions=["{{ lookup('ansible.builtin.env', 'REGIONS') }}"]))
    assert "it ran" not in str(raised.value).replace(HOSTILE, "")


def test_a_role_is_assumed_once_before_other_calls(aws: Script, write_file: t.Callable[..., str]) -> None:
    arn = "arn:aws:iam::123456789012:role/reader"
    aws.expect("AssumeRole", assumed_role("ROLEKEY"))
    aws.expect(LIST, page([1]))
    parse(write_file(provisioned_product_ids=["pp-a"], iam_role_arn="{{ '" + arn + "' }}"))
    assert aws.operations == ["AssumeRole", LIST]
    assert "Credential=ROLEKEY/" in aws.requests[1].headers["authorization"]


@pytest.mark.parametrize("is_cached", [False, True])
def test_strings_from_aws_are_not_templates(
    aws: Script, write_file: t.Callable[..., str], tmp_path: Path, is_cached: bool
) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", HOSTILE)]))
    aws.expect(LIST, json_response(StackInstances=[stack_instance(1, HOSTILE)]))
    path = write_file(
        compose={"composed": "stack_instances[0].provisioned_product_name"},
        **(cached(tmp_path / "cache") if is_cached else {}),
    )
    inventory = parse(path)
    if is_cached:
        inventory = parse(path)
    assert len(aws.requests) == 2
    variables = inventory.hosts["000000000001.eu-west-1"].get_vars()
    for expression in ("stack_instances[0].provisioned_product_name", "stack_instance_status", "composed"):
        templar = Templar(loader=DataLoader(), variables=variables)
        assert templar.template(trust_as_template("{{ " + expression + " }}")) == HOSTILE
    assert not any("it ran" in group for group in inventory.groups)


def test_an_empty_fleet_is_a_warning(aws: Script, write_file: t.Callable[..., str], warnings: list[str]) -> None:
    aws.expect(LIST, page([]))
    path = write_file(provisioned_product_ids=["pp-a"])
    assert inventory_of(path).hosts == {}
    assert warnings == [f"No stack instance was found for {path}, so it adds no host to the inventory"]


def test_a_missing_product_can_be_a_warning(aws: Script, write_file: t.Callable[..., str], warnings: list[str]) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-gone", error("ResourceNotFoundException", "Not there."))
    inventory = inventory_of(write_file(provisioned_product_ids=["pp-a", "pp-gone"], on_missing="warn"))
    assert len(inventory.hosts) == 1
    assert len(warnings) == 1
    assert "pp-gone" in warnings[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"status": ["OUTDATED"]}, f"status: {NAME} has no such option"),
        ({"statuses": ["outdated"]}, "outdated"),
        ({"accounts": [12345]}, "Quote the number in YAML"),
        ({"provisioned_product_ids": ["{{ 'not an id' }}"]}, "provisioned_product_ids contains 'not an id'"),
        ({"exclude_accounts": [12345]}, "exclude_accounts contains '12345'"),
        ({"regions": ["eu_west_1"]}, "regions contains 'eu_west_1', which is not an AWS Region"),
        ({"provisioned_product_ids": ["pp-a"], "all_products": True}, "all_products cannot be combined with"),
        ({"provisioned_product_ids": [], "all_products": True}, "all_products cannot be combined with"),
        ({"provisioned_product_names": [2024.10]}, "must contain strings, but contains the number 2024.1"),
        ({"detailed_statuses": ["FAILED"]}, "detailed_statuses requires source=cloudformation"),
        ({"detailed_statuses": ["BROKEN"], "source": "cloudformation"}, "BROKEN"),
        ({"page_size": "many"}, "page_size"),
        ({"aws_config": {"retires": {}}}, "retires"),
        ({"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens is not supported"),
        ({"endpoint_url": "no url"}, "no url"),
        ({"assume_role_arn": "short"}, "assume_role_arn must be the ARN of a role"),
        ({"plugin": "amazon.aws.aws_ec2"}, "Incorrect plugin name"),
    ],
)
def test_invalid_options_are_an_error_before_any_request(
    aws: Script, write_file: t.Callable[..., str], options: dict[str, t.Any], message: str
) -> None:
    with pytest.raises(AnsibleError) as caught:
        parse(write_file(**options))
    assert message in str(caught.value)
    assert aws.requests == []


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (error("AccessDeniedException", "You may not."), "You may not (AccessDeniedException). Grant this action"),
        (
            json_response(StackInstances=[stack_instance(1, region="{{ 1 }}")]),
            "The account '000000000001' and Region '{{ 1 }}' of a stack instance do not make a host name",
        ),
        (Response(b"<html>", 200), "the response was not a complete JSON object; the result was discarded"),
    ],
)
def test_a_failed_listing_adds_no_host_and_is_not_cached(
    aws: Script, write_file: t.Callable[..., str], tmp_path: Path, response: Response, message: str
) -> None:
    times = client.TOTAL_MAX_ATTEMPTS if response.body == b"<html>" else 1
    aws.expect(LIST, page([1], "t"), *[response] * times, page([1]))
    path = write_file(provisioned_product_ids=["pp-a"], **cached(tmp_path / "cache"))
    inventory = InventoryData()
    with pytest.raises(AnsibleError) as caught:
        parse(path, into=inventory)
    assert message in str(caught.value)
    assert inventory.hosts == {}
    assert len(parse(path).hosts) == 1


def test_a_missing_sdk_is_an_error(
    aws: Script, write_file: t.Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansible_collections.amazon.aws.plugins.module_utils.botocore.HAS_BOTO3", False)
    with pytest.raises(AnsibleError, match="botocore and boto3"):
        parse(write_file())


def test_a_second_run_uses_the_cache(aws: Script, write_file: t.Callable[..., str], tmp_path: Path) -> None:
    aws.expect(LIST, page([1]), page([2]), page([3]))
    path = write_file(provisioned_product_ids=["pp-a"], **cached(tmp_path / "cache"))
    assert list(parse(path).hosts) == ["000000000001.eu-west-1"]
    assert list(parse(path).hosts) == ["000000000001.eu-west-1"]
    assert list(parse(path, cache=False).hosts) == ["000000000002.eu-west-1"]
    assert list(parse(path).hosts) == ["000000000002.eu-west-1"]
    assert len(aws.requests) == 2
    for file in (tmp_path / "cache").iterdir():
        assert "testing" not in file.read_text(encoding="utf-8")
        file.unlink()
    assert list(parse(path).hosts) == ["000000000003.eu-west-1"]


@pytest.mark.parametrize(
    "other",
    [
        {"regions": ["eu-west-1"]},
        {"provisioned_product_ids": ["pp-b"]},
        {"region": "us-east-1"},
        {"access_key": "OTHER", "secret_key": "s"},
        {"endpoint_url": "http://localhost"},
        {"access_level": "role"},
        {"exclude_accounts": ["000000000009"]},
        {"not_current": False, "statuses": ["CURRENT"]},
    ],
)
def test_another_query_has_another_entry(
    aws: Script, write_file: t.Callable[..., str], tmp_path: Path, other: dict[str, t.Any]
) -> None:
    aws.expect(LIST, page([1]), page([2]))
    options = {"provisioned_product_ids": ["pp-a"], **cached(tmp_path / "cache")}
    parse(write_file(**options))
    assert list(parse(write_file(**{**options, **other})).hosts) == ["000000000002.eu-west-1"]
    assert list(parse(write_file(**options)).hosts) == ["000000000001.eu-west-1"]


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("stack_instances.yml", True),
        ("guardrails.stack_instances.yml", True),
        ("guardrails.stack_instances.yaml", True),
        ("guardrails.yml", False),
        ("stack_instances.json", False),
    ],
)
def test_the_name_of_the_file_selects_the_plugin(tmp_path: Path, name: str, is_own: bool) -> None:
    (tmp_path / name).write_text("", encoding="utf-8")
    assert inventory_loader.get(NAME).verify_file(str(tmp_path / name)) is is_own


def test_braces_are_reported_as_they_are(write_file: t.Callable[..., str]) -> None:
    with pytest.raises(AnsibleParserError, match=r"provisioned_product_names contains 'a\{0\}', which is not the name"):
        parse(write_file(provisioned_product_names=["a{0}"]))
