# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of faults, from the data that the fault matrix runs."""

from __future__ import annotations

import re

from docs.tables.page import list_table
from faults.cases import PLUGINS, TRANSPORTS, WHOLE, Fault, cases, faults

_MARKUP = re.compile(r"([\\*`|_])")


def table() -> str:
    """How much is tried, and each fault with what comes of it."""
    every = faults()
    rows = [(fault.what, *_cells(fault)) for fault in every]
    runs = [(case, plugin) for case in cases(every) for plugin in PLUGINS]
    whole = sum(case.outcomes == [WHOLE] for case, _plugin in runs)
    over_tls = sum(case.transport == TRANSPORTS[1] for case, _plugin in runs)
    counts = (
        f"{len(every)} faults are tried in {len(runs)} runs, {over_tls} of them over TLS: {whole} must bring the whole"
        f" answer, {len(runs) - whole} one sentence."
    )
    return f"{counts}\n\n{list_table(('What happens', 'If it passes', 'If it stays'), rows, (40, 20, 40))}"


def _cells(fault: Fault) -> tuple[str, str]:
    passes, stays = _words(fault.passes), _words(fault.stays)
    # A request that is not made again meets a fault once, whether it would pass or not.
    return passes, "the same" if not stays and fault.passes != WHOLE else stays


def _words(outcome: str | list[str] | None) -> str:
    if outcome is None:
        return ""
    if outcome == WHOLE:
        return "whole answer"
    quoted = [_MARKUP.sub(r"\\\1", words.strip("; ")) for words in ([outcome] if isinstance(outcome, str) else outcome)]
    return "one sentence: " + " or ".join(f'"{words}"' for words in quoted)
