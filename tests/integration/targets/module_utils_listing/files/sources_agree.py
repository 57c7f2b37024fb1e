# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare what Service Catalog and CloudFormation return for the same fleet, over many fleets and selections."""

from __future__ import annotations

import dataclasses
import json
import random
import sys
import typing as t
import urllib.request

import boto3
from ansible.plugins.loader import init_plugin_loader
from botocore.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

init_plugin_loader()
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.client import connect
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import Watch
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import STATUSES, Query, parse
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances

URL, HOME_REGION = sys.argv[1:]
REGIONS = ("ap-south-1", "eu-central-1", "eu-west-1", "eusc-de-east-1", "us-east-1", "us-gov-west-1")
COMMON = ("provisioned_product_id", "provisioned_product_name", "account", "region", "stack_instance_status")
INSTANCES = (
    {"status": "CURRENT"},
    {"status": "OUTDATED", "detailed_status": "FAILED", "status_reason": "<No> & 'role' \u00fc\u4e2d."},
    {"status": "OUTDATED", "detailed_status": "SKIPPED_SUSPENDED_ACCOUNT"},
    {"status": "OUTDATED", "organizational_unit_id": "ou-abcd-1", "last_drift_check_timestamp": "2026-01-15T08:00:00Z"},
    {"status": "INOPERABLE"},
    {"status": "PAUSED", "detailed_status": "SOMETHING_NEW"},
)
IDS = ("pp-a", "pp-b", "pp-c")

Json = t.Dict[str, t.Any]


def instances(accounts: int, regions: t.Sequence[str], density: float, seed: int) -> list[Json]:
    """Return a fleet in random order, which need not have each account in each Region."""
    chance = random.Random(seed)
    rows = [
        {"account": f"{number * 7919:012d}", "region": region, **chance.choice(INSTANCES)}
        for number in range(accounts)
        for region in regions
        if chance.random() < density
    ]
    chance.shuffle(rows)
    return rows


FLEETS = st.builds(
    instances,
    st.integers(0, 60),
    st.lists(st.sampled_from(REGIONS), min_size=1, unique=True),
    st.sampled_from([0.1, 0.8, 1.0]),
    st.integers(0, 1000),
)
SELECTIONS = st.fixed_dictionaries(
    {"concurrency": st.sampled_from([1, 2, 8, 32])},
    optional={
        "accounts": st.lists(st.integers(0, 61).map(lambda number: f"{number * 7919:012d}"), max_size=8),
        "regions": st.lists(st.sampled_from(REGIONS), max_size=4),
        "statuses": st.lists(st.sampled_from(STATUSES), max_size=3),
        "provisioned_product_ids": st.lists(st.sampled_from(IDS)),
        "provisioned_product_names": st.lists(st.sampled_from(IDS).map("name-of-{}".format)),
    },
)
agreed: list[None] = []


def mock(path: str, body: Json) -> None:
    request = urllib.request.Request(f"{URL}/mock/{path}", method="POST", data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=60) as response:
        response.read()


def make_client(service: str, *, aws_config: Json) -> t.Any:
    config = Config(**aws_config)
    return boto3.session.Session().client(service, endpoint_url=URL, region_name=HOME_REGION, config=config)


def read(source: str, options: Json) -> stack_instances.Listing:
    return stack_instances.read(CLIENTS, parse(Query, {**options, "source": source}))


def without_details(products: list[t.Any]) -> list[t.Any]:
    """Return products without what only CloudFormation returns."""
    for product in products:
        product["summary"].pop("by_detailed_status", None)
    return products


CLIENTS = connect(make_client, Watch(), {}, concurrency=32)


@settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(FLEETS, min_size=len(IDS), max_size=len(IDS)), st.lists(SELECTIONS, min_size=1, max_size=3))
def sources_agree(fleets: list[list[Json]], selections: list[Json]) -> None:
    mock("reset", {})
    mock(
        "products",
        {
            "products": [
                {"id": product_id, "name": f"name-of-{product_id}", "region": HOME_REGION, "instances": rows}
                for product_id, rows in zip(IDS, fleets)
            ]
        },
    )
    for options in selections:
        one, other, auto = (read(source, options) for source in ("servicecatalog", "cloudformation", "auto"))
        assert dataclasses.replace(auto, query=other.query) == other
        assert not auto.warnings
        assert [{name: row[name] for name in COMMON} for row in other.stack_instances] == one.stack_instances
        assert other.missing == one.missing
        assert without_details(other.provisioned_products) == one.provisioned_products
    agreed.append(None)


sources_agree()
sys.stdout.write(f"{len(agreed)} fleets agree\n")
