# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One mock endpoint for all tests, empty at the beginning of each."""

from __future__ import annotations

import os
import sys
import typing as t

import pytest

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import Botocore

PYTHON = os.environ.get("MOCK_ENDPOINT_PYTHON", sys.executable)


@pytest.fixture(scope="session")
def running() -> t.Iterator[MockEndpoint]:
    """The endpoint's process."""
    with MockEndpoint(PYTHON) as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(running: MockEndpoint) -> MockEndpoint:
    """The endpoint as at its start."""
    running.reset()
    return running


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """Whom tests ask."""
    return Botocore(endpoint.url)
