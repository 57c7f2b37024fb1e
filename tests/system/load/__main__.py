# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent lookups during continuous fault injection: ``python -m load``, or the nox session ``load``."""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections import Counter

from mock_endpoint.process import MockEndpoint

WORKERS = 32
# After each round, no lookup is running. In the first quarter, the caches of Python, Ansible and botocore fill up.
ROUNDS = 12
# The allowed growth of memory in use from the second quarter of the rounds to the last.
GROWTH_MIB = 1


def main() -> None:
    """Run the test, print its figures, and exit with 1 if a check failed."""
    parser = argparse.ArgumentParser(prog="load", description="Run lookups in 32 threads while faults are injected.")
    parser.add_argument("seconds", nargs="?", type=int, default=120, help="duration (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(2**32), help="seed of an earlier run, to draw the same faults"
    )
    parser.add_argument("--mock-python", default=sys.executable, help="Python that runs the mock endpoint")
    given = parser.parse_args()
    print(f"seed {given.seed}, {WORKERS} concurrent lookups for {given.seconds} seconds", flush=True)
    with tempfile.TemporaryDirectory(prefix="load-") as home, MockEndpoint(given.mock_python, timeout=300) as endpoint:
        os.environ.update(
            ANSIBLE_HOME=home,
            AWS_ENDPOINT_URL=endpoint.url,
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_EC2_METADATA_DISABLED="true",
        )
        failures = load(endpoint, given.seconds, given.seed)
    for failure in failures:
        print(f"FAILED: {failure}")
    sys.exit(1 if failures else 0)


def load(endpoint: MockEndpoint, seconds: float, seed: int) -> list[str]:
    """Run the test and return its failures."""
    # Ansible reads its configuration when it is imported.
    from ansible.plugins.loader import init_plugin_loader
    from ansible.utils.display import Display

    from load import fleet, injector, usage, workers

    init_plugin_loader([])
    warnings: list[str] = []
    Display.warning = lambda self, msg, *args, **kwargs: warnings.append(msg)  # type: ignore[method-assign]
    endpoint.add_products(fleet.products())
    counts, usages = workers.Counts(), []
    workers.count_attempts()
    # A first lookup imports everything: concurrent imports in threads can deadlock. Ansible's forks are processes.
    workers.look_up(next(iter(fleet.PRODUCTS)), counts, cache=True)
    planned: Counter[str] = Counter()
    for number in range(ROUNDS):
        with injector.FaultInjector(endpoint, seed + number) as faults:
            workers.work(WORKERS, seconds / ROUNDS, seed + number, counts)
        planned.update(faults.planned)
        usages.append(usage.settled())
        print(f"after round {number + 1}: {usages[-1]}", flush=True)
    print(f"lookups: {counts.lookups}, correct: {dict(counts.correct)}, wrong: {len(counts.wrong)}")
    print(f"errors: {counts.errors.total()}")
    for text, count in counts.errors.most_common():
        print(f"  {count:5d}  {text}")
    print(f"faults planned: {planned.total()}: {dict(planned)}")
    failures = [*dict.fromkeys(counts.wrong), *dict.fromkeys(warnings)]
    if not (counts.correct["requested"] and counts.correct["cached"]):
        failures.append("no lookup succeeded")
    quarter = ROUNDS // 4
    second, last = usages[quarter : 2 * quarter], usages[-quarter:]
    before, after = second[0], last[-1]
    early, late = (statistics.median(usage_.in_use for usage_ in quarter_) for quarter_ in (second, last))
    print(f"memory in use: {early:.1f} MiB, at the end {late:.1f} MiB; resident peak {usage.peak():.0f} MiB")
    if after.descriptors > before.descriptors or after.threads > before.threads:
        failures.append("open descriptors or threads have increased")
    if late > early + GROWTH_MIB:
        failures.append("memory in use has increased")
    return failures


if __name__ == "__main__":
    main()
