# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One mock endpoint for all tests, reset before each test."""

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
    """Start the endpoint once."""
    with MockEndpoint(PYTHON) as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(running: MockEndpoint) -> MockEndpoint:
    """Return the endpoint in its initial state."""
    running.reset()
    return running


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """Return a client of the endpoint."""
    return Botocore(endpoint.url)
