# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextvars
import queue
import threading
import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import concurrency
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.concurrency import (
    Cancelled,
    run_concurrently,
)

Check = t.Callable[[], None]
PATIENCE = 60  # seconds, for what happens at once unless something is broken


@pytest.fixture
def end() -> t.Iterator[threading.Event]:
    """Return an event for which work that hangs waits, and which ends it after the test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("limit", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_results_are_in_the_order_of_the_items(count: int, limit: int) -> None:
    assert run_concurrently(lambda item, _check: item * 2, range(count), limit) == [item * 2 for item in range(count)]


def test_results_may_be_none() -> None:
    assert run_concurrently(lambda _item, _check: None, range(5), 2) == [None] * 5


@pytest.mark.parametrize(("limit", "items"), [(3, 9), (8, 2), (1, 4)])
def test_at_most_the_limit_run_at_the_same_time(limit: int, items: int) -> None:
    together = min(limit, items)
    # As many as may run at the same time wait for each other; one more would be in the peak.
    barrier = threading.Barrier(together)
    running: set[int] = set()
    peak = 0
    lock = threading.Lock()

    def work(item: int, _check: Check) -> None:
        nonlocal peak
        with lock:
            running.add(item)
            peak = max(peak, len(running))
        if item < together:
            barrier.wait(timeout=PATIENCE)
        with lock:
            running.remove(item)

    run_concurrently(work, range(items), limit)
    assert peak == together


def test_a_failure_cancels_the_others_at_their_next_check() -> None:
    started = threading.Event()
    outcome: queue.SimpleQueue[str] = queue.SimpleQueue()

    def work(item: int, check: Check) -> None:
        if item == 1:
            started.wait(timeout=PATIENCE)
            raise ValueError("the second")
        if item == 0:
            started.set()
            try:
                while True:
                    check()
            except Cancelled:
                outcome.put("cancelled")
                raise
        outcome.put("ran")

    with pytest.raises(ValueError, match="the second"):
        run_concurrently(work, range(50), 2)
    assert outcome.get(timeout=PATIENCE) == "cancelled"
    assert outcome.empty()


def test_the_first_failure_is_raised_while_the_others_hang(end: threading.Event) -> None:
    hanging = threading.Barrier(4)
    threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()

    def work(item: int, _check: Check) -> None:
        threads.put(threading.current_thread())
        hanging.wait(timeout=PATIENCE)
        if item == 2:
            raise ValueError("the third")
        end.wait()

    with pytest.raises(ValueError, match="the third"):
        run_concurrently(work, range(4), 4)
    assert not end.is_set()
    # They do not keep the process alive.
    assert all(threads.get().daemon for _thread in range(4))


def test_no_item_begins_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the caller's thread wakes up late, as it gets the failure only after the other thread has ended."""
    both = threading.Barrier(2)
    cancelled = threading.Event()
    ran: list[int] = []

    class Late(queue.SimpleQueue):  # type: ignore[type-arg]
        def get(self, *args: t.Any, **options: t.Any) -> t.Any:
            cancelled.wait(timeout=PATIENCE)
            return super().get(*args, **options)

    def work(item: int, check: Check) -> None:
        if item > 1:
            ran.append(item)
            return
        both.wait(timeout=PATIENCE)
        if item == 0:
            raise ValueError("the first")
        try:
            while True:
                check()
        except Cancelled:
            cancelled.set()
            raise

    monkeypatch.setattr(concurrency.queue, "SimpleQueue", Late)
    with pytest.raises(ValueError, match="the first"):
        run_concurrently(work, range(50), 2)
    assert ran == []


def test_the_failure_of_the_first_item_is_raised_if_several_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Semaphore(0)

    class Complete(queue.SimpleQueue):  # type: ignore[type-arg]
        def put(self, item: t.Any, *args: t.Any) -> None:
            super().put(item, *args)
            ended.release()

        def get(self, *args: t.Any, **options: t.Any) -> t.Any:
            for _item in range(3 if not both_raised.is_set() else 0):
                assert ended.acquire(timeout=PATIENCE)
            both_raised.set()
            return super().get(*args, **options)

    both_raised = threading.Event()
    barrier = threading.Barrier(3)

    def work(item: int, _check: Check) -> None:
        barrier.wait(timeout=PATIENCE)
        raise ValueError(str(item))

    monkeypatch.setattr(concurrency.queue, "SimpleQueue", Complete)
    with pytest.raises(ValueError, match="0"):
        run_concurrently(work, range(3), 3)


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("limit", [1, 2])
def test_any_exception_is_raised(error: BaseException, limit: int) -> None:
    def work(item: int, _check: Check) -> None:
        if item == 1:
            raise error

    with pytest.raises(type(error)) as caught:
        run_concurrently(work, range(3), limit)
    assert caught.value is error


@pytest.mark.parametrize("limit", [1, 3])
def test_context_variables_are_kept(limit: int) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("of the task")
    assert run_concurrently(lambda _item, _check: variable.get(), range(3), limit) == ["of the task"] * 3
