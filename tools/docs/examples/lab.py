# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder and a mock endpoint, in which commands run as a reader would run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from docs.examples import ROOT
from mock_endpoint.process import MockEndpoint

LIST = "ListStackInstancesForProvisionedProduct"
SUSPENDED = "SKIPPED_SUSPENDED_ACCOUNT"
FLEET = json.loads((ROOT / "demo" / "guides.json").read_text(encoding="utf-8"))["products"]
DEMO = json.loads((ROOT / "demo" / "fleet.json").read_text(encoding="utf-8"))["products"]
# What of this process' environment reaches a command: nothing that would steer Ansible or AWS elsewhere.
_STEERING = re.compile(r"AWS_|ANSIBLE_(?!COLLECTIONS_PATH|DEV_|TEST_)")
_SECONDS_PATIENCE = 300


class Failed(Exception):
    """An example that does not do what the documentation says. The text shows why."""


class Lab:
    """Where the examples of one document are run, one after another."""

    def __init__(self, folder: Path, endpoint: MockEndpoint) -> None:
        self.folder = folder
        self._endpoint = endpoint
        programs = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not _STEERING.match(name)},
            "PATH": os.pathsep.join(programs),
            "HOME": str(folder),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PIPELINING": "true",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.set_world("behind")

    def set_world(self, name: str) -> None:
        """Put one of the fleets into an endpoint without a past.

        C(behind) is that of world.json, C(settled) the same with all of it CURRENT, C(suspended) with all but the
        suspended accounts CURRENT; C(settling) is behind at the first look and settled at the next one; C(demo) is the
        fleet of the demo.
        """
        products = {
            "behind": lambda: FLEET,
            "demo": lambda: DEMO,
            "settled": lambda: [_settled(product) for product in FLEET],
            "settling": lambda: [_settled(product) for product in FLEET],
            "suspended": lambda: [_settled(product, SUSPENDED) for product in FLEET],
        }[name]()
        self._endpoint.reset()
        self._endpoint.add_products(products)
        if name == "settling":
            for product in FLEET:
                self._endpoint.faults(product["id"], [{"edit": {"set": {"StackInstances": _rows(product)}}}], LIST)

    def write(self, name: str, text: str) -> None:
        """Make a file of the folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")

    def run(self, command: str, shown: t.Sequence[str] = (), fails: bool = False) -> str:
        """Run a command of bash; answer its output. Raises Failed if it ends otherwise, or lacks what is shown."""
        try:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_SECONDS_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as e:
            raise Failed(f"$ {command}\n{e.stdout!r}\nhas not ended") from None
        if (done.returncode != 0) != fails:
            raise Failed(
                f"$ {command}\n{done.stdout}\nended with {done.returncode}, which it shall{' not' * (not fails)}"
            )
        missing = first_missing(shown, done.stdout)
        if missing is not None:
            raise Failed(f"$ {command}\n{done.stdout}\nlacks, or has elsewhere: {missing}")
        return done.stdout


def tells_of_failure(shown: t.Iterable[str]) -> bool:
    """Whether output that a guide shows is that of a command which fails."""
    return any(re.search(r"^fatal: |ERROR|failed=[1-9]", line) for line in shown)


def first_missing(shown: t.Iterable[str], output: str) -> str | None:
    """The first line that is shown and not in the output, after the ones before; None where all are.

    Of a line the words count, and not how they are spaced or how long something took. Three dots stand for anything.
    """
    left = _words(output)
    for line in shown:
        for part in filter(None, map(str.strip, _words(line).split("..."))):
            _before, found, left = left.partition(part)
            if not found:
                return line
    return None


def _words(text: str) -> str:
    """Without what differs from one run, screen or release of Ansible to another."""
    text = re.sub(r"\b(\d+h)?(\d+m)?\d+s\b", "(time)", text)
    return " ".join(text.replace("*", " ").split())


def _settled(product: dict[str, t.Any], but: str | None = None) -> dict[str, t.Any]:
    """The product when all of its instances are CURRENT but those with one detailed status."""
    kept = {name: value for name, value in product.items() if name not in ("status", "status_message", "instances")}
    instances = [
        i if but and i.get("detailed_status") == but else {"account": i["account"], "region": i["region"]}
        for i in product.get("instances", ())
    ]
    return {**kept, "instances": instances}


def _rows(product: dict[str, t.Any]) -> list[dict[str, str]]:
    """The instances as ListStackInstancesForProvisionedProduct tells them."""
    return [
        {"Account": i["account"], "Region": i["region"], "StackInstanceStatus": i.get("status", "CURRENT")}
        for i in product.get("instances", ())
    ]
