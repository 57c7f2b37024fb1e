# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup with its cache, through Ansible's own loaders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import typing as t
from datetime import datetime
from pathlib import Path

import pytest
from ansible import constants, context
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import cache_loader, lookup_loader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var

import ansible_collections.stackfleet.servicecatalog.plugins as plugins_package
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import cache
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry as cache_entry
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    account,
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
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import accounts as response_of_accounts

LIST = "ListStackInstancesForProvisionedProduct"
TEMPLATE = "{{ lookup('ansible.builtin.pipe', 'id') }}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setattr(constants, "ANSIBLE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(
        "ansible.utils.display.Display.warning", lambda self, message, **kwargs: messages.append(message)
    )
    return messages


def lookup(*terms: t.Any, **options: t.Any) -> list[dict[str, t.Any]]:
    plugin = lookup_loader.get("stackfleet.servicecatalog.stack_instances")
    return t.cast("list[dict[str, t.Any]]", plugin.run(list(terms), {}, **{"cache": True, **options}))


def accounts(rows: list[dict[str, t.Any]]) -> list[int]:
    return [int(row["account"]) for row in rows]


def entry_file(folder: Path) -> Path:
    [file] = [file for file in folder.iterdir() if file.name.startswith("stack_instances_")]
    return file


def test_one_listing_serves_queries_with_any_filter(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1, 2, 3]))
    assert accounts(lookup("pp-a", accounts=["000000000002"])) == [2]
    assert accounts(lookup("pp-a")) == [1, 2, 3]
    assert lookup("pp-a", regions=["us-east-1"]) == []
    assert accounts(lookup("pp-a", statuses=["CURRENT"], page_size=3, concurrency=1)) == [1, 2, 3]
    assert len(aws.requests) == 1


def test_filters_that_are_empty_or_exclude_rows_use_the_same_entry(aws: Script) -> None:
    rows = [stack_instance(1), stack_instance(2, "OUTDATED"), stack_instance(3, "A_NEW_STATUS")]
    aws.expect(LIST, json_response(StackInstances=rows))
    assert accounts(lookup("pp-a", not_current=True)) == [2, 3]
    assert accounts(lookup("pp-a", exclude_accounts=["000000000002"])) == [1, 3]
    assert accounts(lookup("pp-a", exclude_accounts=["000000000002"], not_current=True)) == [3]
    for name in ("accounts", "regions", "statuses"):
        assert lookup("pp-a", **{name: []}) == []
    assert accounts(lookup("pp-a")) == [1, 2, 3]
    assert len(aws.requests) == 1


def as_of(*terms: t.Any, **options: t.Any) -> dict[str, t.Any]:
    [found] = lookup(*terms, as_of=True, **options)
    assert set(found) == {"stack_instances", "provisioned_products", "summary", "as_of"}
    return found


@pytest.mark.parametrize("is_cached", [False, True])
@pytest.mark.parametrize(
    ("options", "shown", "all_current"),
    [
        ({}, [1, 2], False),
        ({"accounts": ["000000000001"]}, [1], True),
        ({"accounts": ["000000000001", "000000000009"]}, [1], False),
        ({"statuses": ["CURRENT"]}, [1], False),
        ({"exclude_accounts": ["000000000002"]}, [1], True),
        ({"regions": ["us-east-1"]}, [], False),
    ],
)
def test_a_listing_with_its_time_has_the_counts_of_what_is_selected(
    aws: Script, is_cached: bool, options: dict[str, t.Any], shown: list[int], all_current: bool
) -> None:
    aws.expect(LIST, json_response(StackInstances=[stack_instance(1), stack_instance(2, "OUTDATED")]))
    if is_cached:
        lookup("pp-a")
    began = time.time()
    found = as_of("pp-a", cache=is_cached, **options)
    assert accounts(found["stack_instances"]) == shown
    [product] = found["provisioned_products"]
    for summary in (found["summary"], product["summary"]):
        assert (summary["total"], summary["all_current"]) == (len(shown), all_current)
    assert datetime.fromisoformat(found["as_of"]).timestamp() == pytest.approx(began, abs=30)
    assert len(aws.requests) == 1


