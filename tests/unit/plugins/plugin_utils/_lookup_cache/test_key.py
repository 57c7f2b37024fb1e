# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query, parse
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import key

OPTIONS = {"access_key": "AK", "secret_key": "s", "region": "eu-west-1", "validate_certs": True}


def unknown() -> str:
    pytest.fail("the access key is known")


def key_of(options: dict[str, t.Any] | None = None, identity: str | None = None, **selection: t.Any) -> str:
    query = parse(Query, {"provisioned_product_ids": ["pp-a", "pp-b"], **selection})
    return key.cache_key({**OPTIONS, **(options or {})}, query, unknown if identity is None else lambda: identity)


@pytest.mark.parametrize(
    "options",
    [
        {"access_key": "ANOTHER"},
        {"profile": "first"},
        {"assume_role_arn": "arn:aws:iam::111111111111:role/reader"},
        {"assume_role_arn": "arn:aws:iam::222222222222:role/reader"},
        {"region": "us-east-1"},
        {"region": None},
        {"endpoint_url": "https://vpce.example"},
        {"validate_certs": False},
        {"aws_ca_bundle": "/etc/ca.pem"},
        {"aws_config": {"region_name": "us-east-1"}},
        {"aws_config": {"use_fips_endpoint": True}},
        {"aws_config": {"ignore_configured_endpoint_urls": True}},
    ],
)
def test_another_identity_or_endpoint_has_another_key(options: dict[str, t.Any]) -> None:
    assert key_of(options) != key_of()


@pytest.mark.parametrize(
    "selection",
    [
        {"provisioned_product_ids": ["pp-a"]},
        {"provisioned_product_ids": []},
        {"provisioned_product_ids": [], "access_level": "role"},
        {"provisioned_product_ids": [], "provisioned_product_names": ["pp-a", "pp-b"]},
        {"provisioned_product_names": ["pp-a"]},
        {"accept_language": "jp"},
        {"source": "cloudformation"},
        {"source": "cloudformation", "stack_set_names": {"pp-a": "SC-a"}},
        {"on_missing": "warn"},
        {"on_missing": "skip"},
        {"accounts": ["000000000001"]},
        {"regions": ["us-east-1"]},
        {"statuses": ["CURRENT"]},
        {"statuses": []},
        {"exclude_accounts": ["000000000001"]},
        {"not_current": True},
        {"provisioned_product_ids": None},
        {"provisioned_product_names": []},
    ],
)
def test_another_query_has_another_key(selection: dict[str, t.Any]) -> None:
    assert key_of(**selection) != key_of()


def test_combinations_of_queries_and_connections_have_different_keys() -> None:
    queries: list[dict[str, t.Any]] = [
        {"provisioned_product_ids": []},
        {"provisioned_product_ids": None},
        {"provisioned_product_ids": [], "access_level": "role"},
        {"provisioned_product_ids": ["pp-a"]},
        {"provisioned_product_ids": [], "provisioned_product_names": ["pp-a"]},
    ]
    connections = [{"region": "eu-west-1"}, {"region": "us-east-1"}, {"profile": "x"}, {"profile": "y"}]
    assert len({key_of(options, **selection) for options in connections for selection in queries}) == 20


def test_a_detailed_status_is_a_part_of_the_key() -> None:
    keys = {key_of(source="cloudformation", detailed_statuses=value) for value in (None, [], ["FAILED"])}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("options", "selection"),
    [
        ({}, {"page_size": 1, "concurrency": 32}),
        ({}, {"provisioned_product_ids": ["pp-b", "pp-a", "pp-b"]}),
        ({"secret_key": "another", "session_token": "another"}, {}),
        ({"aws_config": {"proxies": {"https": "http://user:password@proxy"}, "retries": {"mode": "standard"}}}, {}),
    ],
)
def test_options_that_do_not_change_the_listing_keep_the_key(
    options: dict[str, t.Any], selection: dict[str, t.Any]
) -> None:
    assert key_of(options, **selection) == key_of()


def test_only_fields_of_a_query_are_omitted() -> None:
    assert set(key._NOT_IN_KEY) < {field.name for field in fields(Query)}
    assert not {"source", "access_level", "on_missing"} & set(key._NOT_IN_KEY)


