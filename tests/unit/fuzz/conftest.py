# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.world import World


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[World]:
    # pytest reads this file before the collection can be imported.
    from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.world import world

    with world(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For the files of all examples."""
    return tmp_path_factory.mktemp("files")
