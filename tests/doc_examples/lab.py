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

from mock_endpoint.process import MockEndpoint

FLEET = json.loads((Path(__file__).with_name("world.json")).read_text(encoding="utf-8"))["products"]
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
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.set_world("behind")

    def set_world(self, name: str) -> None:
        """C(behind), as in world.json; C(settled), where all is CURRENT; C(settling), which becomes so at the second
        look.
        """
        self._endpoint.reset()
        if name == "behind":
            self._endpoint.add_products(FLEET)
            return
        if name not in ("settled", "settling"):
            raise ValueError(f"There is no world {name}.")
        self._endpoint.add_products([_settled(product) for product in FLEET])
        if name == "settling":
            for product in FLEET:
                rows = [
                    {"Account": i["account"], "Region": i["region"], "StackInstanceStatus": i.get("status", "CURRENT")}
                    for i in product.get("instances", ())
                ]
                self._endpoint.faults(
                    product["id"],
                    [{"edit": {"set": {"StackInstances": rows}}}],
                    operation="ListStackInstancesForProvisionedProduct",
                )

    def write(self, name: str, text: str) -> None:
        """Make a file of the folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")

    def run(self, command: str, shown: t.Sequence[str] = (), fails: bool | None = None) -> str:
        """Run a command of bash, and compare its end and its output with what is shown of it; answer the output.

        Without O(fails), it shall fail where the output that is shown tells of a failure. Raises Failed.
        """
        fails = tells_of_failure(shown) if fails is None else fails
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


def _settled(product: dict[str, t.Any]) -> dict[str, t.Any]:
    places = [{"account": i["account"], "region": i["region"]} for i in product.get("instances", ())]
    kept = {name: value for name, value in product.items() if name not in ("status", "status_message", "instances")}
    return {**kept, "instances": places}
