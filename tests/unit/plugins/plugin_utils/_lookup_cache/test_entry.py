# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry


def test_a_decoded_entry_equals_the_encoded_listing() -> None:
    row: StackInstance = {
        "provisioned_product_id": "pp-a",
        "provisioned_product_name": "{{ 'é\u2028' }}",
        "account": "000000000001",
        "region": "eu-west-1",
        "stack_instance_status": "CURRENT",
        "status_reason": None,
    }
    listing = entry.CachedListing([row], ["a warning"])
    stored = json.loads(json.dumps(entry.encode(listing, "k", 1.5)))
    assert entry.decode(stored, "k") == (listing, 1.5)
