# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's core in a process, called as its modules call it. The argument is a module's options as JSON."""

from __future__ import annotations

import json
import sys

import boto3

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances as _listing
from benchmarks.stopwatch import timed

selection = _selection.from_options(json.loads(sys.argv[1]))
clients = _client.connect(boto3.client, concurrency=selection.concurrency)
# They are made at their first use, which for the peers is before the clock starts.
assert clients.service_catalog and clients.cloudformation
timed(lambda: _listing.read(clients, selection).stack_instances)
