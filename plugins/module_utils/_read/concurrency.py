# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Concurrent work that is complete or an error. Private to this collection."""

from __future__ import annotations

import contextvars
import queue
import threading
import typing as t

Item = t.TypeVar("Item")
Result = t.TypeVar("Result")
Check = t.Callable[[], None]

if t.TYPE_CHECKING:
    # The number of an item, its result, and its failure.
    Ended = queue.SimpleQueue[tuple[int, t.Any, BaseException | None]]


class Cancelled(Exception):
    """Raised by the check of work whose result is no longer wanted."""


def run_concurrently(function: t.Callable[[Item, Check], Result], items: t.Sequence[Item], limit: int) -> list[Result]:
    """Call a function for each item, and return the results in the order of the items.

    The first failure is raised at once. The others are not waited for: their daemon threads end at their next check, or
    with the process.

    Args:
        function: Takes an item and a check. It calls the check between requests, which raises Cancelled after a
            failure elsewhere.
        items: The items.
        limit: The number of calls at the same time.

    Raises:
        Exception: What the function raises; of several at once that of the first item.
    """
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise Cancelled

    workers = min(len(items), limit)
    if workers < 2:
        return [function(item, check) for item in items]
    ended: Ended = queue.SimpleQueue()
    waiting = iter(enumerate(items))
    lock = threading.Lock()

    def work() -> None:
        while not stop.is_set():
            with lock:
                number, item = next(waiting, (-1, None))
            if number < 0:
                return
            try:
                ended.put((number, function(t.cast("Item", item), check), None))
            except BaseException as e:
                # This thread would start another item before the caller's thread wakes up.
                stop.set()
                ended.put((number, None, e))

    for _number in range(workers):
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
    try:
        return _collect(ended, len(items))
    finally:
        stop.set()


def _collect(ended: Ended, count: int) -> list[t.Any]:
    results: dict[int, t.Any] = {}
    while len(results) < count:
        number, result, error = ended.get()
        if error is None:
            results[number] = result
        else:
            raise _first_failure(ended, number, error)
    return [results[number] for number in range(count)]


def _first_failure(ended: Ended, number: int, error: BaseException) -> BaseException:
    """Return the failure of the first item among those that have ended by now."""
    failures = {} if isinstance(error, Cancelled) else {number: error}
    while not failures or not ended.empty():
        number, _result, other = ended.get()
        if other is not None and not isinstance(other, Cancelled):
            failures[number] = other
    return failures[min(failures)]
