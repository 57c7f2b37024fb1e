# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry as _cache_entry


def test_what_is_encoded_comes_back() -> None:
    row = {
        "provisioned_product_id": "pp-a",
        "provisioned_product_name": "{{ 'é\u2028' }}",
        "account": "000000000001",
        "region": "eu-west-1",
        "stack_instance_status": "CURRENT",
        "status_reason": None,
    }
    answer = _cache_entry.Answer([row], ["careful"])
    entry = json.loads(json.dumps(_cache_entry.encoded(answer, "k", 1.5)))
    assert _cache_entry.decoded(entry, "k") == (answer, 1.5)
