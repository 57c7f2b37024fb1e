# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The laboratory: an endpoint for each transport, ports that nobody answers at, and the plugins' own commands."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import typing as t
from pathlib import Path

from faults.cases import INVENTORY_SUFFIX, TRANSPORTS, Case, Json
from mock_endpoint.process import MockEndpoint

HERE = Path(__file__).resolve().parent
FORKS = 8
PLUGIN = "stackfleet.servicecatalog.stack_instances"


class Laboratory:
    """Endpoints in which each case has a product for each plugin, with the faults that it is about."""

    def __init__(self, folder: Path, mock_python: str, module_python: str) -> None:
        """Start all that is needed; files go into O(folder). Raises RuntimeError."""
        self._folder = folder
        self._module_python = module_python
        self._stack = contextlib.ExitStack()
        subprocess.run([mock_python, "-m", "faults.certificates", folder], cwd=HERE.parent, check=True)
        tls = ("--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"))
        arguments: dict[str, tuple[str, ...]] = {"http": (), "https": tls}
        self._endpoints = {
            transport: self._stack.enter_context(MockEndpoint(mock_python, *arguments[transport]))
            for transport in TRANSPORTS
        }
        self._ports = {transport: int(e.url.rpartition(":")[2]) for transport, e in self._endpoints.items()}
        self._refusing_port = self._port(queue=None)
        self._deaf_port = self._port(queue=0)

    def __enter__(self) -> Laboratory:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def prepare(self, cases: t.Sequence[Case], plugins: t.Iterable[str]) -> None:
        """Create the products of all cases, and plan their faults."""
        for transport, endpoint in self._endpoints.items():
            mine = [(case, case.product(plugin)) for case in cases if case.transport == transport for plugin in plugins]
            endpoint.add_products(
                [
                    {
                        "id": product,
                        "name": product.replace("pp", "name"),
                        "region": "eu-west-1",
                        "instances": case.fleet(),
                    }
                    for case, product in mine
                ]
            )
            for case, product in mine:
                for script in case.scripts():
                    endpoint.faults(product, **script)

    def start(self, plugin: str, cases: t.Sequence[Case]) -> subprocess.Popen[str]:
        """Let a plugin run all cases; when it has ended, its results can be read."""
        command = self._inventories(cases) if plugin == "inventory" else self._playbook(plugin, cases)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment.update(
            ANSIBLE_DISPLAY_OK_HOSTS="false",
            ANSIBLE_DISPLAY_SKIPPED_HOSTS="false",
            ANSIBLE_INVENTORY_ENABLED=PLUGIN if plugin == "inventory" else "ansible.builtin.yaml",
            ANSIBLE_NOCOLOR="1",
            ANSIBLE_PIPELINING="true",
            AWS_CONFIG_FILE=os.devnull,
            AWS_EC2_METADATA_DISABLED="true",
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        )
        with (self._folder / f"{plugin}.log").open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                command, cwd=HERE.parent, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True
            )

    def results(self, plugin: str) -> dict[str, Json] | None:
        """What has come of each case, by its number as text; None if the command has failed before it was kept."""
        file = self._folder / f"{plugin}.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    def log(self, plugin: str) -> str:
        """What a plugin's command has shown."""
        return (self._folder / f"{plugin}.log").read_text(encoding="utf-8")

    def _inventories(self, cases: t.Sequence[Case]) -> list[str]:
        folder = self._folder / "inventories"
        folder.mkdir()
        for case in cases:
            options = {**self._options(case), "provisioned_product_ids": [case.product("inventory")]}
            text = json.dumps({"plugin": PLUGIN, **options})
            (folder / f"{case.number}{INVENTORY_SUFFIX}").write_text(text, encoding="utf-8")
        return [sys.executable, "-m", "fault_matrix.inventories", str(folder), str(self._folder / "inventory.json")]

    def _playbook(self, plugin: str, cases: t.Sequence[Case]) -> list[str]:
        hosts = {str(case.number): self._variables(plugin, case) for case in cases}
        common = {"ansible_connection": "local", "ansible_python_interpreter": self._module_python}
        inventory = self._folder / f"{plugin}.hosts.json"
        inventory.write_text(json.dumps({"ungrouped": {"hosts": hosts, "vars": common}}), encoding="utf-8")
        playbook = HERE / "playbooks" / f"{plugin}.yml"
        results = json.dumps({"results": str(self._folder / f"{plugin}.json")})
        return ["ansible-playbook", "-i", str(inventory), "-f", str(FORKS), "-e", results, str(playbook)]

    def _variables(self, plugin: str, case: Case) -> Json:
        """What the host of a case has, which stands for the case in a playbook."""
        options, product = self._options(case), case.product(plugin)
        if plugin == "lookup":
            return {"options": options, "product": product}
        # A wait looks once, and puts up with what is not current.
        patience = {"timeout": 0, "failure_tolerance_percentage": 100} if plugin == "wait" else {}
        return {"options": {**options, **patience, "provisioned_product_ids": [product]}}

    def _options(self, case: Case) -> Json:
        [other] = set(TRANSPORTS) - {case.transport}
        return case.options(
            {
                "scheme": case.transport,
                "port": self._ports[case.transport],
                "other_port": self._ports[other],
                "refusing_port": self._refusing_port,
                "deaf_port": self._deaf_port,
                "folder": self._folder,
            }
        )

    def _port(self, queue: int | None) -> int:
        """A port that refuses connections, or one that leaves them without an answer, its queue being full."""
        server = self._stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        if queue is not None:
            server.listen(queue)
            for _connection in range(queue + 1):
                self._stack.enter_context(socket.create_connection(server.getsockname()))
        return int(server.getsockname()[1])