def test_the_time_is_that_of_the_stored_listing(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.expect(LIST, page([1]))
    first = as_of("pp-a", cache_timeout=3600)["as_of"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 600)
    assert as_of("pp-a", cache_timeout=3600)["as_of"] == first
    assert len(aws.requests) == 1


def test_a_product_that_was_not_found_is_not_current(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", error("ResourceNotFoundException"))
    for _time in range(2):
        found = as_of("pp-a", "pp-b", on_missing="skip")
        assert (found["summary"]["total"], found["summary"]["all_current"]) == (1, False)


UNIT = "ou-a1b2-aaaaaaaa"


def test_accounts_of_organizational_units_and_their_names_are_stored(aws: Script) -> None:
    members = [account(1, "one", path=UNIT), account(2, "two", "SUSPENDED", UNIT), account(3, "three", path=UNIT)]
    aws.expect("ListAccounts", response_of_accounts(*members, account(4)))
    aws.expect("DescribeOrganizationalUnit", unit("aaaaaaaa", "Workloads"))
    aws.expect(LIST, page([1, 2, 4, 5]))
    options = {"organizational_unit_ids": [UNIT], "describe_accounts": True, "accounts": ["000000000004"]}
    for _time in range(2):
        found = as_of("pp-a", **options)
        assert [(row["account_name"], row["organizational_unit_path"]) for row in found["stack_instances"]] == [
            ("one", "Workloads"),
            ("account 4", ""),
        ]
        assert found["summary"]["all_current"] is False  # account 3 has no stack instance
    assert as_of("pp-a", **options, exclude_accounts=["000000000003"])["summary"]["all_current"] is True
    assert len(aws.requests) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"describe_accounts": True},
        {"organizational_unit_ids": [UNIT]},
        {"organizations_role_arn": "arn:aws:iam::999999999999:role/reader"},
    ],
)
def test_options_of_organizations_use_another_entry(aws: Script, other: dict[str, t.Any]) -> None:
    aws.expect(LIST, page([1]), page([1]))
    if "organizations_role_arn" not in other:
        aws.expect("ListAccounts", response_of_accounts(account(1, path="")))
    if "organizational_unit_ids" in other:
        aws.expect("DescribeOrganizationalUnit", unit("aaaaaaaa", "Empty"))
    lookup("pp-a")
    lookup("pp-a", **other)
    lists = [operation for operation in aws.operations if operation == LIST]
    assert len(lists) == 2


def test_detailed_statuses_use_the_same_entry(aws: Script) -> None:
    rows = [summary_of(1), summary_of(2, status="OUTDATED", StackInstanceStatus={"DetailedStatus": "FAILED"})]
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(*rows))
    options = {"source": "cloudformation", "stack_set_names": {"pp-a": "mine"}}
    assert accounts(lookup("pp-a", **options, detailed_statuses=["FAILED"])) == [2]
    assert lookup("pp-a", **options, detailed_statuses=[]) == []
    assert accounts(lookup("pp-a", **options, detailed_statuses=["SUCCEEDED"], not_current=False)) == [1]
    assert accounts(lookup("pp-a", **options)) == [1, 2]
    assert len(aws.requests) == 2


@pytest.mark.parametrize("other", [{"source": "auto"}, {"source": "cloudformation"}])
def test_another_source_uses_another_entry(aws: Script, other: dict[str, t.Any]) -> None:
    aws.expect(LIST, page([1]))
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(summary_of(1)))
    options = {"stack_set_names": {"pp-a": "mine"}}
    assert "detailed_status" not in lookup("pp-a", **options)[0]
    assert "detailed_status" in lookup("pp-a", **options, **other)[0]


def test_an_empty_selection_does_not_share_the_entry_of_all_products(aws: Script) -> None:
    aws.expect("SearchProvisionedProducts", json_response(ProvisionedProducts=[detail("pp-a", "a")]))
    aws.expect(LIST, page([1]))
    for _time in range(2):
        assert accounts(lookup()) == [1]
        assert lookup([]) == []
        assert lookup(provisioned_product_names=[]) == []
    assert len(aws.requests) == 2


def test_the_cache_is_not_used_by_default(aws: Script, home: Path) -> None:
    aws.expect(f"{LIST} pp-a", page([1]), page([1]))
    lookup("pp-a", cache=False)
    lookup("pp-a", cache=False)
    assert list(home.iterdir()) == []


