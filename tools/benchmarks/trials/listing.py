# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core compared with a minimal boto3 loop, and one source with the other, each in its own process."""

from __future__ import annotations

import json
import typing as t

from benchmarks.measure import Contestant, Row, Target, Trial
from benchmarks.trials import fleet
from benchmarks.workspace import Workspace

LATENCY = 0.080
SERVICE_CATALOG_PAGE, CLOUDFORMATION_PAGE = 20, 100
GROWTH = (1_000, 10_000, 100_000)


def trials(workspace: Workspace, scale: float) -> list[Trial]:
    """Return trials of CPU time without latency, wall-clock time with latency, concurrent products, and growth."""
    accounts = max(5, int(500 * scale))
    return [
        _no_latency(workspace, accounts),
        _latency(workspace, accounts),
        _concurrent(workspace),
        _growth(workspace, [int(size * scale) for size in GROWTH]),
    ]


def ours(workspace: Workspace, name: str, instances: int, requests: int | None = None, **options: t.Any) -> Contestant:
    """Return the core with options of a module."""
    options_ = {"provisioned_product_ids": [fleet.PRODUCT], **options}
    expects = {"instances": instances, **({} if requests is None else {"requests": requests})}
    return Contestant(
        name, workspace.python("ours/listing.py", json.dumps(options_)), parse=json.loads, expects=expects
    )


def boto3_loop(workspace: Workspace, name: str, instances: int, product_id: str = fleet.PRODUCT) -> Contestant:
    """Return the boto3 loop."""
    expects = {"instances": instances, "requests": -(-instances // SERVICE_CATALOG_PAGE)}
    return Contestant(name, workspace.python("peers/boto3_loop.py", product_id), parse=json.loads, expects=expects)


def _no_latency(workspace: Workspace, accounts: int) -> Trial:
    instances = accounts * len(fleet.REGIONS)
    return Trial(
        "service-catalog-cpu",
        [
            ours(workspace, "servicecatalog", instances, -(-instances // SERVICE_CATALOG_PAGE)),
            boto3_loop(workspace, "boto3 loop", instances),
        ],
        [
            Row(
                "cpu",
                f"{instances:,} instances through Service Catalog, no latency: CPU against a minimal boto3 loop",
                ("servicecatalog", "cpu"),
                ("boto3 loop", "cpu"),
                Target(at_most=1.15),
            )
        ],
        products=[fleet.product(accounts)],
    )


def _latency(workspace: Workspace, accounts: int) -> Trial:
    instances = accounts * len(fleet.REGIONS)
    fast = {concurrency: f"cloudformation, concurrency {concurrency}" for concurrency in (8, 20)}
    return Trial(
        "latency",
        [
            ours(workspace, "servicecatalog", instances, -(-instances // SERVICE_CATALOG_PAGE)),
            boto3_loop(workspace, "boto3 loop", instances),
            *(
                ours(workspace, name, instances, source="cloudformation", concurrency=concurrency)
                for concurrency, name in fast.items()
            ),
        ],
        [
            Row(
                "wall",
                f"{instances:,} instances through Service Catalog at 80 ms: wall-clock against requests × latency of"
                " that loop",
                ("servicecatalog", "wall"),
                ("boto3 loop", "waiting"),
                Target(at_most=1.03),
            ),
            Row("loop", "the same against that loop itself", ("servicecatalog", "wall"), ("boto3 loop", "wall")),
            *(
                Row(
                    f"cloudformation-{concurrency}",
                    f"{instances:,} instances in {len(fleet.REGIONS)} Regions at 80 ms: source cloudformation against"
                    f" servicecatalog, concurrency {concurrency}",
                    (fast[concurrency], "wall"),
                    ("servicecatalog", "wall"),
                    Target(at_least=target),
                )
                for concurrency, target in ((8, 20), (20, 45))
            ),
        ],
        products=[fleet.product(accounts)],
        latency=LATENCY,
    )


def _concurrent(workspace: Workspace) -> Trial:
    ids = [f"pp-benchmark{number:05}" for number in range(30)]
    instances = len(ids) * 3 * SERVICE_CATALOG_PAGE
    pair = {concurrency: f"concurrency {concurrency}" for concurrency in (16, 1)}
    return Trial(
        "side-by-side",
        [
            ours(workspace, name, instances, len(ids) * 3, provisioned_product_ids=ids, concurrency=concurrency)
            for concurrency, name in pair.items()
        ],
        [
            Row(
                "side-by-side",
                f"{len(ids)} products of 3 pages at 80 ms: concurrency 16 against one after another",
                (pair[16], "wall"),
                (pair[1], "wall"),
                Target(at_least=12),
            )
        ],
        products=[fleet.product(3, product_id=product_id) for product_id in ids],
        latency=LATENCY,
    )


def _growth(workspace: Workspace, sizes: t.Sequence[int]) -> Trial:
    """Return the trial of growth. The names end with the number of instances, which the plot uses."""
    ids = {size: f"pp-growth{size}" for size in sizes}
    sources = ("servicecatalog", "cloudformation")
    return Trial(
        "growth",
        [
            contestant
            for size in sizes
            for contestant in (
                *(
                    ours(workspace, f"{source} {size}", size, provisioned_product_ids=[ids[size]], source=source)
                    for source in sources
                ),
                boto3_loop(workspace, f"boto3 loop {size}", size, ids[size]),
            )
        ],
        [
            *(
                Row(
                    f"growth-{source.split()[0]}",
                    f"CPU per instance at {sizes[-1]:,} against {sizes[0]:,} instances: {source}",
                    (f"{source} {sizes[-1]}", "cpu"),
                    (f"{source} {sizes[0]}", "cpu"),
                    Target(at_most=1.1) if source in sources else Target(),
                    per=(sizes[-1], sizes[0]),
                )
                for source in (*sources, "boto3 loop")
            ),
            Row(
                "memory-of-core",
                f"{sizes[-1]:,} instances: peak memory of the core without Ansible against that loop",
                (f"servicecatalog {sizes[-1]}", "peak"),
                (f"boto3 loop {sizes[-1]}", "peak"),
            ),
        ],
        products=[fleet.product(size // len(fleet.REGIONS), product_id=ids[size]) for size in sizes],
    )
