# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo playbook against a mock AWS endpoint: run.py MOCK_PYTHON [options of ansible-playbook]

The nox session `demo` calls it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from mock_endpoint.process import MockEndpoint

DEMO = Path(__file__).resolve().parent


def main() -> int:
    """Return the exit code of the playbook."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    mock_python, *options = sys.argv[1:]
    with MockEndpoint(mock_python, "--fleet", str(DEMO / "fleet.json")) as endpoint:
        credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "eu-west-1"}
        env = {**os.environ, **credentials, "AWS_URL": endpoint.url}
        playbook = subprocess.Popen(["ansible-playbook", str(DEMO / "playbook.yml"), *options], env=env)
        try:
            return playbook.wait()
        finally:
            playbook.send_signal(signal.SIGINT)  # does nothing if it has ended
            playbook.wait()


if __name__ == "__main__":
    sys.exit(main())
