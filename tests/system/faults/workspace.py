# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of the fault tests: an endpoint for each transport, broken ports, and the commands of the plugins."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import typing as t
from pathlib import Path

from faults.cases import COMPLETE, CONTROLLER_PLUGINS, TRANSPORTS, Case, Json
from mock_endpoint.process import MockEndpoint

HERE = Path(__file__).resolve().parent
FORKS = 8
PLUGIN = "stackfleet.servicecatalog.stack_instances"


class Workspace:
    """Endpoints with a product for each case and plugin, and the faults of the case."""

    def __init__(self, folder: Path, mock_python: str, module_python: str) -> None:
        """Start the endpoints.

        Args:
            folder: An empty folder for files.
            mock_python: The Python that runs the mock endpoint.
            module_python: The Python that runs the modules.

        Raises:
            RuntimeError: An endpoint did not start.
        """
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
        self._refusing_port = self._port(backlog=None)
        self._deaf_port = self._port(backlog=0)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def prepare(self, cases: t.Sequence[Case], plugins: t.Collection[str]) -> None:
        """Create the products and the faults of all cases."""
        for transport, endpoint in self._endpoints.items():
            here = [
                (case, case.product(plugin))
                for case in cases
                if case.transport == transport
                for plugin in case.plugins
                if plugin in plugins
            ]
            endpoint.add_products(
                [
                    {
                        "id": product,
                        "name": product.replace("pp", "name"),
                        "region": "eu-west-1",
                        "instances": case.initial_fleet(),
                    }
                    for case, product in here
                ]
            )
            scripts = [{"product": product, **script} for case, product in here for script in case.scripts()]
            if scripts:
                endpoint.add_faults(scripts)

    def start(self, plugin: str, cases: t.Sequence[Case]) -> subprocess.Popen[str]:
        """Start the command that runs all cases of a plugin. Read its results when it has ended."""
        command = self._controller(plugin, cases) if plugin in CONTROLLER_PLUGINS else self._playbook(plugin, cases)
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
        """Return the result of each case by its number, None if the command failed before it stored them."""
        file = self._folder / f"{plugin}.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    def log(self, plugin: str) -> str:
        """Return the output of a plugin's command."""
        return (self._folder / f"{plugin}.log").read_text(encoding="utf-8")

    def _controller(self, plugin: str, cases: t.Sequence[Case]) -> list[str]:
        named = {
            str(case.number): {"inventory": self._inventory(case)}
            if plugin == "inventory"
            else {"lookup": self._options_with_product(plugin, case)}
            for case in cases
        }
        file = self._folder / f"{plugin}.cases.json"
        file.write_text(json.dumps(named), encoding="utf-8")
        return [sys.executable, "-m", "controller", str(file), str(self._folder / f"{plugin}.json")]

    def _inventory(self, case: Case) -> str:
        options = self._options_with_product("inventory", case)
        file = self._folder / f"{case.number}.stack_instances.yml"
        file.write_text(json.dumps({"plugin": PLUGIN, **options}), encoding="utf-8")
        return str(file)

    def _playbook(self, plugin: str, cases: t.Sequence[Case]) -> list[str]:
        hosts = {str(case.number): self._variables(plugin, case) for case in cases}
        common = {"ansible_connection": "local", "ansible_python_interpreter": self._module_python}
        inventory = self._folder / f"{plugin}.hosts.json"
        inventory.write_text(json.dumps({"ungrouped": {"hosts": hosts, "vars": common}}), encoding="utf-8")
        playbook = HERE / "playbooks" / f"{plugin}.yml"
        results = json.dumps({"results": str(self._folder / f"{plugin}.json")})
        return ["ansible-playbook", "-i", str(inventory), "-f", str(FORKS), "-e", results, str(playbook)]

    def _variables(self, plugin: str, case: Case) -> Json:
        """Return the variables of the host that represents a case in a playbook."""
        options = self._options_with_product(plugin, case)
        if plugin == "wait":
            # It tolerates everything that is not current. With 0 it polls once, but has no time for all retries.
            timeout = 60 if case.expected == [COMPLETE] else 0
            options.update(timeout=timeout, failure_tolerance_percentage=100)
        return {"options": options}

    def _options_with_product(self, plugin: str, case: Case) -> Json:
        return {**self._options(case), "provisioned_product_ids": [case.product(plugin)]}

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

    def _port(self, backlog: int | None) -> int:
        """Return a port that refuses connections, or one whose backlog is full, so that connections time out."""
        server = self._stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        if backlog is not None:
            server.listen(backlog)
            for _connection in range(backlog + 1):
                self._stack.enter_context(socket.create_connection(server.getsockname()))
        return int(server.getsockname()[1])
