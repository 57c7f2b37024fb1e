# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Answer,
    Script,
    assumed_role,
    detail,
    error,
    page,
    stack_instance,
    whole,
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
def written(tmp_path: Path) -> t.Callable[..., str]:
    def write(**options: t.Any) -> str:
        file = tmp_path / "x.stack_instances.yml"
        # Every JSON is YAML.
        file.write_text(json.dumps({"plugin": NAME, **options}), encoding="utf-8")
        return str(file)

    return write


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    def warning(_display: t.Any, message: str, **_kwargs: t.Any) -> None:
        # What some releases of amazon.aws call is deprecated by some of ansible-core.
        if "Deprecation" not in message:
            told.append(message)

    monkeypatch.setattr("ansible.utils.display.Display.warning", warning)
    return told


def inventory_of(path: str) -> InventoryManager:
    """What a command makes of the file, found by Ansible itself."""
    return InventoryManager(loader=DataLoader(), sources=[path])


def parse(path: str, cache: bool = True, into: InventoryData | None = None) -> InventoryData:
    """What the plugin makes of the file, or its error."""
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
    aws.expect(SEARCH, whole(ProvisionedProducts=[detail("pp-a", "Guard-Rails"), detail("pp-b", "audit")]))
    aws.expect(f"{LIST} pp-a", whole(StackInstances=[stack_instance(1), stack_instance(2, "INOPERABLE")]))
    aws.expect(
        f"{LIST} pp-b",
        whole(StackInstances=[stack_instance(1, "OUTDATED"), stack_instance(1, "NEW_ONE", region="us-east-1")]),
    )


def test_every_account_and_region_is_a_host(aws: Script, written: t.Callable[..., str], warnings: list[str]) -> None:
    script_two_products(aws)
    inventory = inventory_of(written())
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


def test_a_product_is_a_group_by_its_id_where_nothing_else_is_known(aws: Script, written: t.Callable[..., str]) -> None:
    aws.expect(LIST, page([1]))
    assert "product_pp_a" in groups_of(inventory_of(written(provisioned_product_ids=["pp-a"])))


def test_filters_leave_hosts_out(aws: Script, written: t.Callable[..., str]) -> None:
    script_two_products(aws)
    inventory = inventory_of(written(statuses=["OUTDATED", "INOPERABLE"], accounts=["000000000001"]))
    assert list(inventory.hosts) == ["000000000001.eu-west-1"]
    assert len(inventory.hosts["000000000001.eu-west-1"].get_vars()["stack_instances"]) == 1


def test_variables_and_groups_can_be_constructed(aws: Script, written: t.Callable[..., str]) -> None:
    aws.expect(LIST, page([1]))
    inventory = inventory_of(
        written(
            provisioned_product_ids=["pp-a"],
            compose={"role_arn": "'arn:aws:iam::' ~ account ~ ':role/worker'"},
            groups={"europe": "region.startswith('eu-')", "behind": "stack_instance_status != 'CURRENT'"},
            keyed_groups=[{"key": "region", "prefix": "in"}],
        )
    )
    assert inventory.hosts["000000000001.eu-west-1"].get_vars()["role_arn"] == "arn:aws:iam::000000000001:role/worker"
    assert groups_of(inventory) == {
        "europe": ["000000000001.eu-west-1"],
        "in_eu_west_1": ["000000000001.eu-west-1"],
    }


@pytest.mark.parametrize(
    "options",
    [
        {"compose": {"x": "nothing.there"}},
        {"groups": {"x": "stack_instances[9].account == ''"}},
        {"keyed_groups": [{"key": "nothing.there"}]},
    ],
)
def test_strict_is_all_or_nothing(aws: Script, written: t.Callable[..., str], options: dict[str, t.Any]) -> None:
    aws.expect(LIST, page([1, 2]), page([1, 2]))
    inventory = InventoryData()
    inventory.add_host("000000000001.eu-west-1")
    with pytest.raises(AnsibleError, match=r"000000000001\.eu-west-1"):
        parse(written(provisioned_product_ids=["pp-a"], strict=True, **options), into=inventory)
    assert list(inventory.hosts) == ["000000000001.eu-west-1"]
    assert len(parse(written(provisioned_product_ids=["pp-a"], **options)).hosts) == 2


