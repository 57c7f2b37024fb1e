# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Timing of one function inside a contestant that is a Python process: imports and clients are made before."""

from __future__ import annotations

import json
import sys
import time
import typing as t


def timed(list_all: t.Callable[[], t.Sequence[object]]) -> None:
    """Run O(list_all), and tell on standard output what it took, and how many it has listed."""
    wall, cpu = time.monotonic(), time.process_time()
    listed = list_all()
    took = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu, "instances": len(listed)}
    json.dump(took, sys.stdout)
