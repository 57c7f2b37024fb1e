# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests with wrong input share: an AWS that gives prepared answers, the plugins, and their outcomes."""

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
LONGEST_SENTENCE = 2000
# As many as there are answers in a case, each tried as often as a client does, and room for a mistake.
MOST_REQUESTS = 400

Respond = t.Callable[[str, t.Dict[str, t.Any]], Response]


class Outcome(t.NamedTuple):
    """How one run has ended: a result, or a sentence."""

    result: t.Any = None
    error: str | None = None


class World(Script):
    """AWS, and all else that a plugin meets here. It answers each request as C(respond) says, and forgets nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.respond: Respond | None = None
        self.warnings: list[str] = []

    def begin(self, respond: Respond) -> None:
        """The next example."""
        self.respond = respond
        for told in (self.requests, self.pauses, self.warnings):
            told.clear()

    def pause(self, seconds: float) -> None:
        """As C(time.sleep), which takes no number that is negative, or beyond that of the kernel."""
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
    """Hypothesis tries many examples in one run of a test, so this is for all of them."""
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
    """What a module makes of its arguments: one JSON object, or it has failed the test."""
    output = StringIO()
    with pytest.MonkeyPatch.context() as patch, module_arguments(arguments):
        patch.setattr(sys, "stdout", output)
        with pytest.raises(SystemExit):
            which.main()
    text = output.getvalue()
    # What Ansible does with it: bytes on a pipe.
    result = json.loads(text.encode())
    return Outcome(result, result["msg"] if result.get("failed") else None)


def lookup(terms: list[t.Any], **options: t.Any) -> Outcome:
    """What the lookup makes of its terms and options."""
    plugin = lookup_loader.get(NAME)
    try:
        rows = plugin.run(terms, {}, **options)
    except AnsibleError as e:
        return Outcome(error=said(e))
    json.dumps(rows, ensure_ascii=False).encode()
    return Outcome(rows)


def inventory(file: Path, options: dict[str, t.Any]) -> Outcome:
    """The stack instances in the inventory of a file with these options, which is JSON and so YAML."""
    file.write_text(json.dumps({"plugin": NAME, **options}), encoding="utf-8")
    return inventory_of(file)


def inventory_of(file: Path) -> Outcome:
    """The stack instances of all hosts in the inventory of a file. An error leaves no host behind."""
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
    """The sentence, without what Ansible puts around it: where in a file it was, and what lies below."""
    return str(error.message)


def require_sentence(text: str, longest: int = LONGEST_SENTENCE) -> None:
    """One line that fits a screen, and can be written to one."""
    assert text
    assert text.isprintable(), text
    assert "Traceback" not in text
    assert len(text) <= longest, f"{len(text)} characters"
