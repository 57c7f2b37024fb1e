# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults as data, and the cases that they make: what the endpoint does, and what must come of it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

FAULTS = Path(__file__).with_name("faults.yml")
PLUGINS = ("module", "lookup", "inventory", "wait")
TRANSPORTS = ("http", "https")
WHOLE = "whole"
# For a fault that stays, so that not every one of them is tried ten times.
FEW_ATTEMPTS = {"retries": {"mode": "standard", "total_max_attempts": 2}}
LIST_OPERATIONS = {"servicecatalog": "ListStackInstancesForProvisionedProduct", "cloudformation": "ListStackInstances"}
PAGE_SIZE = 2
INVENTORY_SUFFIX = ".stack_instances.yml"

Json = t.Dict[str, t.Any]
Row = t.Dict[str, str]


@dataclass(frozen=True)
class Fault:
    """One entry of C(faults.yml), where each field is told."""

    what: str
    steps: tuple[Json, ...] = ()
    options: t.Mapping[str, t.Any] | None = None
    passes: str | list[str] | None = None
    stays: str | list[str] | None = None
    source: str = "servicecatalog"
    after: int = 1
    operation: str | None = None
    over: str | None = None
    changes: tuple[Row, ...] = ()
    patient: bool = False


@dataclass(frozen=True)
class Case:
    """A fault that passes or stays, over one transport. Each plugin that runs it has a product of its own."""

    number: int
    transport: str
    fault: Fault
    stays: bool

    @property
    def name(self) -> str:
        """For a person."""
        how = "it stays" if self.stays else "it passes"
        return f"{self.fault.what} ({how}, over {self.transport})"

    @property
    def outcomes(self) -> list[str]:
        """WHOLE, or words of which some are in the one sentence."""
        outcome = self.fault.stays if self.stays else self.fault.passes
        assert outcome is not None
        return [outcome] if isinstance(outcome, str) else outcome

    def product(self, plugin: str) -> str:
        """The id of the product that O(plugin) lists."""
        return f"pp-{self.number}-{plugin}"

    def options(self, words: t.Mapping[str, t.Any]) -> Json:
        """What a plugin is told, but for the product."""
        usual: Json = {
            "access_key": "testing",
            "secret_key": "testing",
            "region": "eu-west-1",
            "endpoint_url": "{scheme}://127.0.0.1:{port}",
            "source": self.fault.source,
            "page_size": PAGE_SIZE,
        }
        if self.transport == "https":
            usual["aws_ca_bundle"] = "{folder}/authority.pem"
        special = dict(self.fault.options or {})
        attempts = FEW_ATTEMPTS if self.stays and not self.fault.patient else {}
        config = {**attempts, **special.pop("aws_config", {})}
        given = {**usual, **special, **({"aws_config": config} if config else {})}
        return {
            name: value.format(**words) if isinstance(value, str) else value
            for name, value in given.items()
            if value is not None
        }

    def scripts(self) -> list[Json]:
        """What the endpoint plays for a product, but for its id, in this order."""
        if not self.fault.steps:
            return []
        operation = self.fault.operation or LIST_OPERATIONS[self.fault.source]
        before = [{"steps": [{"pass": True}] * self.fault.after}] if self.fault.after else []
        scripts: list[Json] = [*before, {"steps": list(self.fault.steps), "repeat": self.stays}]
        return [{"operation": operation, **script} for script in scripts]

    def fleet(self) -> list[Row]:
        """The stack instances that there are at the beginning, enough for pages: three, or two of each Region."""
        # Pages of two, or CloudFormation's of a hundred.
        accounts = 3 if self.fault.source == "servicecatalog" else 51
        statuses = ("CURRENT", "OUTDATED", "INOPERABLE", "CURRENT", "CURRENT")
        places = [
            (str(number * 111_111_111_111) if number < 10 else f"{number:012}", region)
            for number in range(1, accounts + 1)
            for region in ("eu-west-1", "us-east-1")
        ]
        return [
            {"account": account, "region": region, "status": statuses[number % len(statuses)]}
            for number, (account, region) in enumerate(places)
        ]

    def fleet_in_the_end(self) -> list[Row]:
        """The stack instances that there are when the last page has been read, in order."""
        rows = {(row["account"], row["region"]): row for row in (*self.fleet(), *self.fault.changes)}
        return [rows[place] for place in sorted(rows) if "status" in rows[place]]


def faults() -> list[Fault]:
    """All of C(faults.yml)."""
    entries: list[Json] = yaml.safe_load(FAULTS.read_text(encoding="utf-8"))
    lists = ("steps", "changes")
    return [Fault(**{**entry, **{name: tuple(entry.get(name, ())) for name in lists}}) for entry in entries]


def cases(of: t.Iterable[Fault]) -> list[Case]:
    """Each fault, as far as it can pass and stay, over each transport; those that take longest come first."""
    wanted = [
        (transport, fault, stays)
        for fault in sorted(of, key=lambda fault: not fault.patient)
        for stays in (False, True)
        for transport in TRANSPORTS
        if (fault.stays if stays else fault.passes) is not None and fault.over in (None, transport)
    ]
    return [Case(number, *case) for number, case in enumerate(wanted)]
