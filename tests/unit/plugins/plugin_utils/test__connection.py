# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identity that cached listings belong to."""

from __future__ import annotations

import json
import os
import sys
import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader, lookup_loader
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session

from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _connection
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    page,
    xml_error,
    xml_result,
)

NAME = "stackfleet.servicecatalog.stack_instances"
LIST = "ListStackInstancesForProvisionedProduct"
IDENTIFY = "GetCallerIdentity"
ROLE = "arn:aws:iam::333333333333:role/hub"


def caller(account: str, session: str = "ann") -> Response:
    arn = f"arn:aws:sts::{account}:assumed-role/reader/{session}"
    return xml_result("GetCallerIdentity", Account=account, Arn=arn, UserId=f"AROA{account}:{session}")


class Profile:
    """A profile whose credential_process may return other credentials at any time."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._file, self.runs = folder / "credentials.json", folder / "runs"
        program = f"import sys; print(open({str(self._file)!r}).read()); open({str(self.runs)!r}, 'a').write('x')"
        script = folder / "process.py"
        script.write_text(program)
        config = folder / "config"
        config.write_text(f"[profile hub]\ncredential_process = {sys.executable} {script}\n")
        patch.setenv("AWS_CONFIG_FILE", str(config))
        patch.delenv("AWS_ACCESS_KEY_ID")
        patch.delenv("AWS_SECRET_ACCESS_KEY")

    def switch(self, key: str, token: str | None = "token") -> None:
        credentials = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": "s"}
        self._file.write_text(json.dumps({**credentials, **({"SessionToken": token} if token else {})}))


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    monkeypatch.setattr(constants, "ANSIBLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(_connection, "_callers", {})
    return Profile(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(
        "ansible.utils.display.Display.warning", lambda self, message, **kwargs: messages.append(message)
    )
    return messages


def lookup(**options: t.Any) -> list[int]:
    plugin = lookup_loader.get(NAME)
    rows = plugin.run(["pp-a"], {}, **{"cache": True, "profile": "hub", **options})
    return [int(row["account"]) for row in rows]


def inventory(folder: Path, **options: t.Any) -> list[int]:
    file = folder / "x.stack_instances.yml"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "cache")}
    settings = {"plugin": NAME, "provisioned_product_ids": ["pp-a"], "profile": "hub", **cache, **options}
    file.write_text(json.dumps(settings))
    made, plugin = InventoryData(), inventory_loader.get(NAME)
    plugin.parse(made, DataLoader(), str(file), cache=True)
    plugin.update_cache_if_changed()
    return sorted(int(host.vars["account"]) for host in made.hosts.values())


@pytest.fixture(params=["lookup", "inventory"])
def listed(request: pytest.FixtureRequest, tmp_path: Path) -> t.Callable[..., list[int]]:
    if request.param == "lookup":
        return lookup
    return lambda **options: inventory(tmp_path, **options)


def key_ids(aws: Script, operation: str) -> list[str]:
    headers = [request.headers["authorization"] for request in aws.requests if request.operation == operation]
    return [header.split("Credential=")[1].split("/")[0] for header in headers]


def test_a_profile_that_changes_its_identity_has_other_entries(
    aws: Script, profile: Profile, listed: t.Callable[..., list[int]]
) -> None:
    aws.expect(IDENTIFY, caller("111111111111"), caller("222222222222"))
    aws.expect(LIST, page([1]), page([2]))
    for _time in range(2):
        for number, key in enumerate(["ASIAFIRST", "ASIASECOND"], start=1):
            profile.switch(key)
            assert listed() == [number]
    # STS is called once for each session.
    assert key_ids(aws, IDENTIFY) == ["ASIAFIRST", "ASIASECOND"]
    assert key_ids(aws, LIST) == ["ASIAFIRST", "ASIASECOND"]


def test_sessions_of_the_same_identity_share_entries(
    aws: Script, profile: Profile, listed: t.Callable[..., list[int]]
) -> None:
    aws.expect(IDENTIFY, caller("111111111111"), caller("111111111111"), caller("111111111111", "ben"))
    aws.expect(LIST, page([1]), page([2]))
    for key, number in (("ASIAFIRST", 1), ("ASIASECOND", 1), ("ASIATHIRD", 2)):
        profile.switch(key)
        assert listed() == [number]


def test_the_listing_is_made_with_the_credentials_that_were_identified(
    aws: Script, profile: Profile, listed: t.Callable[..., list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.switch("ASIAFIRST")
    identify = _connection.Connecting._caller

    def identify_and_switch(self: t.Any) -> str:
        who = identify(self)
        profile.switch("ASIASECOND")
        return who

    monkeypatch.setattr(_connection.Connecting, "_caller", identify_and_switch)
    aws.expect(IDENTIFY, caller("111111111111"))
    aws.expect(LIST, page([1]))
    assert listed() == [1]
    assert key_ids(aws, LIST) == ["ASIAFIRST"]
    assert profile.runs.read_text() == "x"


def test_a_long_term_key_needs_no_call(aws: Script, profile: Profile, listed: t.Callable[..., list[int]]) -> None:
    aws.expect(LIST, page([1]), page([2]))
    for _time in range(2):
        for number, key in enumerate(["AKIAFIRST", "AKIASECOND"], start=1):
            profile.switch(key, token=None)
            assert listed() == [number]


def test_an_assumed_role_is_identified_by_its_source(
    aws: Script, profile: Profile, listed: t.Callable[..., list[int]]
) -> None:
    credentials = {"AccessKeyId": "ASIAROLE", "SecretAccessKey": "s", "SessionToken": "t"}
    assumed = xml_result("AssumeRole", Credentials={**credentials, "Expiration": "2099-01-01T00:00:00Z"})
    aws.expect(IDENTIFY, caller("111111111111"), caller("222222222222"))
    aws.expect("AssumeRole", assumed, assumed)
    aws.expect(LIST, page([1]), page([2]), page([3]))
    for _time in range(2):
        for number, key in enumerate(["ASIAFIRST", "ASIASECOND"], start=1):
            profile.switch(key)
            assert listed(assume_role_arn=ROLE) == [number]
    assert key_ids(aws, "AssumeRole") == ["ASIAFIRST", "ASIASECOND"]
    assert listed() == [3]


@pytest.mark.parametrize("is_error", [True, False])
def test_without_an_identity_there_is_no_cache(
    aws: Script, profile: Profile, listed: t.Callable[..., list[int]], warnings: list[str], is_error: bool
) -> None:
    profile.switch("ASIAFIRST")
    response = xml_error("AccessDenied", status=403) if is_error else xml_result("GetCallerIdentity", Account="1")
    aws.expect(IDENTIFY, response, response)
    aws.expect(LIST, page([1]), page([2]))
    assert [listed(), listed()] == [[1], [2]]
    assert len(warnings) == 2
    assert all("listed without a cache: Failed to identify the caller: " in warning for warning in warnings)


def test_credentials_that_cannot_be_read_are_a_warning_and_the_error_of_the_listing(
    aws: Script, profile: Profile, warnings: list[str]
) -> None:
    with pytest.raises(AnsibleLookupError):
        lookup()
    assert len(warnings) == 1
    assert "listed without a cache: Failed to identify the caller" in warnings[0]
    assert aws.requests == []


def test_an_incomplete_key_is_not_completed_by_a_profile(aws: Script, profile: Profile) -> None:
    profile.switch("AKIAFIRST", token=None)
    with pytest.raises(AnsibleLookupError, match="Passing both a profile and access tokens"):
        lookup(secret_key="s")
    assert aws.requests == []


@pytest.mark.parametrize(
    ("environment", "url"), [({}, "http://all/"), ({"AWS_ENDPOINT_URL_STS": "http://sts-only"}, "http://sts-only/")]
)
def test_the_endpoint_of_sts_can_be_set(
    aws: Script, profile: Profile, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str
) -> None:
    urls: dict[str, str] = {}

    def send(session: URLLib3Session, request: t.Any) -> AWSResponse:
        response = aws.send(request)
        urls[aws.operations[-1]] = request.url
        return response

    monkeypatch.setattr(URLLib3Session, "send", send)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    profile.switch("ASIAFIRST")
    aws.expect(IDENTIFY, caller("111111111111"))
    aws.expect(LIST, page([1]))
    assert lookup(endpoint_url="http://all") == [1]
    assert urls == {IDENTIFY: url, LIST: "http://all/"}


def test_each_response_is_progress(aws: Script, profile: Profile) -> None:
    profile.switch("AKIAFIRST", token=None)
    aws.expect(LIST, page([1], token="more"), EndpointConnectionError(endpoint_url="x"), page([2]))
    home = Path(constants.ANSIBLE_HOME) / "stackfleet_servicecatalog"
    seen: list[int] = []
    utime = os.utime

    def note(path: str, **options: t.Any) -> None:
        seen.append(len(aws.requests))
        assert Path(path).parent == home
        utime(path, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.utime", note)
        assert lookup() == [1, 2]
    assert seen == [0, 1, 2, 3]
