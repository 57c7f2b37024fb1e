# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory, compared with that of amazon.aws."""

from __future__ import annotations

import json
import typing as t

from benchmarks.measure import Contestant, Row, Sample, Trial
from benchmarks.trials import fleet
from benchmarks.workspace import Workspace

REGIONS = 17


def trials(workspace: Workspace, scale: float) -> list[Trial]:
    """Return a trial with the same number of hosts from each inventory."""
    accounts = max(5, int(200 * scale))
    hosts = accounts * REGIONS

    def contestant(name: str, file: str, **options: t.Any) -> Contestant:
        source = workspace.scratch / file
        source.write_text(json.dumps({"plugin": name, **options}), encoding="utf-8")
        command = [str(workspace.programs / "ansible-inventory"), "--list", "-i", str(source)]
        environment = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
        return Contestant(name, command, environment, parse=_hosts, expects={"hosts": hosts})

    ours = contestant(
        "stackfleet.servicecatalog.stack_instances",
        "bench.stack_instances.yml",
        provisioned_product_ids=[fleet.PRODUCT],
        region="us-east-1",
    )
    # moto generates some addresses twice: only IDs are unique.
    peer = contestant("amazon.aws.aws_ec2", "bench.aws_ec2.yml", regions=["us-east-1"], hostnames=["instance-id"])
    what = f"an inventory of {hosts:,} hosts, listed by ansible-inventory, against amazon.aws.aws_ec2"
    return [
        Trial(
            "inventory",
            [ours, peer],
            [
                Row("inventory-wall", f"{what}: wall-clock", (ours.name, "wall"), (peer.name, "wall")),
                Row("inventory-cpu", f"{what}: CPU", (ours.name, "cpu"), (peer.name, "cpu")),
                Row("inventory-memory", f"{what}: peak memory", (ours.name, "peak"), (peer.name, "peak")),
            ],
            products=[fleet.product(accounts, REGIONS)],
            prepare=lambda: _run_instances(workspace, hosts),
        )
    ]


def _hosts(output: str) -> Sample:
    return {"hosts": len(json.loads(output)["_meta"]["hostvars"])}


def _run_instances(workspace: Workspace, count: int) -> None:
    """Start EC2 instances in the mock endpoint, in batches, since each takes 0.04 s."""
    import boto3

    client = boto3.client(
        "ec2",
        endpoint_url=workspace.mock.url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    for started in range(0, count, 50):
        batch = min(50, count - started)
        client.run_instances(ImageId="ami-12c6146b", InstanceType="t3.micro", MinCount=batch, MaxCount=batch)
