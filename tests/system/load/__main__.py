# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many lookups at once against one endpoint with faults all the time: C(python -m load), or the nox session C(load)."""

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
# After each, nothing is under way for a moment. In the first quarter the caches of Python, Ansible and botocore fill.
ROUNDS = 12
# What the memory in use may grow by between the second quarter of the rounds and the last.
GROWTH_MIB = 1


def main() -> None:
    """Load, tell the figures, and fail for anything that is not right."""
    parser = argparse.ArgumentParser(prog="load", description="Look up from 32 threads at once while faults play.")
    parser.add_argument("seconds", nargs="?", type=int, default=120, help="for how long (120)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="to draw the same faults again")
    parser.add_argument("--mock-python", default=sys.executable, help="the Python that runs the mock endpoint")
    given = parser.parse_args()
    print(f"seed {given.seed}, {WORKERS} lookups at once for {given.seconds} seconds", flush=True)
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
    """What was not as it must be."""
    # Ansible reads its configuration when it is imported.
    from ansible.plugins.loader import init_plugin_loader
    from ansible.utils.display import Display

    from load import fleet, storm, usage, workers

    init_plugin_loader([])
    warnings: list[str] = []
    Display.warning = lambda self, msg, *args, **kwargs: warnings.append(msg)  # type: ignore[method-assign]
    endpoint.add_products(fleet.products())
    counts, left = workers.Counts(), []
    workers.count_attempts()
    # What is imported by many threads at the same time can block in Python's import system (measured); Ansible's forks
    # import in a process of their own.
    workers.look_up(next(iter(fleet.PRODUCTS)), counts, cache=True)
    planned: Counter[str] = Counter()
    for number in range(ROUNDS):
        with storm.Storm(endpoint, seed + number) as faults:
            workers.work(WORKERS, seconds / ROUNDS, seed + number, counts)
        planned.update(faults.planned)
        left.append(usage.settled())
        print(f"after round {number + 1}: {left[-1]}", flush=True)
    print(f"lookups: {counts.lookups}, right: {dict(counts.right)}, wrong: {len(counts.wrong)}")
    print(f"errors after all attempts: {counts.errors.total()}")
    for text, count in counts.errors.most_common():
        print(f"  {count:5d}  {text}")
    print(f"faults planned: {planned.total()}: {dict(planned)}")
    failures = [*dict.fromkeys(counts.wrong), *dict.fromkeys(warnings)]
    if not (counts.right["asked"] and counts.right["cached"]):
        failures.append("nothing was looked up")
    quarter = ROUNDS // 4
    second, last = left[quarter : 2 * quarter], left[-quarter:]
    before, after = second[0], last[-1]
    early, late = (statistics.median(held.in_use for held in some) for some in (second, last))
    print(f"memory in use: {early:.1f} MiB, at the end {late:.1f} MiB; resident at most {usage.peak():.0f} MiB")
    if after.descriptors > before.descriptors or after.threads > before.threads:
        failures.append("descriptors or threads were left behind")
    if late > early + GROWTH_MIB:
        failures.append("memory grew")
    return failures


if __name__ == "__main__":
    main()
