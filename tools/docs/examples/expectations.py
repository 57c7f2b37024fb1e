# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which blocks are skipped and why, and what the others require. An unused entry is a failure.

A block is identified by its document and its first line.
"""

from __future__ import annotations

import typing as t

_GUIDES = "docs/docsite/rst"

# Documents with blocks that another test runs.
RUN_ELSEWHERE = {f"{_GUIDES}/guide_awx.rst": "the integration target guide_awx"}
# Regular expressions for the beginning of commands that are skipped, and the reason.
SKIPPED_COMMANDS = {
    r"ansible-galaxy collection install ": "requires Galaxy",
    r"pip install ": "requires the package index",
    r"git (clone|commit|diff|push|tag) ": "changes the repository",
    r"cd ": "requires a clone",
    r"export AWS_": "the environment sets the credentials",
    r"python3 dev\.py ": "runs other tests or the endpoint",
    r"pytest ": "runs other tests",
    r"nox ": "runs other tests",
    r"aws ": "the AWS CLI requires another version of botocore",
}
# Blocks that are skipped, and the reason.
SKIPPED_BLOCKS: dict[tuple[str, str], str] = {
    (
        f"{_GUIDES}/guide_credentials.rst",
        first_line,
    ): f"run by the integration target {target}"
    for first_line, target in {
        "- name: Set credentials once": "credentials",
        "$ export AWS_ROLE_ARN=arn:aws:iam::123456789012:role/pipeline": "credentials",
        "[profile pipeline]": "credentials",
        "{": "least_privilege",
    }.items()
}

# The fleets of a plugin's examples, if not both.
_BOTH = ("guides", "current")
_FLEETS = {"module wait_for_rollout": ("everywhere",)}
# The fleet from this block of a document on; each document begins with the fleet of the guides.
FLEET_FROM = {
    (f"{_GUIDES}/guide_rollout_gate.rst", "$ ansible-playbook stackfleet.servicecatalog.rollout_gate \\"): "converging",
    (f"{_GUIDES}/guide_migration.rst", '$ until [ -z "$(python3 loop.py)" ]; do sleep 30; done'): "current",
    (f"{_GUIDES}/guide_why_outdated.rst", "# without_suspended.yml"): "suspended",
}
# Plays that must fail, and a part of their output. A command must fail if the output in the guide shows a failure.
FAILING_PLAYS = {
    ("README.md", "- name: Continue only if the guardrails are current in every account and Region"): "3 of 6"
}


def fleets_of(document: str) -> t.Sequence[str]:
    """Return the fleets with which the examples of a plugin run."""
    return _FLEETS.get(document, _BOTH)
