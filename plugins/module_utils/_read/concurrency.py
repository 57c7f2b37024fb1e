# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One function over many items side by side, whole or not at all. Private to this collection."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

Item = t.TypeVar("Item")
Result = t.TypeVar("Result")


class Cancelled(Exception):
    """Raised by the check of work whose result nobody waits for any more."""


def side_by_side(
    function: t.Callable[[Item, t.Callable[[], None]], Result], items: t.Sequence[Item], limit: int
) -> list[Result]:
    """C(function(item, check)) of every item, at most O(limit) at a time, in the order of the items.

    The first failure stops the rest and is raised: of several at once, that of the first item. Work that makes many
    requests calls C(check()) between them; it raises Cancelled once a sibling has failed.
    """
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise Cancelled

    def work(item: Item) -> Result:
        """Raise the alarm at once: this thread would take up another item before the caller's wakes."""
        check()
        try:
            return function(item, check)
        except BaseException:
            stop.set()
            raise

    if min(len(items), limit) < 2:
        return [function(item, check) for item in items]
    with ThreadPoolExecutor(max_workers=min(len(items), limit)) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
            for future in futures:
                future.cancel()
    errors = (future.exception() for future in futures if not future.cancelled())
    failure = next((error for error in errors if error is not None and not isinstance(error, Cancelled)), None)
    if failure is not None:
        raise failure
    return [future.result() for future in futures]
