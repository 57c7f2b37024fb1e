# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder and a mock endpoint in which commands run as readers run them."""

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
REGIONS = ("eu-west-1", "us-east-1")
SUSPENDED = "SKIPPED_SUSPENDED_ACCOUNT"
_FLEET = json.loads((ROOT / "demo" / "guides.json").read_text(encoding="utf-8"))
GUIDES, ORGANIZATION = _FLEET["products"], _FLEET["organization"]
DEMO = json.loads((ROOT / "demo" / "fleet.json").read_text(encoding="utf-8"))["products"]
# Variables that would change the configuration of Ansible or AWS; commands don't inherit them.
_CONFIGURATION = re.compile(r"AWS_|ANSIBLE_(?!COLLECTIONS_PATH|DEV_|TEST_)")
_TIMEOUT_SECONDS = 300


class Failed(Exception):
    """An example with another result than the documented one. The message describes the difference."""


class Workspace:
    """Runs the examples of one document, one after another."""

    def __init__(self, folder: Path, endpoint: MockEndpoint) -> None:
        self.folder = folder
        self._endpoint = endpoint
        programs = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not _CONFIGURATION.match(name)},
            "PATH": os.pathsep.join(programs),
            "HOME": str(folder),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PIPELINING": "true",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.load_fleet("guides")

    def load_fleet(self, name: str) -> None:
        """Load a fleet into the endpoint, without other state.

        Args:
            name: ``guides`` (``demo/guides.json``), ``demo`` (``demo/fleet.json``), ``current`` (the guides' fleet with
                all stack instances CURRENT), ``everywhere`` (the same in each Region), ``converging`` (as in the guides
                in the first response, then CURRENT) or ``suspended`` (all CURRENT but those in suspended accounts).
        """
        current = [_current(product) for product in GUIDES]
        products = {
            "guides": GUIDES,
            "demo": DEMO,
            "current": current,
            "everywhere": [_current(product, regions=REGIONS) for product in GUIDES],
            "converging": current,
            "suspended": [_current(product, excluded=SUSPENDED) for product in GUIDES],
        }[name]
        self._endpoint.reset()
        self._endpoint.add_products(products)
        self._endpoint.set_organization(ORGANIZATION)
        if name == "converging":
            for product in GUIDES:
                self._endpoint.faults(product["id"], [{"edit": {"set": {"StackInstances": _rows(product)}}}], LIST)

    def write(self, name: str, text: str) -> None:
        """Write a file to the folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")

    def run(self, command: str, shown: t.Sequence[str] = (), fails: bool = False) -> str:
        """Run a command with bash and return its output.

        Args:
            command: The command.
            shown: Lines that must be part of the output, in this order.
            fails: Whether the command must fail.

        Raises:
            Failed: The exit code or the output differs.
        """
        try:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as e:
            raise Failed(f"$ {command}\n{e.stdout!r}\ntimed out") from None
        if (done.returncode != 0) != fails:
            raise Failed(
                f"$ {command}\n{done.stdout}\nexited with {done.returncode}, expected {'a failure' if fails else '0'}"
            )
        missing = first_missing(shown, done.stdout)
        if missing is not None:
            raise Failed(f"$ {command}\n{done.stdout}\ndoes not contain at the expected position: {missing}")
        return done.stdout


def shows_failure(shown: t.Iterable[str]) -> bool:
    """Return whether the output in a guide is that of a command that fails."""
    return any(re.search(r"^fatal: |ERROR|failed=[1-9]", line) for line in shown)


def first_missing(shown: t.Iterable[str], output: str) -> str | None:
    """Return the first line that the output does not contain after the previous lines, None if it contains all.

    Spacing and durations are ignored. Three dots match anything.
    """
    left = _words(output)
    for line in shown:
        for part in filter(None, map(str.strip, _words(line).split("..."))):
            _before, found, left = left.partition(part)
            if not found:
                return line
    return None


def _words(text: str) -> str:
    """Return the text without differences between runs, terminals and releases of Ansible."""
    text = re.sub(r"\b(\d+h)?(\d+m)?\d+s\b", "(time)", text)
    return " ".join(text.replace("*", " ").split())


def _current(
    product: dict[str, t.Any], *, excluded: str | None = None, regions: t.Sequence[str] = ()
) -> dict[str, t.Any]:
    """Return the product with all stack instances CURRENT.

    Args:
        product: The product in the form of a fleet file.
        excluded: A detailed status whose stack instances are not changed.
        regions: Regions in which to add stack instances for each account.
    """
    fields = {name: value for name, value in product.items() if name not in ("status", "status_message", "instances")}
    instances = [
        i if excluded and i.get("detailed_status") == excluded else {"account": i["account"], "region": i["region"]}
        for i in product.get("instances", ())
    ]
    accounts = dict.fromkeys(i["account"] for i in instances)
    added = [{"account": account, "region": region} for account in accounts for region in regions]
    return {**fields, "instances": [*instances, *(i for i in added if i not in instances)]}


def _rows(product: dict[str, t.Any]) -> list[dict[str, str]]:
    """Return the stack instances in the form of ListStackInstancesForProvisionedProduct."""
    return [
        {"Account": i["account"], "Region": i["region"], "StackInstanceStatus": i.get("status", "CURRENT")}
        for i in product.get("instances", ())
    ]
