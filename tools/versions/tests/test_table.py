# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of versions."""

from __future__ import annotations

import json

from versions.__main__ import HERE, Result, cells

ROWS = ("2.18", "2.18-oldest")


def result(kind: str, python: str, boto3: str, row: str = "2.18", details: str = "") -> Result:
    versions = {"ansible-core": "2.18.19", "amazon.aws": "9.5.2", "boto3": boto3, "botocore": boto3, "python": python}
    return {"row": row, "kind": kind, "versions": versions, "details": details}


def test_a_row_shows_the_versions_that_its_sessions_used() -> None:
    passed = [
        result("units", "3.13.0", "1.44.8"),
        result("units", "3.8.18", "1.37.38"),
        result("integration", "3.13.0", "1.44.8", details=" with modules on 3.8"),
        result("units", "3.11.7", "1.35.0", row="2.18-oldest"),
    ]
    units, integration = "3.8.18, 3.13.0", "3.13.0 with modules on 3.8"
    versions = ["2.18.19", "9.5.2", "1.37.38 to 1.44.8", "1.37.38 to 1.44.8"]
    assert cells("2.18", passed, [], ROWS) == [*versions, "", units, integration]


def test_a_failed_session_is_visible_in_its_row_only() -> None:
    failed = ["units-2.18-oldest-py3.11", "sanity-2.18", "old-target-2.18"]
    assert cells("2.18", [], failed, ROWS)[4:] == ["FAILED (sanity-2.18)", "", "FAILED (old-target-2.18)"]
    assert cells("2.18-oldest", [], failed, ROWS)[4:] == ["", "FAILED (units-2.18-oldest-py3.11)", ""]


def test_every_row_has_a_controller_that_its_core_supports() -> None:
    versions = json.loads((HERE / "versions.json").read_text(encoding="utf-8"))
    for row in versions["rows"].values():
        assert row["controller"] in versions["cores"][row["core"]]["controllers"]
