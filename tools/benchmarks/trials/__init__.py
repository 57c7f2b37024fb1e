# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is compared with what."""

from __future__ import annotations

import typing as t

from benchmarks.lab import Lab
from benchmarks.measure import Trial
from benchmarks.trials import inventory, listing, lookup, tasks


def trials(lab: Lab, scale: float) -> list[Trial]:
    """All of them, in the order of the table. O(scale) makes the fleets smaller, for a quick try."""
    kinds: t.Sequence[t.Callable[[Lab, float], list[Trial]]] = (
        listing.trials,
        tasks.trials,
        lookup.trials,
        inventory.trials,
    )
    return [trial for kind in kinds for trial in kind(lab, scale)]
