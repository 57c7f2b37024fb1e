# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

import pytest
from botocore.loaders import Loader
from hypothesis import HealthCheck, settings

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import Script

# Tests must not depend on chance or on a busy machine, so that each run tries the same examples. For many others:
#     pytest --hypothesis-profile=long tests/unit/fuzz
_SETTINGS = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("same", max_examples=30, derandomize=True, **_SETTINGS)
settings.register_profile("long", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "5000")), **_SETTINGS)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the credentials, files and services of the machine from the tests."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def accounts_have_state_and_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each version of botocore return what the newest returns of an account of AWS Organizations."""
    load = Loader.load_service_model

    def load_service_model(loader: Loader, service_name: str, type_name: str, **more: t.Any) -> t.Any:
        model = load(loader, service_name, type_name, **more)
        if (service_name, type_name) == ("organizations", "service-2"):
            members = model["shapes"]["Account"]["members"]
            members.setdefault("State", {"shape": "AccountName"})
            members.setdefault("Paths", {"shape": "TestPaths"})
            model["shapes"].setdefault("TestPaths", {"type": "list", "member": {"shape": "AccountName"}})
        return model

    monkeypatch.setattr(Loader, "load_service_model", load_service_model)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Script]:
    """Replace the network by a script, each response of which must be requested, and record pauses."""
    # pytest reads this file before the collection can be imported.
    from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import Script

    script = Script()
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda session, request: script.send(request))
    monkeypatch.setattr("time.sleep", script.pauses.append)
    yield script
    assert script.unused == {}
