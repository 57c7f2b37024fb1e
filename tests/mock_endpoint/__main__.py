# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the mock endpoint: C(python -m mock_endpoint), with C(tests/) as the working directory."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path


def arguments() -> argparse.Namespace:
    """What was given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m mock_endpoint", description="A mock AWS endpoint for tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="write the port into this file once connections are accepted")
    parser.add_argument("--fleet", type=Path, help="a JSON file of products to begin with")
    parser.add_argument("--latency-ms", type=float, default=0, help="milliseconds that each AWS request takes at least")
    parser.add_argument("--enforce-iam", action="store_true")
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--stop-with-stdin", action="store_true", help="end when standard input is closed")
    return parser.parse_args()


def main() -> None:
    """Serve until a signal, a request to stop or the end of standard input."""
    given = arguments()
    # moto and boto3 look at these; no request of the mock's may leave this machine.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_ACCESS_KEY_ID="mock", AWS_SECRET_ACCESS_KEY="mock", AWS_DEFAULT_REGION="us-east-1")

    # moto takes most of a second to import: not for --help.
    from mock_endpoint.server import Endpoint

    endpoint = Endpoint(given.host, given.port, given.tls_cert, given.tls_key)
    endpoint.set_latency(given.latency_ms)
    if given.fleet:
        endpoint.add_products(json.loads(given.fleet.read_text()))
    endpoint.enforce_iam(given.enforce_iam)
    endpoint.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: endpoint.stopped.set())
    if given.stop_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.read(), endpoint.stopped.set()), daemon=True).start()
    if given.port_file:
        written = given.port_file.with_name(given.port_file.name + ".new")
        written.write_text(f"{endpoint.port}\n")
        written.replace(given.port_file)
    print(endpoint.url, flush=True)
    endpoint.stopped.wait()
    endpoint.stop()


if __name__ == "__main__":
    main()