def test_options_can_be_templates(aws: Script, written: t.Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCT", "pp-a")
    monkeypatch.setenv("WHERE", "ap-southeast-2")
    monkeypatch.setenv("ACCOUNT", "000000000002")
    aws.expect(f"{LIST} pp-a", page([1, 2]))
    inventory = inventory_of(
        written(
            provisioned_product_ids=["{{ lookup('ansible.builtin.env', 'PRODUCT') }}"],
            accounts=["{{ lookup('ansible.builtin.env', 'ACCOUNT') }}"],
            region="{{ lookup('ansible.builtin.env', 'WHERE') }}",
        )
    )
    assert list(inventory.hosts) == ["000000000002.eu-west-1"]
    assert "/ap-southeast-2/servicecatalog/" in aws.requests[0].headers["authorization"]


def test_a_role_is_assumed_once_and_before_all_else(aws: Script, written: t.Callable[..., str]) -> None:
    arn = "arn:aws:iam::123456789012:role/reader"
    aws.expect("AssumeRole", assumed_role("ROLEKEY"))
    aws.expect(LIST, page([1]))
    parse(written(provisioned_product_ids=["pp-a"], iam_role_arn="{{ '" + arn + "' }}"))
    assert aws.operations == ["AssumeRole", LIST]
    assert "Credential=ROLEKEY/" in aws.requests[1].headers["authorization"]


@pytest.mark.parametrize("kept", [False, True])
def test_what_aws_says_is_no_template(aws: Script, written: t.Callable[..., str], tmp_path: Path, kept: bool) -> None:
    aws.expect(f"{DESCRIBE} hostile", whole(ProvisionedProductDetail=detail("pp-a", HOSTILE)))
    aws.expect(LIST, whole(StackInstances=[stack_instance(1, HOSTILE)]))
    path = written(
        provisioned_product_names=["hostile"],
        compose={"composed": "stack_instances[0].provisioned_product_name"},
        **(cached(tmp_path / "cache") if kept else {}),
    )
    inventory = parse(path)
    if kept:
        inventory = parse(path)
    assert len(aws.requests) == 2
    variables = inventory.hosts["000000000001.eu-west-1"].get_vars()
    for expression in ("stack_instances[0].provisioned_product_name", "stack_instance_status", "composed"):
        templar = Templar(loader=DataLoader(), variables=variables)
        assert templar.template(trust_as_template("{{ " + expression + " }}")) == HOSTILE
    assert not any("it ran" in group for group in inventory.groups)


def test_an_empty_fleet_is_told_of(aws: Script, written: t.Callable[..., str], warnings: list[str]) -> None:
    aws.expect(LIST, page([]))
    path = written(provisioned_product_ids=["pp-a"])
    assert inventory_of(path).hosts == {}
    assert warnings == [f"No stack instance was found for {path}, which adds no host to the inventory"]


def test_a_product_that_is_missing_can_be_a_warning(
    aws: Script, written: t.Callable[..., str], warnings: list[str]
) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-gone", error("ResourceNotFoundException", "Not there."))
    inventory = inventory_of(written(provisioned_product_ids=["pp-a", "pp-gone"], on_missing="warn"))
    assert len(inventory.hosts) == 1
    assert len(warnings) == 1
    assert "pp-gone" in warnings[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"status": ["OUTDATED"]}, f"status: no such option of {NAME}"),
        ({"statuses": ["outdated"]}, "outdated"),
        ({"accounts": [12345]}, "quote the number in YAML"),
        ({"provisioned_product_ids": ["{{ 'not an id' }}"]}, "provisioned_product_ids holds 'not an id'"),
        ({"page_size": "many"}, "page_size"),
        ({"aws_config": {"retires": {}}}, "retires"),
        ({"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens is not supported"),
        ({"endpoint_url": "no url"}, "no url"),
        ({"assume_role_arn": "short"}, "assume_role_arn must be the ARN of a role"),
        ({"plugin": "amazon.aws.aws_ec2"}, "Incorrect plugin name"),
    ],
)
def test_nonsense_is_an_error_before_anything_is_asked(
    aws: Script, written: t.Callable[..., str], options: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(AnsibleError) as caught:
        parse(written(**options))
    assert words in str(caught.value)
    assert aws.requests == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error("AccessDeniedException", "You may not."), "You may not (AccessDeniedException); allow that action"),
        (
            whole(StackInstances=[stack_instance(1, region="{{ 1 }}")]),
            "a stack instance in account '000000000001' and Region '{{ 1 }}', which can't be the name of a host",
        ),
        (Answer(b"<html>", 200), "the answer was not a whole JSON object; nothing of it was used"),
    ],
)
def test_a_failed_listing_adds_no_host_and_is_not_kept(
    aws: Script, written: t.Callable[..., str], tmp_path: Path, answer: Answer, words: str
) -> None:
    times = _client.TOTAL_MAX_ATTEMPTS if answer.body == b"<html>" else 1
    aws.expect(LIST, page([1], "t"), *[answer] * times, page([1]))
    path = written(provisioned_product_ids=["pp-a"], **cached(tmp_path / "cache"))
    inventory = InventoryData()
    with pytest.raises(AnsibleError) as caught:
        parse(path, into=inventory)
    assert words in str(caught.value)
    assert inventory.hosts == {}
    assert len(parse(path).hosts) == 1


def test_a_missing_sdk_is_an_error(aws: Script, written: t.Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.amazon.aws.plugins.module_utils.botocore.HAS_BOTO3", False)
    with pytest.raises(AnsibleError, match="botocore and boto3"):
        parse(written())


def test_a_second_run_asks_nothing_until_it_shall(aws: Script, written: t.Callable[..., str], tmp_path: Path) -> None:
    aws.expect(LIST, page([1]), page([2]), page([3]))
    path = written(provisioned_product_ids=["pp-a"], **cached(tmp_path / "cache"))
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
    ],
)
def test_another_question_is_not_answered_from_the_cache(
    aws: Script, written: t.Callable[..., str], tmp_path: Path, other: dict[str, t.Any]
) -> None:
    aws.expect(LIST, page([1]), page([2]))
    options = {"provisioned_product_ids": ["pp-a"], **cached(tmp_path / "cache")}
    parse(written(**options))
    assert list(parse(written(**{**options, **other})).hosts) == ["000000000002.eu-west-1"]
    assert list(parse(written(**options)).hosts) == ["000000000001.eu-west-1"]


@pytest.mark.parametrize(
    ("name", "mine"),
    [
        ("stack_instances.yml", True),
        ("guardrails.stack_instances.yml", True),
        ("guardrails.stack_instances.yaml", True),
        ("guardrails.yml", False),
        ("stack_instances.json", False),
    ],
)
def test_the_name_of_the_file_says_whose_it_is(tmp_path: Path, name: str, mine: bool) -> None:
    (tmp_path / name).write_text("", encoding="utf-8")
    assert inventory_loader.get(NAME).verify_file(str(tmp_path / name)) is mine