def test_listings_of_all_products_and_of_names_are_cached(aws: Script) -> None:
    aws.expect("SearchProvisionedProducts", json_response(ProvisionedProducts=[detail("pp-a", "a")]))
    aws.expect("DescribeProvisionedProduct", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    aws.expect(f"{LIST} pp-a", page([1]), page([1]))
    for _time in range(2):
        assert lookup()[0]["provisioned_product_name"] == "a"
        assert lookup("a", identify_by="name")[0]["provisioned_product_name"] == "a"


def test_the_cache_is_private_with_any_umask(aws: Script, home: Path) -> None:
    aws.expect(LIST, page([1]))
    before = os.umask(0)
    try:
        lookup("pp-a")
    finally:
        os.umask(before)
    folder = home / "stackfleet_servicecatalog"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


def test_the_cache_contains_no_secret(aws: Script, home: Path) -> None:
    aws.expect(LIST, page([1]))
    lookup("pp-a", access_key="AKIDENTITY", secret_key="very-secret", session_token="a-token")
    kept = "".join(file.name + file.read_text() for file in (home / "stackfleet_servicecatalog").iterdir())
    assert not any(word in kept for word in ("AKIDENTITY", "very-secret", "a-token"))


def test_profiles_and_regions_do_not_share_entries(
    aws: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    profile = "[{0}]\naws_access_key_id = {1}\naws_secret_access_key = x\n"
    credentials.write_text(profile.format("first", "AKFIRST") + profile.format("second", "AKSECOND"))
    connections = [
        {"profile": "first", "region": "eu-west-1"},
        {"profile": "second", "region": "eu-west-1"},
        {"profile": "first", "region": "us-east-1"},
    ]
    for number in range(len(connections)):
        aws.expect(LIST, page([number]))
    for _time in range(2):
        assert [accounts(lookup("pp-a", **connection)) for connection in connections] == [[0], [1], [2]]
    scopes = [request.headers["authorization"].split("Credential=")[1].split("/") for request in aws.requests]
    assert [(scope[0], scope[2]) for scope in scopes] == [
        ("AKFIRST", "eu-west-1"),
        ("AKSECOND", "eu-west-1"),
        ("AKFIRST", "us-east-1"),
    ]
    # The same profile with another account's keys.
    credentials.write_text(profile.format("first", "AKTHIRD"))
    aws.expect(LIST, page([3]))
    assert accounts(lookup("pp-a", **connections[0])) == [3]


@pytest.mark.parametrize("seconds", [3590, -2])
def test_an_entry_is_used_until_it_expires(aws: Script, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    aws.expect(LIST, page([1]))
    lookup("pp-a")
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + seconds)
    assert accounts(lookup("pp-a")) == [1]


@pytest.mark.parametrize("seconds", [3610, -60, -1_000_000, 10_000_000])
def test_after_the_timeout_or_a_change_of_the_clock_the_listing_is_read_once(
    aws: Script, warnings: list[str], monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    aws.expect(LIST, page([1]), page([2]))
    lookup("pp-a")
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + seconds)
    # With a clock that was set back, the file that is written now is older than the clock too.
    monkeypatch.setattr("os.replace", _stamped(os.replace, lambda: now() + seconds))
    assert accounts(lookup("pp-a")) == [2]
    assert accounts(lookup("pp-a")) == [2]
    assert warnings == []


def _stamped(replace: t.Any, clock: t.Callable[[], float]) -> t.Any:
    def replace_and_stamp(source: str, target: str) -> None:
        os.utime(source, (clock(), clock()))
        replace(source, target)

    return replace_and_stamp


def test_the_age_of_the_file_counts(aws: Script, home: Path) -> None:
    aws.expect(LIST, page([1]), page([2]))
    lookup("pp-a", cache_timeout=60)
    file = entry_file(home / "stackfleet_servicecatalog")
    os.utime(file, (time.time() - 61, time.time() - 61))
    assert accounts(lookup("pp-a", cache_timeout=60)) == [2]
    assert accounts(lookup("pp-a", cache_timeout=60)) == [2]


def test_with_a_timeout_of_zero_entries_do_not_expire(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.expect(LIST, page([1]))
    lookup("pp-a", cache_timeout=0)
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + 10_000_000)
    assert accounts(lookup("pp-a", cache_timeout=0)) == [1]


def test_flush_cache_reads_the_listing_once_in_a_run(
    aws: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.expect(LIST, page([1]), page([2]), page([3]))
    lookup("pp-a")
    monkeypatch.setattr(context, "CLIARGS", {"flush_cache": True})
    for run, number in enumerate([2, 3]):
        local_tmp = tmp_path / f"run{run}"
        local_tmp.mkdir()
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(local_tmp))
        assert [accounts(lookup("pp-a")) for _time in range(3)] == [[number]] * 3
    monkeypatch.setattr(context, "CLIARGS", {"flush_cache": False})
    assert accounts(lookup("pp-a")) == [3]


def test_errors_are_not_cached(aws: Script) -> None:
    aws.expect(LIST, error("AccessDeniedException"), error("AccessDeniedException"), page([1]))
    for _time in range(2):
        with pytest.raises(AnsibleLookupError, match="pp-a"):
            lookup("pp-a")
    assert accounts(lookup("pp-a")) == [1]


def test_a_missing_product_has_the_same_effect_with_the_cache(aws: Script, warnings: list[str]) -> None:
    aws.expect(f"{LIST} pp-a", *[page([1])] * 4)
    aws.expect(f"{LIST} pp-gone", *[error("ResourceNotFoundException", "Not there.")] * 4)
    for _time in range(2):
        assert accounts(lookup("pp-a", "pp-gone", on_missing="skip")) == [1]
    assert warnings == []
    for number in (1, 2):
        assert accounts(lookup("pp-a", "pp-gone", on_missing="warn")) == [1]
        assert [("pp-gone" in warning) for warning in warnings] == [True] * number
    for _time in range(2):
        with pytest.raises(AnsibleLookupError, match="pp-gone"):
            lookup("pp-a", "pp-gone")


def edited(**changes: t.Any) -> t.Callable[[dict[str, t.Any]], None]:
    """Return what changes the listing of an entry, and its checksum."""

    def edit(entry: dict[str, t.Any]) -> None:
        listing = {**json.loads(entry["listing"]), **changes}
        entry["listing"] = json.dumps({name: value for name, value in listing.items() if value is not None})
        entry["sha256"] = cache_entry._digest(entry["listing"])

    return edit


ROW = {
    "provisioned_product_id": "pp-a",
    "provisioned_product_name": None,
    "account": "666666666666",
    "region": "eu-west-1",
    "stack_instance_status": "CURRENT",
}


@pytest.mark.parametrize(
    "edit",
    [
        lambda entry: entry.clear(),
        lambda entry: entry.update(format=0),
        lambda entry: entry.update(listing=entry["listing"].replace("CURRENT", "OUTDATED")),
        lambda entry: entry.update(listing=entry["listing"][:-10]),
        lambda entry: entry.update(listing=None),
        lambda entry: entry.update(listing="[]", sha256=cache_entry._digest("[]")),
        lambda entry: entry.update(listing="[" * 100_000, sha256=cache_entry._digest("[" * 100_000)),
        edited(key="another"),
        edited(written=None),
        edited(written="yesterday"),
        edited(stack_instances=None),
        edited(stack_instances={}),
        edited(stack_instances=["pp-a"]),
        edited(stack_instances=[{**ROW, "account": 666666666666}]),
        edited(stack_instances=[{**ROW, "region": {"a": "b"}}]),
        edited(stack_instances=[{**ROW, "more": ["x"]}]),
        edited(stack_instances=[{name: ROW[name] for name in ROW if name != "provisioned_product_name"}]),
        edited(warnings="x"),
        edited(warnings=[{}]),
    ],
)
def test_an_invalid_entry_is_read_again(
    aws: Script, warnings: list[str], monkeypatch: pytest.MonkeyPatch, edit: t.Callable[[dict[str, t.Any]], None]
) -> None:
    aws.expect(LIST, page([1]), page([2]))
    lookup("pp-a")
    plugin = cache_loader.get(
        cache.DEFAULT_PLUGIN, _uri=f"{constants.ANSIBLE_HOME}/stackfleet_servicecatalog", _prefix="stack_instances_"
    )
    [key] = plugin.keys()
    entry = plugin.get(key)
    edit(entry)
    plugin.set(key, entry)
    assert accounts(lookup("pp-a")) == [2]
    assert accounts(lookup("pp-a")) == [2]
    assert len(warnings) == 1
    assert "listed again" in warnings[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: text[: len(text) // 2],
        lambda text: text[:-1],
        lambda text: b"\x00\xff\xfe" + text,
        lambda text: b"[]",
        lambda text: b"null",
        lambda text: b'{"another": "program"}',
        lambda text: b"[" * 100_000,
        lambda text: text.replace(b"CURRENT", b"OUTDATE"),
    ],
)
def test_a_damaged_file_is_read_again(
    aws: Script, home: Path, warnings: list[str], damage: t.Callable[[bytes], bytes]
) -> None:
    aws.expect(LIST, page([1]), page([2]))
    lookup("pp-a")
    file = entry_file(home / "stackfleet_servicecatalog")
    file.write_bytes(damage(file.read_bytes()))
    assert accounts(lookup("pp-a")) == [2]
    assert accounts(lookup("pp-a")) == [2]
    assert len(warnings) == 1


def test_an_entry_that_cannot_be_read_or_replaced_is_read_each_time(
    aws: Script, home: Path, warnings: list[str]
) -> None:
    aws.expect(LIST, page([1]), page([2]), page([3]))
    lookup("pp-a")
    file = entry_file(home / "stackfleet_servicecatalog")
    file.unlink()
    file.mkdir()
    assert accounts(lookup("pp-a")) == [2]
    assert len(warnings) == 1
    assert accounts(lookup("pp-a")) == [3]
    assert len(warnings) == 2
    assert not [left for left in file.parent.iterdir() if "unfinished" in left.name]


def _mode(mode: int) -> t.Callable[[Path, pytest.MonkeyPatch], None]:
    def make(folder: Path, patch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        folder.chmod(mode)

    return make


def _link(folder: Path, patch: pytest.MonkeyPatch) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def _of_another_user(folder: Path, patch: pytest.MonkeyPatch) -> None:
    folder.mkdir(mode=0o700)
    patch.setattr("os.geteuid", lambda: folder.stat().st_uid + 1)


@pytest.mark.parametrize(
    "trouble",
    [
        (_mode(0o755), "open to others (mode 0755)"),
        (_mode(0o770), "open to others (mode 0770)"),
        (_mode(0o1777), "open to others (mode 1777)"),
        (_link, "links are not followed"),
        (_of_another_user, "belongs to another user"),
        (lambda folder, patch: folder.write_text("x"), "is not a folder"),
    ],
)
def test_a_folder_that_others_can_access_is_not_used(
    aws: Script,
    home: Path,
    warnings: list[str],
    monkeypatch: pytest.MonkeyPatch,
    trouble: tuple[t.Callable[[Path, pytest.MonkeyPatch], None], str],
) -> None:
    make, reason = trouble
    make(home / "stackfleet_servicecatalog", monkeypatch)
    aws.expect(LIST, page([1]), page([2]))
    assert accounts(lookup("pp-a", accounts=["000000000001"])) == [1]
    assert accounts(lookup("pp-a")) == [2]
    assert len(warnings) == 2
    assert all("without a cache" in warning and reason in warning for warning in warnings)


@pytest.mark.parametrize(("mode", "used"), [(0o700, True), (0o755, True), (0o775, False), (0o777, False)])
def test_a_configured_folder_must_not_be_writable_by_others(
    aws: Script, tmp_path: Path, warnings: list[str], mode: int, used: bool
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(mode)
    aws.expect(LIST, *[page([1])] * (1 if used else 2))
    for _time in range(2):
        assert accounts(lookup("pp-a", cache_connection=str(folder))) == [1]
    assert bool(warnings) is not used


def test_a_configured_folder_must_not_be_replaceable(aws: Script, tmp_path: Path, warnings: list[str]) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    aws.expect(LIST, *[page([1])] * 3)
    for mode, used in ((0o777, False), (0o1777, True)):
        shared.chmod(mode)
        warnings.clear()
        for _time in range(2):
            assert accounts(lookup("pp-a", cache_connection=f"{shared}/mine")) == [1]
        assert bool(warnings) is not used
        assert all("without a cache" in warning and "can be replaced by others" in warning for warning in warnings)


def test_without_a_home_the_cache_is_in_the_temporary_directory(
    aws: Script, tmp_path: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ANSIBLE_HOME", "/dev/null/home")
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    aws.expect(LIST, page([1]))
    for _time in range(2):
        assert accounts(lookup("pp-a")) == [1]
    assert warnings == []
    assert (tmp_path / "stackfleet_servicecatalog").is_dir()


def test_another_cache_plugin_can_be_used(aws: Script, tmp_path: Path, warnings: list[str]) -> None:
    folder = tmp_path / "facts"
    options = {"cache_plugin": "jsonfile", "cache_connection": str(folder), "cache_prefix": "mine_"}
    aws.expect(LIST, page([1]))
    for _time in range(2):
        assert accounts(lookup("pp-a", **options)) == [1]
    assert [file.name[:5] for file in folder.iterdir()] == ["mine_"]
    assert warnings == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cache_plugin": "no.such.plugin"}, "cache_plugin 'no.such.plugin' was not found"),
        ({"cache_plugin": "memory"}, "cache_plugin memory does not share entries between forks"),
        ({"cache_plugin": "ansible.builtin.memory"}, "cache_plugin memory does not share entries between forks"),
        ({"cache_timeout": -1}, "cache_timeout must be 0 or more seconds, but is -1"),
    ],
)
def test_invalid_options_of_the_cache_are_refused(aws: Script, options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(AnsibleLookupError) as caught:
        lookup("pp-a", **options)
    assert message in str(caught.value)


def test_the_cache_can_be_configured_for_all_lookups(
    aws: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE", "true")
    monkeypatch.setenv("ANSIBLE_STACKFLEET_SERVICECATALOG_LOOKUP_CACHE_CONNECTION", str(tmp_path / "configured"))
    plugin = lookup_loader.get("stackfleet.servicecatalog.stack_instances")
    aws.expect(LIST, page([1]))
    plugin.run(["pp-a"], {"stackfleet_servicecatalog_lookup_cache_prefix": "host_"})
    assert [file.name[:5] for file in (tmp_path / "configured").iterdir()] == ["host_"]


try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18 trusts all strings

    def trust_as_template(value: str) -> str:
        return value


def with_variables(**variables: t.Any) -> list[dict[str, t.Any]]:
    """Run the lookup with variables, the templates in which Ansible does not resolve."""
    templar = Templar(loader=DataLoader(), variables=variables)
    plugin = lookup_loader.get("stackfleet.servicecatalog.stack_instances", templar=templar)
    return t.cast("list[dict[str, t.Any]]", plugin.run(["pp-a"], variables))


def test_templates_in_variables_are_resolved(aws: Script, tmp_path: Path) -> None:
    variables = {
        "base": str(tmp_path),
        "stackfleet_servicecatalog_lookup_cache": trust_as_template("{{ 1 == 1 }}"),
        "stackfleet_servicecatalog_lookup_cache_connection": trust_as_template("{{ base }}/made"),
        "stackfleet_servicecatalog_lookup_cache_timeout": trust_as_template("{{ 30 * 2 }}"),
        "stackfleet_servicecatalog_lookup_cache_prefix": trust_as_template("{{ 'host' }}_"),
    }
    aws.expect(LIST, page([1]))
    for _time in range(2):
        assert accounts(with_variables(**variables)) == [1]
    [file] = (tmp_path / "made").iterdir()
    assert file.name.startswith("host_")


@pytest.mark.parametrize("option", ["connection", "prefix"])
@pytest.mark.parametrize("is_variable", [True, False])
def test_a_template_that_is_not_resolved_makes_no_folder(
    aws: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, is_variable: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    name = f"stackfleet_servicecatalog_lookup_cache_{option}"
    variables: dict[str, t.Any] = {"stackfleet_servicecatalog_lookup_cache": True}
    if is_variable:
        variables[name] = wrap_var(TEMPLATE)
    else:
        monkeypatch.setenv(f"ANSIBLE_{name.upper()}", TEMPLATE)
    with pytest.raises(AnsibleLookupError, match=f"cache_{option} contains a template that was not resolved"):
        with_variables(**variables)
    assert sorted(tmp_path.iterdir()) == before


def test_cached_rows_contain_plain_strings(aws: Script) -> None:
    aws.expect("SearchProvisionedProducts", json_response(ProvisionedProducts=[detail("pp-a", TEMPLATE)]))
    aws.expect(LIST, page([1]))
    first, second = (lookup() for _time in range(2))
    assert first == second
    for rows in (first, second):
        # Plain classes have no tag that could make a template of the string.
        assert {type(value) for value in rows[0].values()} == {str}
        assert rows[0]["provisioned_product_name"] == TEMPLATE


def test_a_cached_listing_is_returned_without_boto3(aws: Script, home: Path) -> None:
    aws.expect(LIST, page([1]))
    lookup("pp-a", access_key="x", secret_key="y")
    program = (
        "import sys\n"
        "from ansible.plugins.loader import init_plugin_loader, lookup_loader\n"
        "init_plugin_loader([])\n"
        "plugin = lookup_loader.get('stackfleet.servicecatalog.stack_instances')\n"
        "rows = plugin.run(['pp-a'], {}, cache=True, access_key='x', secret_key='z')\n"
        "print([len(rows), 'boto3' in sys.modules, 'botocore.client' in sys.modules])\n"
    )
    root = Path(next(iter(plugins_package.__path__))).parents[3]
    environment = {
        **os.environ,
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(root), os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[1, False, False]"
