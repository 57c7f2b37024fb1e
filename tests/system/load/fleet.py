# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stack instances in the mock endpoint, and so the expected result of each lookup."""

from __future__ import annotations

import typing as t

REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")
STATUSES = ("CURRENT", "CURRENT", "CURRENT", "OUTDATED", "INOPERABLE")
PRODUCTS = {f"pp-load{number:09d}": number * 7 for number in range(1, 9)}
"""ID of each product, and its number of accounts, each with all Regions: 21 to 168 stack instances."""

Row = t.Tuple[str, str, str]


def rows(product_id: str) -> list[Row]:
    """Return account, Region and status of each stack instance, sorted."""
    accounts = range(1, 1 + PRODUCTS[product_id])
    return sorted(
        (f"{account:012d}", region, STATUSES[(account + number) % len(STATUSES)])
        for account in accounts
        for number, region in enumerate(REGIONS)
    )


def products() -> list[dict[str, t.Any]]:
    """Return the products in the form of a fleet file."""
    names = ("account", "region", "status")
    return [{"id": id_, "instances": [dict(zip(names, row)) for row in rows(id_)]} for id_ in PRODUCTS]
