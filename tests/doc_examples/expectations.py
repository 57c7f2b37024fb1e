# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not run and why, and what an example needs to find. Nothing else is left out, and an entry that fits nothing
is a failure.
"""

from __future__ import annotations

import typing as t

# A command that can't be run here, as a regular expression for its beginning → why.
EXCUSED_COMMANDS = {
    r"ansible-galaxy collection install stackfleet\.servicecatalog": "it comes from Galaxy",
    r"pip install": "it comes from the package index",
    r"git clone": "it comes from GitHub",
    r"python3 dev\.py": "a check of its own, or what the tests have started already",
    r"cd ": "a folder of the clone or the user's own",
    r"export AWS_": "the tests have set where the mock endpoint is",
    r"aws ": "the AWS CLI brings another botocore than the one under test",
}
# A block, by its document and first line → why.
EXCUSED_BLOCKS: dict[tuple[str, str], str] = {}
# Documents whose blocks another test runs.
RUN_ELSEWHERE = {"docs/docsite/rst/guide_awx.rst": "the integration target guide_awx"}

BOTH = ("behind", "settled")
# The worlds in which the examples of a plugin are run; without an entry in both.
WORLDS = {"module wait_for_rollout": ("settled",)}
# Tasks of plugins' examples that fail where something is behind, as they shall.
FAILS_WHERE_BEHIND = {"module stack_instance_info": ["Stop unless every stack instance of every product is current"]}
# The world from this block of a guide on; without an entry it is C(behind) from the first on.
WORLD_FROM: dict[tuple[str, str], str] = {}
# Blocks that are run though a command shows nothing of it, and that shall fail.
FAILS: set[tuple[str, str]] = set()


def worlds_of(document: str) -> t.Sequence[str]:
    """In which worlds a plugin's examples are run."""
    return WORLDS.get(document, BOTH)
