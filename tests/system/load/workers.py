# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads that look up without a pause, and judge each answer."""

from __future__ import annotations

import random
import threading
import time
import typing as t
from collections import Counter

from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from load import fleet, storm

NAME = "stackfleet.servicecatalog.stack_instances"
ATTEMPTS = 4
# Shorter than a run, so that entries expire under those that wait for them.
CACHE_TIMEOUT_SECONDS = 2
WITHOUT_ANOTHER_ATTEMPT = "AWS' answer holds no list"

OPTIONS: dict[str, t.Any] = {
    "aws_config": {"retries": {"total_max_attempts": ATTEMPTS}, "read_timeout": storm.READ_TIMEOUT_SECONDS},
    "cache_timeout": CACHE_TIMEOUT_SECONDS,
}

_sent = threading.local()


class Counts:
    """What all workers have seen."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.wrong: list[str] = []

    @property
    def lookups(self) -> int:
        return self.right.total() + self.errors.total() + len(self.wrong)


def count_attempts() -> None:
    """Let each thread know what it has sent, from now on."""
    send = URLLib3Session.send

    def counted(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        _sent.bodies.append(request.body)
        return t.cast(AWSResponse, send(session, request))

    URLLib3Session.send = counted  # type: ignore[method-assign]  # of every client in this process


def work(workers: int, seconds: float, seed: int, counts: Counts) -> None:
    """Let all workers run, and wait for them."""
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=run, args=(seed, n, until, counts), daemon=True) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(seed: int, number: int, until: float, counts: Counts) -> None:
    """Look up until a time of the monotonic clock. Every second worker uses the cache."""
    choose = random.Random(seed * 1000 + number)
    while time.monotonic() < until:
        product_id = choose.choice(list(fleet.PRODUCTS))
        statuses = choose.choice((None, None, ["OUTDATED"], ["CURRENT", "INOPERABLE"]))
        look_up(product_id, counts, statuses, cache=number % 2 == 1)


def look_up(product_id: str, counts: Counts, statuses: list[str] | None = None, *, cache: bool = False) -> None:
    """One lookup, judged."""
    right = [row for row in fleet.rows(product_id) if statuses is None or row[2] in statuses]
    _sent.bodies = []
    options = {**OPTIONS, "cache": cache, "statuses": statuses}
    try:
        answer = lookup_loader.get(NAME).run([product_id], {}, **options)
    except AnsibleError as e:
        judge_error(str(e), counts)
    except Exception as e:
        counts.wrong.append(repr(e))
    else:
        rows = [(row["account"], row["region"], row["stack_instance_status"]) for row in answer]
        if rows == right and all(row["provisioned_product_id"] == product_id for row in answer):
            counts.right["cached" if cache else "asked"] += 1
        else:
            counts.wrong.append(f"{len(rows)} rows of {product_id} in place of {len(right)}")


def judge_error(text: str, counts: Counts) -> None:
    """An error is one sentence, and allowed when all attempts at one page have been made, or none would help."""
    last = _sent.bodies[-ATTEMPTS:]
    used_up = len(last) == ATTEMPTS and len(set(last)) == 1
    if text.startswith("Failed to list") and "\n" not in text and (used_up or WITHOUT_ANOTHER_ATTEMPT in text):
        counts.errors[text.rpartition(": ")[2]] += 1
    else:
        counts.wrong.append(text)
