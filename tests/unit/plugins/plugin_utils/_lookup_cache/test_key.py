# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import key as _cache_key

OPTIONS = {"access_key": "AK", "secret_key": "s", "region": "eu-west-1", "validate_certs": True}


def key(options: dict[str, t.Any] | None = None, **asked: t.Any) -> str:
    selection = _selection.from_options({"provisioned_product_ids": ["pp-a", "pp-b"], **asked})
    return _cache_key.of({**OPTIONS, **(options or {})}, selection)


@pytest.mark.parametrize(
    "options",
    [
        {"access_key": "ANOTHER"},
        {"access_key": None},
        {"access_key": None, "profile": "first"},
        {"access_key": None, "profile": "second"},
        {"assume_role_arn": "arn:aws:iam::111111111111:role/reader"},
        {"assume_role_arn": "arn:aws:iam::222222222222:role/reader"},
        {"region": "us-east-1"},
        {"region": None},
        {"endpoint_url": "https://vpce.example"},
        {"validate_certs": False},
        {"aws_ca_bundle": "/etc/ca.pem"},
        {"aws_config": {"region_name": "us-east-1"}},
        {"aws_config": {"use_fips_endpoint": True}},
    ],
)
def test_who_asks_and_where_make_another_key(options: dict[str, t.Any]) -> None:
    assert key(options) != key()


@pytest.mark.parametrize(
    "asked",
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
    ],
)
def test_what_is_asked_makes_another_key(asked: dict[str, t.Any]) -> None:
    assert key(**asked) != key()


def test_no_two_of_these_share_a_key() -> None:
    several = [
        {"provisioned_product_ids": []},
        {"provisioned_product_ids": [], "access_level": "role"},
        {"provisioned_product_ids": ["pp-a"]},
        {"provisioned_product_ids": [], "provisioned_product_names": ["pp-a"]},
    ]
    where = [{"region": "eu-west-1"}, {"region": "us-east-1"}, {"profile": "x"}, {"profile": "y"}]
    assert len({key(options, **asked) for options in where for asked in several}) == 16


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, {"page_size": 1, "concurrency": 32}),
        ({}, {"provisioned_product_ids": ["pp-b", "pp-a", "pp-b"]}),
        ({"secret_key": "another", "session_token": "another"}, {}),
        ({"aws_config": {"proxies": {"https": "http://user:password@proxy"}, "retries": {"mode": "standard"}}}, {}),
    ],
)
def test_what_changes_no_listing_does_not(options: dict[str, t.Any], asked: dict[str, t.Any]) -> None:
    assert key(options, **asked) == key()


def test_every_field_of_a_selection_is_part_of_it_but_these() -> None:
    assert set(_cache_key._NOT_IN_KEY) < {field.name for field in fields(_selection.Selection)}
    assert not {"source", "access_level", "on_missing"} & set(_cache_key._NOT_IN_KEY)


def test_a_field_that_is_new_becomes_part_of_it() -> None:
    @dataclass(frozen=True)
    class Later(_selection.Selection):
        pairs: t.Any = ()

    values = [(), (("pp-a", "SC-b"),), (("SC-b", "pp-a"),), {"pp-a": "SC-b"}, {"SC-b": "pp-a"}]
    keys = [_cache_key.of(OPTIONS, Later(pairs=value)) for value in values]
    assert len(set(keys)) == len(values)
    again = (("pp-z", "SC-z"), ("pp-a", "SC-b"))
    assert _cache_key.of(OPTIONS, Later(pairs=again)) == _cache_key.of(OPTIONS, Later(pairs=again[::-1]))


@pytest.mark.parametrize("name", _cache_key._ENVIRONMENT_IN_KEY)
def test_what_botocore_reads_makes_another_key(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = key({"access_key": None})
    monkeypatch.setenv(name, "something-else")
    assert key({"access_key": None}) != before


@pytest.mark.parametrize(
    "name",
    ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "PATH"],
)
def test_secrets_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = key({"access_key": None})
    monkeypatch.setenv(name, "something-else")
    assert key({"access_key": None}) == before


@pytest.mark.parametrize("name", _cache_key._FILES_IN_KEY)
def test_a_file_with_profiles_that_changes_makes_another_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "profiles"
    monkeypatch.setenv(name, str(file))
    keys = [key()]
    for text in ("[default]\n", "[default]\naws_access_key_id = x\n"):
        file.write_text(text)
        keys.append(key())
    file.rename(tmp_path / "elsewhere")
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    keys.append(key())
    assert len(set(keys)) == 4


def test_the_machine_counts_where_it_may_be_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    named, unnamed = key(), key({"access_key": None})
    monkeypatch.setattr("socket.gethostname", lambda: "another-machine")
    assert key() == named
    assert key({"access_key": None}) != unnamed


def test_it_can_name_a_file() -> None:
    assert len(key()) == 64
    assert key().isalnum()
