# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's core in a process, called as its modules call it. The argument is a module's options as JSON."""

from __future__ import annotations

import json
import sys
import typing as t

import boto3
from botocore.config import Config

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import Watch, supervise
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances
from benchmarks.stopwatch import timed

query = options.parse(options.Query, json.loads(sys.argv[1]))


def make_client(service: str, *, aws_config: dict[str, t.Any], **_parameters: t.Any) -> t.Any:
    """Make a client as amazon.aws does."""
    return boto3.client(service, config=Config(**aws_config))


def list_all(watch: Watch) -> None:
    """Time the listing."""
    clients = client.connect(make_client, watch, {}, concurrency=query.concurrency)
    # They are created on first use; those of the peers are created before the clock starts.
    assert clients.service_catalog and clients.cloudformation
    timed(lambda: stack_instances.read(clients, query).stack_instances)


supervise(list_all)
