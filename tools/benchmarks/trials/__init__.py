# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The trials: which contestants are compared."""

from __future__ import annotations

import typing as t

from benchmarks.measure import Trial
from benchmarks.trials import inventory, listing, lookup, tasks
from benchmarks.workspace import Workspace


def trials(workspace: Workspace, scale: float) -> list[Trial]:
    """Return all trials in the order of the table. A scale below 1 reduces the fleets."""
    kinds: t.Sequence[t.Callable[[Workspace, float], list[Trial]]] = (
        listing.trials,
        tasks.trials,
        lookup.trials,
        inventory.trials,
    )
    return [trial for kind in kinds for trial in kind(workspace, scale)]
