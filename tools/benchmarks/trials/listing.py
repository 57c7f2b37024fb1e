# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The core against the barest boto3 loop, and one source against the other. All in processes of their own."""

from __future__ import annotations

import json
import typing as t

from benchmarks.lab import Lab
from benchmarks.measure import Contestant, Row, Target, Trial
from benchmarks.trials import fleet

LATENCY = 0.080
SERVICE_CATALOG_PAGE, CLOUDFORMATION_PAGE = 20, 100
GROWTH = (1_000, 10_000, 100_000)


def trials(lab: Lab, scale: float) -> list[Trial]:
    """Cost without latency, wall-clock with it, products side by side, and growth."""
    accounts = max(5, int(500 * scale))
    return [
        _no_latency(lab, accounts),
        _latency(lab, accounts),
        _side_by_side(lab),
        _growth(lab, [int(size * scale) for size in GROWTH]),
    ]


def ours(lab: Lab, name: str, instances: int, requests: int | None = None, **options: t.Any) -> Contestant:
    """The core with these options of a module."""
    asked = {"provisioned_product_ids": [fleet.PRODUCT], **options}
    expects = {"instances": instances, **({} if requests is None else {"requests": requests})}
    return Contestant(name, lab.python("ours/listing.py", json.dumps(asked)), tell=json.loads, expects=expects)


def boto3_loop(lab: Lab, name: str, instances: int, product_id: str = fleet.PRODUCT) -> Contestant:
    """The peer."""
    expects = {"instances": instances, "requests": -(-instances // SERVICE_CATALOG_PAGE)}
    return Contestant(name, lab.python("peers/boto3_loop.py", product_id), tell=json.loads, expects=expects)


def _no_latency(lab: Lab, accounts: int) -> Trial:
    instances = accounts * len(fleet.REGIONS)
    return Trial(
        "service-catalog-cpu",
        [
            ours(lab, "servicecatalog", instances, -(-instances // SERVICE_CATALOG_PAGE)),
            boto3_loop(lab, "boto3 loop", instances),
        ],
        [
            Row(
                "cpu",
                f"{instances:,} instances through Service Catalog, no latency: CPU against the barest boto3 loop",
                ("servicecatalog", "cpu"),
                ("boto3 loop", "cpu"),
                Target(at_most=1.15),
            )
        ],
        products=[fleet.product(accounts)],
    )


def _latency(lab: Lab, accounts: int) -> Trial:
    instances = accounts * len(fleet.REGIONS)
    fast = {concurrency: f"cloudformation, concurrency {concurrency}" for concurrency in (8, 20)}
    return Trial(
        "latency",
        [
            ours(lab, "servicecatalog", instances, -(-instances // SERVICE_CATALOG_PAGE)),
            boto3_loop(lab, "boto3 loop", instances),
            *(
                ours(lab, name, instances, source="cloudformation", concurrency=concurrency)
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


def _side_by_side(lab: Lab) -> Trial:
    ids = [f"pp-benchmark{number:05}" for number in range(30)]
    instances = len(ids) * 3 * SERVICE_CATALOG_PAGE
    pair = {concurrency: f"concurrency {concurrency}" for concurrency in (16, 1)}
    return Trial(
        "side-by-side",
        [
            ours(lab, name, instances, len(ids) * 3, provisioned_product_ids=ids, concurrency=concurrency)
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


def _growth(lab: Lab, sizes: t.Sequence[int]) -> Trial:
    """The names end in the number of instances: the plot goes by that."""
    ids = {size: f"pp-growth{size}" for size in sizes}
    sources = ("servicecatalog", "cloudformation")
    return Trial(
        "growth",
        [
            contestant
            for size in sizes
            for contestant in (
                *(
                    ours(lab, f"{source} {size}", size, provisioned_product_ids=[ids[size]], source=source)
                    for source in sources
                ),
                boto3_loop(lab, f"boto3 loop {size}", size, ids[size]),
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
