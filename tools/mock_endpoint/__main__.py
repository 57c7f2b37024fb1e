# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the mock endpoint: C(python -m mock_endpoint), with C(tests/) as the working directory."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import typing as t
from pathlib import Path


def arguments() -> argparse.Namespace:
    """What was given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m mock_endpoint", description="A mock AWS endpoint for tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="write the port into this file once connections are accepted")
    parser.add_argument("--fleet", type=Path, help="a JSON file of products to begin with")
    parser.add_argument("--latency-ms", type=float, default=0, help="milliseconds that each AWS request takes at least")
    parser.add_argument("--enforce-iam", action="store_true", help="check signatures and policies")
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--log-requests", type=Path, help="add each request to this file, as a line of JSON")
    parser.add_argument("--stop-with-stdin", action="store_true", help="end when standard input is closed")
    given = parser.parse_args()
    if (given.tls_cert is None) != (given.tls_key is None):
        parser.error("--tls-cert and --tls-key go together")
    return given


def prepare_environment() -> None:
    """Set what moto and boto3 look at, before they are imported; no request of the mock's may leave this machine."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="mock",
        AWS_SECRET_ACCESS_KEY="mock",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        # No browser is served, and it costs time in each request.
        MOTO_DISABLE_GLOBAL_CORS="true",
    )


def main() -> None:
    """Serve until a signal, a request to stop or the end of standard input."""
    given = arguments()
    prepare_environment()
    with contextlib.ExitStack() as stack:
        try:
            log = stack.enter_context(given.log_requests.open("a", encoding="utf-8")) if given.log_requests else None
            fleet = json.loads(given.fleet.read_text(encoding="utf-8")) if given.fleet else {"products": []}
            serve(given, fleet, log)
        except (OSError, ValueError) as e:
            sys.exit(f"The mock endpoint can't start: {e}")


def serve(given: argparse.Namespace, fleet: t.Any, log: t.TextIO | None) -> None:
    """Start, tell where, wait for the end."""
    # moto takes most of a second to import: not for --help.
    from mock_endpoint import iam
    from mock_endpoint.server import Endpoint

    tls = (given.tls_cert, given.tls_key) if given.tls_cert else None
    endpoint = Endpoint((given.host, given.port), tls, log)
    endpoint.set_latency(given.latency_ms)
    endpoint.add_products(fleet)
    iam.enforce(given.enforce_iam)
    endpoint.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: endpoint.stopped.set())
    if given.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of, args=(sys.stdin, endpoint.stopped), daemon=True).start()
    if given.port_file:
        written = given.port_file.with_name(given.port_file.name + ".new")
        written.write_text(f"{endpoint.port}\n", encoding="utf-8")
        written.replace(given.port_file)
    print(endpoint.url, flush=True)
    endpoint.stopped.wait()
    endpoint.stop()


def _stop_at_end_of(stream: t.TextIO, stopped: threading.Event) -> None:
    stream.read()
    stopped.set()


if __name__ == "__main__":
    main()
