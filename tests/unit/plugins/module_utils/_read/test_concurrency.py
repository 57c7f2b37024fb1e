# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time
import typing as t
from concurrent.futures import wait

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import concurrency as _side_by_side
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.concurrency import Cancelled, side_by_side


@pytest.mark.parametrize("limit", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_results_come_in_the_order_of_the_items(count: int, limit: int) -> None:
    assert side_by_side(lambda item, check: item * 2, range(count), limit) == [item * 2 for item in range(count)]


@pytest.mark.parametrize(("limit", "items"), [(3, 9), (8, 2), (1, 4)])
def test_no_more_than_the_limit_run_at_once(limit: int, items: int) -> None:
    together = min(limit, items)
    # Nobody passes before as many have come as may run at once; one more would show in the peak.
    barrier = threading.Barrier(together)
    running: set[int] = set()
    peak = 0
    lock = threading.Lock()

    def work(item: int, check: t.Callable[[], None]) -> None:
        nonlocal peak
        with lock:
            running.add(item)
            peak = max(peak, len(running))
        if item < together:
            barrier.wait(timeout=30)
        with lock:
            running.remove(item)

    side_by_side(work, range(items), limit)
    assert peak == together


def test_a_failure_stops_the_rest_and_is_raised() -> None:
    started = threading.Event()
    outcome: list[str] = []

    def work(item: int, check: t.Callable[[], None]) -> None:
        if item == 1:
            started.wait(timeout=30)
            raise ValueError("the second")
        if item == 0:
            started.set()
            try:
                while True:
                    check()
            except Cancelled:
                outcome.append("cancelled")
                raise
        outcome.append("ran")

    with pytest.raises(ValueError, match="the second"):
        side_by_side(work, range(50), 2)
    assert outcome == ["cancelled"]


def test_nothing_starts_after_a_failure_however_late_the_caller_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)
    outcome: list[str] = []

    def work(item: int, check: t.Callable[[], None]) -> None:
        if item > 1:
            outcome.append("ran")
            return
        both.wait(timeout=30)
        if item == 0:
            raise ValueError("the first")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            check()

    monkeypatch.setattr(_side_by_side, "wait", lambda futures, return_when: wait(futures))
    with pytest.raises(ValueError, match="the first"):
        side_by_side(work, range(50), 2)
    assert outcome == []


def test_of_several_failures_that_of_the_first_item_is_raised() -> None:
    barrier = threading.Barrier(2)

    def work(item: int, check: t.Callable[[], None]) -> None:
        barrier.wait(timeout=30)
        raise ValueError(str(item))

    with pytest.raises(ValueError, match="0"):
        side_by_side(work, range(2), 2)
