# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared by the tests with invalid input: an AWS with prepared responses, the plugins, and their outcomes."""

from __future__ import annotations

import json
import sys
import typing as t
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader, lookup_loader
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.loaders import Loader

from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import Response, Script, module_arguments

NAME = "stackfleet.servicecatalog.stack_instances"
LONGEST_MESSAGE = 2000
# The responses of a case, each with all attempts of a client, and a reserve.
MOST_REQUESTS = 400

Respond = t.Callable[[str, t.Dict[str, t.Any]], Response]


class Outcome(t.NamedTuple):
    """How one run has ended: with a result, or with a message."""

    result: t.Any = None
    error: str | None = None


class World(Script):
    """AWS and the environment of a plugin. A function returns the response to each request."""

    def __init__(self) -> None:
        super().__init__()
        self.respond: Respond | None = None
        self.warnings: list[str] = []

    def begin(self, respond: Respond) -> None:
        """Start the next example."""
        self.respond = respond
        for recorded in (self.requests, self.pauses, self.warnings):
            recorded.clear()

    def pause(self, seconds: float) -> None:
        """Record a sleep. ``time.sleep`` accepts neither negative numbers nor more than the kernel does."""
        assert 0 <= seconds < 2**63 / 1e9
        self.pauses.append(seconds)

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        assert len(self.requests) < MOST_REQUESTS, "it does not end"
        return super().send(request)

    def _next(self, operation: str, parameters: dict[str, t.Any]) -> Response:
        assert self.respond is not None
        return self.respond(operation, parameters)


@contextmanager
def world(home: Path) -> t.Iterator[World]:
    """Prepare the environment of all examples that Hypothesis tries in one test."""
    made = World()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.httpsession.URLLib3Session.send", lambda session, request: made.send(request))
        patch.setattr("time.sleep", made.pause)
        patch.setattr("ansible.utils.display.Display.warning", lambda self, text, **more: made.warnings.append(text))
        patch.setattr("ansible.utils.display.Display.display", lambda self, *args, **more: None)
        patch.setattr(constants, "ANSIBLE_HOME", str(home))
        # Odd options name odd folders.
        below = home / "a" / "b" / "c"
        below.mkdir(parents=True)
        patch.chdir(below)
        patch.setenv("HOME", str(home))
        # The models of AWS' services are read from their files only once, not for each client.
        loader = Loader()
        patch.setattr("botocore.session.create_loader", lambda *args: loader)
        yield made


def module(which: t.Any, arguments: dict[str, t.Any]) -> Outcome:
    """Run a module, which must print one JSON object."""
    output = StringIO()
    with pytest.MonkeyPatch.context() as patch, module_arguments(arguments):
        patch.setattr(sys, "stdout", output)
        with pytest.raises(SystemExit):
            which.main()
    text = output.getvalue()
    # Ansible reads it as bytes from a pipe.
    result = json.loads(text.encode())
    return Outcome(result, result["msg"] if result.get("failed") else None)


def lookup(terms: list[t.Any], **options: t.Any) -> Outcome:
    """Run the lookup."""
    plugin = lookup_loader.get(NAME)
    try:
        rows = plugin.run(terms, {}, **options)
    except AnsibleError as e:
        return Outcome(error=said(e))
    json.dumps(rows, ensure_ascii=False).encode()
    return Outcome(rows)


def inventory(file: Path, options: dict[str, t.Any]) -> Outcome:
    """Run the inventory plugin with these options."""
    file.write_text(json.dumps({"plugin": NAME, **options}), encoding="utf-8")
    return inventory_of(file)


def inventory_of(file: Path) -> Outcome:
    """Return the stack instances of all hosts of an inventory file. After an error there must be no host."""
    made = InventoryData()
    plugin = inventory_loader.get(NAME)
    try:
        plugin.parse(made, DataLoader(), str(file), cache=True)
        if hasattr(plugin, "_cache"):
            plugin.update_cache_if_changed()
    except AnsibleError as e:
        assert made.hosts == {}
        return Outcome(error=said(e))
    return Outcome([row for host in made.hosts.values() for row in host.vars["stack_instances"]])


def said(error: AnsibleError) -> str:
    """Return the message without what Ansible adds to it."""
    return str(error.message)


def require_message(text: str, longest: int = LONGEST_MESSAGE) -> None:
    """Require one printable line of limited length."""
    assert text
    assert text.isprintable(), text
    assert "Traceback" not in text
    assert len(text) <= longest, f"{len(text)} characters"
