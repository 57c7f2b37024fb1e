# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command, and write its time and memory to a file: ``python usage.py FILE COMMAND...``.

This needs a small process of its own: the peak memory of a process includes that at its fork, when it is a copy of its
parent. Started by the benchmarks, which store recorded responses, a contestant could not be smaller than that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

began = time.monotonic()
process = subprocess.Popen(sys.argv[2:])
_pid, status, used = os.wait4(process.pid, 0)
took = {"wall": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(took, file)
sys.exit(os.waitstatus_to_exitcode(status))
