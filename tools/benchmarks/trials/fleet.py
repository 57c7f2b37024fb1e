# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Products in the form of a fleet file."""

from __future__ import annotations

import typing as t

REGIONS = (
    *("af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
    *("ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1"),
)
PRODUCT = "pp-benchmark00001"


def product(accounts: int, regions: int = len(REGIONS), product_id: str = PRODUCT) -> dict[str, t.Any]:
    """Return a product in accounts with the same Regions each. One tenth of it is OUTDATED."""
    statuses = {"OUTDATED": accounts * regions // 10}
    return {"id": product_id, "matrix": {"accounts": accounts, "regions": REGIONS[:regions], "statuses": statuses}}
