# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not run and why, and what an example needs to find. Nothing else is left out, and an entry that fits nothing
is a failure. A block is named by its document and its first line.
"""

from __future__ import annotations

import typing as t

_GUIDES = "docs/docsite/rst"

# Documents whose blocks another test runs.
RUN_ELSEWHERE = {f"{_GUIDES}/guide_awx.rst": "the integration target guide_awx"}
# A command that can't be run here, as a regular expression for its beginning → why.
EXCUSED_COMMANDS = {
    r"ansible-galaxy collection install ": "it comes from Galaxy",
    r"pip install ": "it comes from the package index",
    r"git (clone|commit|diff|push|tag) ": "it is about the repository",
    r"cd ": "a folder of a clone",
    r"export AWS_": "the tests have said whom to ask",
    r"python3 dev\.py ": "it prepares and runs all the other tests, or what runs already",
    r"pytest ": "it runs other tests",
    r"nox ": "it runs other tests",
    r"aws ": "the AWS CLI brings another botocore than the one under test",
}
# A block that can't be run here → why.
EXCUSED_BLOCKS: dict[tuple[str, str], str] = {
    (
        f"{_GUIDES}/guide_credentials.rst",
        first_line,
    ): f"the integration target {target} tries it"
    for first_line, target in {
        "- name: Set credentials once": "credentials",
        "$ export AWS_ROLE_ARN=arn:aws:iam::123456789012:role/pipeline": "credentials",
        "[profile pipeline]": "credentials",
        "{": "least_privilege",
    }.items()
}

# The worlds in which the examples of a plugin are run; without an entry in both.
_BOTH = ("behind", "settled")
_WORLDS = {"module wait_for_rollout": ("settled",)}
# Tasks of plugins' examples that fail where something is behind, as they shall.
FAILS_WHERE_BEHIND = {"module stack_instance_info": ["Stop unless every stack instance of every product is current"]}

# The world from this block of a guide on; without an entry it is C(behind) from the first on.
WORLD_FROM = {
    (f"{_GUIDES}/guide_rollout_gate.rst", "$ ansible-playbook stackfleet.servicecatalog.rollout_gate \\"): "settling",
    (f"{_GUIDES}/guide_migration.rst", '$ until [ -z "$(python3 loop.py)" ]; do sleep 30; done'): "settled",
    (f"{_GUIDES}/guide_why_outdated.rst", "# without_suspended.yml"): "suspended",
}
# A play that shall fail → what it says then. A command shall fail where the output that is shown tells so.
FAILS = {("README.md", "- name: Continue only if the guardrails are current in every account and Region"): "3 of 6"}


def worlds_of(document: str) -> t.Sequence[str]:
    """In which worlds a plugin's examples are run."""
    return _WORLDS.get(document, _BOTH)
