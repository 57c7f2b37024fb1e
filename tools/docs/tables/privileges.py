# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate tables of IAM actions and policies from the cases of the integration target least_privilege."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import yaml

from docs.tables.page import list_table

CASES = (
    Path(__file__).resolve().parents[3] / "tests" / "integration" / "targets" / "least_privilege" / "vars" / "main.yml"
)

# Query of a case → title of the policy that is shown for it.
POLICIES = {
    "Products by name": "Select products by name, or wait for a rollout",
    "Products by name, with ``source: cloudformation``": "Use ``source: cloudformation``",
    "Products by ID, with ``describe_accounts``": "Use ``describe_accounts`` and ``organizational_unit_ids``",
    "Products by ID, with ``assume_role_arn``": "Assume a role in another account",
}
RESOURCES = {
    "cloudformation": "arn:aws:cloudformation:*:123456789012:stackset/SC-*",
    "sts": "arn:aws:iam::123456789012:role/service-catalog-reader",
}

_WAYS = {
    "lookup": ":ansplugin:`lookup <stackfleet.servicecatalog.stack_instances#lookup>`",
    "inventory": ":ansplugin:`inventory <stackfleet.servicecatalog.stack_instances#inventory>`",
    "rollout_gate": "``rollout_gate``",
    "rollout_report": ":ansplugin:`rollout_report <stackfleet.servicecatalog.rollout_report#role>`",
}

Case = t.Dict[str, t.Any]


def table() -> str:
    """Return the table of queries with the actions that they require."""
    rows = [(case["query"], ", ".join(map(_way, case["ways"])), _needs(case)) for case in _cases()]
    return list_table(("Query", "Tested with", "Actions"), rows, (30, 25, 45))


def policies() -> str:
    """Return a policy for each of POLICIES."""
    cases = {case["query"]: case for case in _cases()}
    return "\n\n".join(f"{title}:\n\n{_code(_policy(cases[query]['actions']))}" for query, title in POLICIES.items())


def _cases() -> list[Case]:
    return t.cast("list[Case]", yaml.safe_load(CASES.read_text(encoding="utf-8"))["cases"])


def _way(way: str) -> str:
    return _WAYS.get(way, f":ansplugin:`{way} <stackfleet.servicecatalog.{way}#module>`")


def _needs(case: Case) -> str:
    needs = _listed(case["actions"]) or "none"
    if "role_actions" in case:
        needs += f"; the role: {_listed(case['role_actions'])}"
    if "instead" in case:
        of, instead = _listed(case["instead"]["of"]), _listed(case["instead"]["actions"])
        needs += f". If one of {of} is denied, a warning is displayed and {instead} is required instead"
    if "condition" in case:
        needs += f". You can restrict them with the condition key ``{case['condition']}``"
    return needs


def _listed(actions: t.Sequence[str]) -> str:
    return ", ".join(f"``{action}``" for action in actions)


def _policy(actions: t.Sequence[str]) -> Case:
    resources: dict[str, list[str]] = {}
    for action in actions:
        resources.setdefault(RESOURCES.get(action.partition(":")[0], "*"), []).append(action)
    statements = [
        {"Effect": "Allow", "Action": allowed, "Resource": resource} for resource, allowed in resources.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _code(value: Case) -> str:
    lines = json.dumps(value, indent=2).splitlines()
    return "\n".join([".. code-block:: json", "", *(f"    {line}" for line in lines)])
