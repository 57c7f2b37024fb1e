# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulate a rollout of the product "logging" in the mock AWS endpoint, a few stack instances at a time.

Usage: python3 roll_out.py URL
"""

from __future__ import annotations

import itertools
import json
import sys
import time
import typing as t
import urllib.request
from pathlib import Path

PRODUCT = "logging"
SECONDS = 8
STEPS = 4


def main() -> None:
    """Set all stack instances to CURRENT in some steps, then the product to AVAILABLE."""
    url = sys.argv[1]
    fleet = json.loads(Path(__file__).with_name("fleet.json").read_text(encoding="utf-8"))
    [product] = [product for product in fleet["products"] if product["name"] == PRODUCT]
    targets = list(itertools.product(product["matrix"]["regions"], product["matrix"]["accounts"]))
    for step in range(STEPS):
        time.sleep(SECONDS / STEPS)
        updated = targets[step * len(targets) // STEPS : (step + 1) * len(targets) // STEPS]
        rows = [{"account": account, "region": region, "status": "CURRENT"} for region, account in updated]
        patch(url, product["id"], instances=rows)
    patch(url, product["id"], status="AVAILABLE")


def patch(url: str, product_id: str, **changes: t.Any) -> None:
    """Change fields of the product in the mock endpoint."""
    request = urllib.request.Request(
        f"{url}/mock/products/{product_id}", method="PATCH", data=json.dumps(changes).encode()
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


if __name__ == "__main__":
    main()
