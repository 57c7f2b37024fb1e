# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A minimal loop that lists the stack instances of a product with boto3."""

from __future__ import annotations

import sys
import typing as t

import boto3

from benchmarks.stopwatch import timed

client = boto3.client("servicecatalog")
parameters = {"ProvisionedProductId": sys.argv[1], "PageSize": 20}


def list_all() -> list[dict[str, t.Any]]:
    """Return all stack instances in a list."""
    rows: list[dict[str, t.Any]] = []
    while True:
        response = client.list_stack_instances_for_provisioned_product(**parameters)
        rows += response["StackInstances"]
        if "NextPageToken" not in response:
            return rows
        parameters["PageToken"] = response["NextPageToken"]


timed(list_all)
