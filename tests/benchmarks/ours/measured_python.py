# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python that runs a module, measured: runs the same with its arguments, and writes down what that took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

began = time.monotonic()
process = subprocess.Popen([sys.executable, *sys.argv[1:]])
_pid, status, used = os.wait4(process.pid, 0)
took = {"wall": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}
with open(os.environ["BENCHMARK_MEASURED"], "w", encoding="utf-8") as file:
    json.dump(took, file)
sys.exit(os.waitstatus_to_exitcode(status))
