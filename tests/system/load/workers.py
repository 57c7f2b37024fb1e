# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads that run lookups without a pause, and check each result."""

from __future__ import annotations

import contextvars
import random
import threading
import time
import typing as t
from collections import Counter

from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from load import fleet, injector

NAME = "stackfleet.servicecatalog.stack_instances"
ATTEMPTS = 4
# Shorter than a run, so that entries expire while other threads wait for them.
CACHE_TIMEOUT_SECONDS = 2
NOT_RETRIED = "the response from AWS contained no list"

OPTIONS: dict[str, t.Any] = {
    "aws_config": {"retries": {"total_max_attempts": ATTEMPTS}, "read_timeout": injector.READ_TIMEOUT_SECONDS},
    "cache_timeout": CACHE_TIMEOUT_SECONDS,
}

_sent: contextvars.ContextVar[list[t.Any]] = contextvars.ContextVar("sent")
"""The bodies that a lookup has sent; the collection copies the context to its own threads."""


class Counts:
    """The results of all workers."""

    def __init__(self) -> None:
        self.correct: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.wrong: list[str] = []

    @property
    def lookups(self) -> int:
        """The number of lookups."""
        return self.correct.total() + self.errors.total() + len(self.wrong)


def count_attempts() -> None:
    """Record the requests of each lookup from now on."""
    send = URLLib3Session.send

    def counted(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        _sent.get().append(request.body)
        return t.cast(AWSResponse, send(session, request))

    URLLib3Session.send = counted  # type: ignore[method-assign]  # of every client in this process


def work(workers: int, seconds: float, seed: int, counts: Counts) -> None:
    """Run all workers until the time is over."""
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=run, args=(seed, n, until, counts), daemon=True) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(seed: int, number: int, until: float, counts: Counts) -> None:
    """Run lookups until a time of the monotonic clock. Every second worker uses the cache."""
    choose = random.Random(seed * 1000 + number)
    while time.monotonic() < until:
        product_id = choose.choice(list(fleet.PRODUCTS))
        statuses = choose.choice((None, None, ["OUTDATED"], ["CURRENT", "INOPERABLE"]))
        look_up(product_id, counts, statuses, cache=number % 2 == 1)


def look_up(product_id: str, counts: Counts, statuses: list[str] | None = None, *, cache: bool = False) -> None:
    """Run one lookup and check its result."""
    expected = [row for row in fleet.rows(product_id) if statuses is None or row[2] in statuses]
    _sent.set([])
    options = {**OPTIONS, "cache": cache, "statuses": statuses}
    try:
        result = lookup_loader.get(NAME).run([product_id], {}, **options)
    except AnsibleError as e:
        check_error(str(e), counts)
    except Exception as e:
        counts.wrong.append(repr(e))
    else:
        rows = [(row["account"], row["region"], row["stack_instance_status"]) for row in result]
        if rows == expected and all(row["provisioned_product_id"] == product_id for row in result):
            counts.correct["cached" if cache else "requested"] += 1
        else:
            counts.wrong.append(f"{len(rows)} rows of {product_id} instead of {len(expected)}")


def check_error(text: str, counts: Counts) -> None:
    """Check that an error is one line, and that all attempts for one page failed or that it is not retried."""
    last = _sent.get()[-ATTEMPTS:]
    exhausted = len(last) == ATTEMPTS and len(set(last)) == 1
    if text.startswith("Failed to list") and "\n" not in text and (exhausted or NOT_RETRIED in text):
        counts.errors[text.rpartition(": ")[2]] += 1
    else:
        counts.wrong.append(text)
