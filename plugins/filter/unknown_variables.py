# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_variables
version_added: 1.0.0
short_description: Find misspelled names of variables
description:
  - Return the names that are not in a list of known names, each with the most similar known name.
  - The role P(stackfleet.servicecatalog.rollout_gate#role) uses this filter to refuse misspelled variables, which
    Ansible ignores.
author:
  - stackfleet contributors (@stackfleet)
positional: known
options:
  _input:
    description:
      - Names to check, such as those that P(ansible.builtin.varnames#lookup) returns.
    type: list
    elements: str
    required: true
  known:
    description:
      - Known names.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse misspelled variables
  ansible.builtin.assert:
    that: unknown | length == 0
    fail_msg: "Unknown variables: {{ unknown | join(', ') }}"
  vars:
    known: [rollout_gate_region, rollout_gate_timeout]
    # A variable rollout_gate_timout makes this ["rollout_gate_timout (did you mean rollout_gate_timeout?)"].
    unknown: "{{ query('ansible.builtin.varnames', '^rollout_gate_')
      | stackfleet.servicecatalog.unknown_variables(known) }}"
"""

RETURN = r"""
_value:
  description: The unknown names, sorted. Each is followed by a question with the most similar known name, if any.
  type: list
  elements: str
  sample: ["rollout_gate_timout (did you mean rollout_gate_timeout?)"]
"""

import difflib
import typing as t


def unknown_variables(names: t.Sequence[str], known: t.Sequence[str]) -> list[str]:
    """Return the names that are not known, each with the most similar known name."""
    return [_with_suggestion(name, known) for name in sorted(set(names) - set(known))]


def _with_suggestion(name: str, known: t.Sequence[str]) -> str:
    similar = difflib.get_close_matches(name, known, n=1)
    return f"{name} (did you mean {similar[0]}?)" if similar else name


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"unknown_variables": unknown_variables}
