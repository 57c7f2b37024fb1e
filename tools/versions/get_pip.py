# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install pip from a wheel beside this file, instead of from the host that ansible-test downloads its script from.

ansible-test runs a copy of this file from its cache, under the name get_pip_24_2.py for pip 24.2.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

version = Path(__file__).stem[len("get_pip_") :].replace("_", ".")
sys.path.insert(0, str(Path(__file__).with_name(f"pip-{version}-py3-none-any.whl")))
# Current versions of pip do not have these options.
arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.argv[1:] = ["install", *arguments]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