def test_a_new_field_is_a_part_of_the_key() -> None:
    @dataclass(frozen=True)
    class Later(Query):
        pairs: t.Any = ()

    values = [(), (("pp-a", "SC-b"),), (("SC-b", "pp-a"),), {"pp-a": "SC-b"}, {"SC-b": "pp-a"}]
    keys = [key.cache_key(OPTIONS, Later(pairs=value), unknown) for value in values]
    assert len(set(keys)) == len(values)
    again = (("pp-z", "SC-z"), ("pp-a", "SC-b"))
    first, second = (key.cache_key(OPTIONS, Later(pairs=value), unknown) for value in (again, again[::-1]))
    assert first == second


@pytest.mark.parametrize("name", key._ENVIRONMENT_IN_KEY)
def test_variables_that_change_the_region_or_endpoint_change_the_key(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = key_of()
    monkeypatch.setenv(name, "something-else")
    assert key_of() != before


@pytest.mark.parametrize(
    "name",
    [
        *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ROLE_ARN", "PATH"),
    ],
)
def test_where_credentials_are_from_does_not_change_the_key(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    options = {"access_key": None, "secret_key": None, "profile": "p"}
    before = key_of(options, "who")
    monkeypatch.setenv(name, "something-else")
    assert key_of(options, "who") == before


def test_who_asks_is_a_part_of_the_key() -> None:
    options = {"access_key": None, "secret_key": None, "profile": "p"}
    role = {"assume_role_arn": "arn:aws:iam::111111111111:role/reader"}
    keys = [key_of({**options, **more}, identity) for more in ({}, role) for identity in ("first", "second")]
    assert len(set(keys)) == 4
    assert key_of({**options, **role}, "second") == keys[3]


@pytest.mark.parametrize(
    ("given", "is_known"),
    [
        ({"access_key": "AK", "secret_key": "s"}, True),
        ({"access_key": None, "secret_key": "s"}, True),  # no request can be made
        ({"access_key": "", "secret_key": "", "profile": ""}, True),  # botocore reads the environment
        ({"access_key": "", "secret_key": "", "profile": "p"}, False),
        ({"access_key": None, "secret_key": None}, True),
    ],
)
def test_an_access_key_is_an_identity(monkeypatch: pytest.MonkeyPatch, given: dict[str, t.Any], is_known: bool) -> None:
    if is_known:
        assert key_of(given) == key_of(given)
    else:
        assert key_of(given, "first") != key_of(given, "second")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    if not any(given.get(name) for name in ("access_key", "secret_key")):
        assert key_of(given, "first") != key_of(given, "second")


def test_access_keys_of_the_environment_have_different_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for name in ("AKFIRST", "AKSECOND"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", name)
        keys.append(key_of({"access_key": "", "secret_key": ""}))
    assert keys[0] != keys[1]


@pytest.mark.parametrize(("access_level", "is_same"), [("account", True), ("role", True), ("user", False)])
def test_sessions_that_botocore_names_share_entries(access_level: str, is_same: bool) -> None:
    options = {"access_key": None, "secret_key": None, "profile": "p"}
    selection = {"provisioned_product_ids": None, "access_level": access_level}
    who = "111111111111 arn:aws:sts::111111111111:assumed-role/reader/{0} AROAEXAMPLE:{0}"
    keys = [key_of(options, who.format(f"botocore-session-{number}"), **selection) for number in (1, 2)]
    assert (keys[0] == keys[1]) is is_same
    assert key_of(options, who.format("ann"), **selection) != key_of(options, who.format("ben"), **selection)


@pytest.mark.parametrize("name", key._FILES_IN_KEY)
def test_a_changed_file_of_profiles_changes_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    file = tmp_path / "profiles"
    monkeypatch.setenv(name, str(file))
    keys = [key_of()]
    for text in ("[default]\n", "[default]\naws_access_key_id = x\n"):
        file.write_text(text)
        keys.append(key_of())
    file.rename(tmp_path / "elsewhere")
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    keys.append(key_of())
    assert len(set(keys)) == 4


def test_a_key_can_be_a_file_name() -> None:
    assert len(key_of()) == 64
    assert key_of().isalnum()
