# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command line of the mock endpoint: ``python -m mock_endpoint`` in the folder ``tools``."""

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

DEFAULT_REGION = "us-east-1"
EPILOG = """\
When the endpoint accepts connections, it prints its URL and the export commands that point AWS clients at it.
It accepts any credentials unless you set --enforce-iam. Stop it with Ctrl+C.
tools/mock_endpoint/README.md describes fleet files and the control calls under /mock/.
"""


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m mock_endpoint",
        description="Start a mock AWS endpoint with Service Catalog provisioned products and fault injection.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: 0, a free port)")
    parser.add_argument("--port-file", type=Path, metavar="FILE", help="write the port to FILE when the endpoint is up")
    parser.add_argument("--fleet", type=Path, metavar="FILE", help="load products from a JSON file on start")
    parser.add_argument(
        "--latency-ms", type=float, default=0, metavar="MS", help="minimum duration of each AWS request (default: 0)"
    )
    parser.add_argument("--enforce-iam", action="store_true", help="verify signatures and evaluate IAM policies")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="serve HTTPS with this certificate (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="private key of --tls-cert (PEM)")
    parser.add_argument(
        "--log-requests", type=Path, metavar="FILE", help="append each AWS request to FILE, one JSON object per line"
    )
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input is closed")
    arguments = parser.parse_args()
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        parser.error("--tls-cert and --tls-key must be used together")
    return arguments


def prepare_environment() -> None:
    """Set the variables that moto and boto3 read on import, so that no request leaves this machine."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ.update(
        AWS_ACCESS_KEY_ID="mock",
        AWS_SECRET_ACCESS_KEY="mock",
        AWS_DEFAULT_REGION=DEFAULT_REGION,
        AWS_EC2_METADATA_DISABLED="true",
        # CORS is only for browsers, and takes time in each request.
        MOTO_DISABLE_GLOBAL_CORS="true",
    )


def main() -> None:
    """Serve until a signal, a stop request or the end of standard input."""
    arguments = parse_arguments()
    prepare_environment()
    with contextlib.ExitStack() as stack:
        try:
            log_file = arguments.log_requests
            log = stack.enter_context(log_file.open("a", encoding="utf-8")) if log_file else None
            fleet = json.loads(arguments.fleet.read_text(encoding="utf-8")) if arguments.fleet else {"products": []}
            serve(arguments, fleet, log)
        except (OSError, ValueError) as e:
            sys.exit(f"Failed to start the mock endpoint: {e}")


def serve(arguments: argparse.Namespace, fleet: t.Any, log: t.TextIO | None) -> None:
    """Start the endpoint, print how to use it, and wait until it is stopped."""
    # Importing moto takes most of a second; --help does not need it.
    from mock_endpoint import iam
    from mock_endpoint.server import Endpoint

    tls = (arguments.tls_cert, arguments.tls_key) if arguments.tls_cert else None
    endpoint = Endpoint((arguments.host, arguments.port), tls, log)
    endpoint.state.set_latency(arguments.latency_ms)
    endpoint.state.add_products(fleet)
    iam.enforce(arguments.enforce_iam)
    endpoint.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: endpoint.state.stopped.set())
    if arguments.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of, args=(sys.stdin, endpoint.state.stopped), daemon=True).start()
    if arguments.port_file:
        # Renamed when complete, so that a reader never finds an empty file.
        written = arguments.port_file.with_name(arguments.port_file.name + ".new")
        written.write_text(f"{endpoint.port}\n", encoding="utf-8")
        written.replace(arguments.port_file)
    # Programs read the first line; one write, as they may close the pipe after it.
    print("\n".join([endpoint.url, *exports(endpoint.url, fleet)]), flush=True)
    endpoint.state.stopped.wait()
    endpoint.stop()


def exports(url: str, fleet: dict[str, t.Any]) -> list[str]:
    """Return the shell commands that point AWS clients at the endpoint, in the Region of the fleet's first product."""
    regions = [str(product["region"]) for product in fleet["products"] if "region" in product]
    region = regions[0] if regions else DEFAULT_REGION
    return [
        f"export AWS_ENDPOINT_URL={url}",
        "export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing",
        # botocore and the AWS CLI v1 read only AWS_DEFAULT_REGION, other SDKs only AWS_REGION.
        f"export AWS_REGION={region} AWS_DEFAULT_REGION={region}",
    ]


def _stop_at_end_of(stream: t.TextIO, stopped: threading.Event) -> None:
    stream.read()
    stopped.set()


if __name__ == "__main__":
    main()
