# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of ``faults.yml``, and the cases that they result in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

FAULTS = Path(__file__).with_name("faults.yml")
CONTROLLER_PLUGINS = ("lookup", "inventory")
PLUGINS = ("module", "wait", *CONTROLLER_PLUGINS)
TRANSPORTS = ("http", "https")
COMPLETE = "complete"
# Ten attempts for each permanent fault would take too long.
FEW_ATTEMPTS = {"retries": {"mode": "standard", "total_max_attempts": 2}}
# What a step does to the connection; the other steps change only the response.
OF_THE_CONNECTION = {"truncate", "honest_length", "delay", "trickle", "drop"}
LIST_OPERATIONS = {"servicecatalog": "ListStackInstancesForProvisionedProduct", "cloudformation": "ListStackInstances"}
PAGE_SIZE = 2

Json = t.Dict[str, t.Any]
Row = t.Dict[str, str]


@dataclass(frozen=True)
class Fault:
    """An entry of ``faults.yml``, where each key is described."""

    name: str
    steps: tuple[Json, ...] = ()
    options: t.Mapping[str, t.Any] | None = None
    temporary: str | list[str] | None = None
    permanent: str | list[str] | None = None
    source: str = "servicecatalog"
    after: int = 1
    operation: str | None = None
    over: str | None = None
    changes: tuple[Row, ...] = ()
    all_attempts: bool = False

    @property
    def concerns_connection(self) -> bool:
        """Whether the result can depend on the transport."""
        return self.options is not None or any(OF_THE_CONNECTION & set(step) for step in self.steps)


@dataclass(frozen=True)
class Case:
    """A temporary or permanent fault over one transport. Each of its plugins runs it with a product of its own."""

    number: int
    transport: str
    fault: Fault
    is_permanent: bool

    @property
    def name(self) -> str:
        """Return a description for the output."""
        return f"{self.fault.name} ({'permanent' if self.is_permanent else 'temporary'}, over {self.transport})"

    @property
    def expected(self) -> list[str]:
        """Return COMPLETE, or parts of the error message of which one must match."""
        expected = self.fault.permanent if self.is_permanent else self.fault.temporary
        assert expected is not None
        return [expected] if isinstance(expected, str) else expected

    @property
    def plugins(self) -> tuple[str, ...]:
        """Return the plugins that run the case.

        What changes only the response takes the same way through all plugins over TLS: those of the controller run it,
        which need no process each.
        """
        needs_all = self.transport == "http" or self.fault.concerns_connection
        return PLUGINS if needs_all else CONTROLLER_PLUGINS

    def product(self, plugin: str) -> str:
        """Return the ID of the product that a plugin lists."""
        return f"pp-{self.number}-{plugin}"

    def options(self, values: t.Mapping[str, t.Any]) -> Json:
        """Return the options of a plugin, except for the product.

        Args:
            values: Replacements for the words in braces.
        """
        common: Json = {
            "access_key": "testing",
            "secret_key": "testing",
            "region": "eu-west-1",
            "endpoint_url": "{scheme}://127.0.0.1:{port}",
            "source": self.fault.source,
            "page_size": PAGE_SIZE,
        }
        if self.transport == "https":
            common["aws_ca_bundle"] = "{folder}/authority.pem"
        special = dict(self.fault.options or {})
        attempts = FEW_ATTEMPTS if self.is_permanent and not self.fault.all_attempts else {}
        config = {**attempts, **special.pop("aws_config", {})}
        options = {**common, **special, **({"aws_config": config} if config else {})}
        return {
            name: value.format(**values) if isinstance(value, str) else value
            for name, value in options.items()
            if value is not None
        }

    def scripts(self) -> list[Json]:
        """Return the scripts of the mock endpoint for a product, in this order, without its ID."""
        if not self.fault.steps:
            return []
        operation = self.fault.operation or LIST_OPERATIONS[self.fault.source]
        before = [{"steps": [{"pass": True}] * self.fault.after}] if self.fault.after else []
        scripts: list[Json] = [*before, {"steps": list(self.fault.steps), "repeat": self.is_permanent}]
        return [{"operation": operation, **script} for script in scripts]

    def initial_fleet(self) -> list[Row]:
        """Return the stack instances at the beginning of the listing, enough for three pages or two of each Region."""
        # Service Catalog's pages hold two in these tests, CloudFormation's always a hundred.
        accounts = 3 if self.fault.source == "servicecatalog" else 51
        statuses = ("CURRENT", "OUTDATED", "INOPERABLE", "CURRENT", "CURRENT")
        targets = [
            (str(number * 111_111_111_111) if number < 10 else f"{number:012}", region)
            for number in range(1, accounts + 1)
            for region in ("eu-west-1", "us-east-1")
        ]
        return [
            {"account": account, "region": region, "status": statuses[number % len(statuses)]}
            for number, (account, region) in enumerate(targets)
        ]

    def final_fleet(self) -> list[Row]:
        """Return the stack instances at the end of the listing, sorted."""
        rows = {(row["account"], row["region"]): row for row in (*self.initial_fleet(), *self.fault.changes)}
        return [rows[target] for target in sorted(rows) if "status" in rows[target]]


def faults() -> list[Fault]:
    """Return the faults of ``faults.yml``."""
    entries: list[Json] = yaml.safe_load(FAULTS.read_text(encoding="utf-8"))
    lists = ("steps", "changes")
    return [Fault(**{**entry, **{name: tuple(entry.get(name, ())) for name in lists}}) for entry in entries]


def cases(of: t.Iterable[Fault]) -> list[Case]:
    """Return the cases of the faults for each transport, the longest first."""
    variants = [
        (transport, fault, is_permanent)
        for fault in sorted(of, key=lambda fault: not fault.all_attempts)
        for is_permanent in (False, True)
        for transport in TRANSPORTS
        if (fault.permanent if is_permanent else fault.temporary) is not None and fault.over in (None, transport)
    ]
    return [Case(number, *variant) for number, variant in enumerate(variants)]
