# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of the contestants: variables, collections and endpoint are the same for all of them."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

from benchmarks.replay import Replay
from mock_endpoint.process import MockEndpoint

HERE = Path(__file__).resolve().parent


class Workspace:
    """The mock endpoint, its replay server, and the programs of this environment."""

    def __init__(self, mock: MockEndpoint, replay: Replay, collections: Path, scratch: Path) -> None:
        """Use running endpoints.

        Args:
            mock: The mock endpoint.
            replay: The replay server in front of it.
            collections: The folder for ``ANSIBLE_COLLECTIONS_PATH``.
            scratch: An empty folder for files.
        """
        self.mock = mock
        self.replay = replay
        self.collections = collections / "ansible_collections"
        self.scratch = scratch
        self.programs = Path(sys.executable).parent

    def load(self, products: t.Sequence[t.Mapping[str, t.Any]]) -> None:
        """Replace the products of the mock endpoint."""
        self.mock.reset()
        self.replay.clear()
        self.mock.add_products([dict(product) for product in products])

    def python(self, script: str, *arguments: str) -> list[str]:
        """Return the command that runs a script of this folder."""
        return [sys.executable, str(HERE / script), *arguments]

    def playbook(self, name: str, *arguments: str) -> list[str]:
        """Return the command that runs a playbook of this folder."""
        return [str(self.programs / "ansible-playbook"), str(HERE / "playbooks" / name), *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment variables, without the user's configuration of Ansible and AWS."""
        inherited = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        return {
            **inherited,
            "PATH": os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)]),
            "HOME": str(self.scratch),
            "PYTHONPATH": os.pathsep.join([str(self.collections.parent), str(HERE.parent)]),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections.parent),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "AWS_ENDPOINT_URL": self.replay.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }
