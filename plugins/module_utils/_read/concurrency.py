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
    Ended = queue.SimpleQueue[t.Tuple[int, t.Any, t.Optional[BaseException]]]


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
    workers = min(len(items), limit)
    if workers < 2:
        return [function(item, lambda: None) for item in items]
    work = _Work(function, items)
    for _number in range(workers):
        threading.Thread(target=contextvars.copy_context().run, args=(work.run,), daemon=True).start()
    return work.results()


class _Work(t.Generic[Item, Result]):
    """The items of one run, which its threads take one after another."""

    def __init__(self, function: t.Callable[[Item, Check], Result], items: t.Sequence[Item]) -> None:
        self._function = function
        self._count = len(items)
        self._waiting = iter(enumerate(items))
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._ended: Ended = queue.SimpleQueue()

    def run(self) -> None:
        """Work on items until none is left or one has failed."""
        while not self._stop.is_set():
            with self._lock:
                number, item = next(self._waiting, (-1, None))
            if number < 0:
                return
            try:
                self._ended.put((number, self._function(t.cast("Item", item), self._check), None))
            except BaseException as e:
                # This thread would start another item before the caller's thread wakes up.
                self._stop.set()
                self._ended.put((number, None, e))

    def results(self) -> list[Result]:
        """Wait for all results. Raises the first failure."""
        results: dict[int, Result] = {}
        try:
            while len(results) < self._count:
                number, result, error = self._ended.get()
                if error is not None:
                    raise self._first_failure(number, error)
                results[number] = result
        finally:
            self._stop.set()
        return [results[number] for number in range(self._count)]

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _first_failure(self, number: int, error: BaseException) -> BaseException:
        """Return the failure of the first item among those that have ended by now."""
        failures = {} if isinstance(error, Cancelled) else {number: error}
        while not failures or not self._ended.empty():
            number, _result, other = self._ended.get()
            if other is not None and not isinstance(other, Cancelled):
                failures[number] = other
        return failures[min(failures)]
