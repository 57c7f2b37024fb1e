# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import cache as _cache
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry as _cache_entry
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import (
    single_flight as _single_flight,
)

fork = multiprocessing.get_context("fork")
# Of a test that hangs; nothing waits that long.
PATIENCE = 120


def test_the_error_of_the_work_is_raised_whatever_the_lock_is(tmp_path: Path) -> None:
    def work() -> str:
        raise RuntimeError("the work's own")

    os.mkfifo(tmp_path / f"{_single_flight.PREFIX}key", 0o600)
    with pytest.raises(RuntimeError, match="the work's own"):
        _single_flight.one_at_a_time(str(tmp_path), "key", lambda: None, work)


class Place:
    """Where processes meet: the result of the work, and who has begun it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.result, self.begun, self.go = (
            folder,
            folder / "result",
            folder / "begun",
            folder / "go",
        )
        self.begun.touch()

    def look(self) -> str | None:
        return self.result.read_text() if self.result.exists() else None

    def begin(self) -> int:
        """Note that this process works; answers how many have."""
        with self.begun.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return len(self.workers)

    @property
    def workers(self) -> list[int]:
        return [int(line) for line in self.begun.read_text().splitlines()]

    def get(self, work: t.Callable[[], str]) -> str:
        return _single_flight.one_at_a_time(str(self.folder), "key", self.look, work)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def until(condition: t.Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.01)


def started(count: int, function: t.Callable[[], object]) -> list[t.Any]:
    processes = [fork.Process(target=function, daemon=True) for _number in range(count)]
    for process in processes:
        process.start()
    return processes


def ended(processes: list[t.Any]) -> list[int]:
    """The exit codes of processes that end by themselves."""
    for process in processes:
        process.join(PATIENCE)
    return [process.exitcode for process in processes]


def test_what_is_there_needs_no_work(place: Place) -> None:
    place.result.write_text("done")
    assert place.get(lambda: pytest.fail("nothing to do")) == "done"


def test_one_works_and_the_others_wait(place: Place) -> None:
    def work() -> str:
        place.begin()
        until(place.go.exists)
        place.result.write_text("done")
        return "done"

    def run() -> None:
        assert place.get(work) == "done"

    processes = started(20, run)
    until(lambda: place.workers)
    place.go.touch()
    assert ended(processes) == [0] * 20
    assert len(place.workers) == 1


def test_the_lock_of_one_that_is_killed_is_free(place: Place) -> None:
    def work() -> str:
        if place.begin() == 1:
            signal.pause()
        place.result.write_text("done")
        return "done"

    def run() -> None:
        assert place.get(work) == "done"

    processes = started(1, run)
    until(lambda: place.workers)
    processes += started(5, run)
    os.kill(place.workers[0], signal.SIGKILL)
    assert sorted(ended(processes)) == [-signal.SIGKILL, 0, 0, 0, 0, 0]
    assert len(place.workers) == 2


def test_a_failure_is_not_waited_for_by_one_after_the_other(place: Place) -> None:
    # The work of the others only ends when all of them are at it, side by side.
    waiting = 5

    def work() -> str:
        if place.begin() == 1:
            until(place.go.exists)
        else:
            until(lambda: len(place.workers) == 1 + waiting)
        raise RuntimeError("no")

    def run() -> None:
        sleep = time.sleep

        def note_and_sleep(seconds: float) -> None:
            (place.folder / f"waits-{os.getpid()}").touch()
            sleep(seconds)

        time.sleep = note_and_sleep
        with pytest.raises(RuntimeError, match="no"):
            place.get(work)

    processes = started(1, run)
    until(lambda: place.workers)
    processes += started(waiting, run)
    until(lambda: all((place.folder / f"waits-{process.pid}").exists() for process in processes[1:]))
    place.go.touch()
    assert ended(processes) == [0] * (1 + waiting)
    assert len(place.workers) == 1 + waiting


def test_a_failure_of_the_past_is_none(place: Place) -> None:
    with pytest.raises(ZeroDivisionError):
        place.get(lambda: 1 / 0)  # type: ignore[return-value]
    assert place.get(lambda: "done") == "done"


def test_nobody_waits_for_ever(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> str:
        place.begin()
        signal.pause()
        return ""

    [process] = started(1, lambda: place.get(hang))
    until(lambda: place.workers)
    now = time.monotonic
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr("time.monotonic", lambda: now() + 30 * len(waited))
    assert place.get(lambda: "by myself") == "by myself"
    assert len(waited) == _single_flight.WAIT_SECONDS / 30
    process.kill()
    process.join()


@pytest.mark.parametrize("refused", ["os.open", "fcntl.flock"])
def test_without_locks_everybody_works(place: Place, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    def refuse(*_arguments: object) -> t.NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(refused, refuse)
    result = place.get(lambda: "done")
    monkeypatch.undo()
    assert result == "done"


def test_200_processes_under_kill(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holders of the lock are killed while they list and while they write, and others at random."""
    monkeypatch.setattr("ansible.constants.ANSIBLE_HOME", str(place.folder))
    options = {
        "cache_plugin": _cache.DEFAULT_PLUGIN,
        "cache_timeout": 3600,
        "cache_connection": None,
        "cache_prefix": "x_",
    }
    rows = [
        {
            "provisioned_product_id": "pp-a",
            "provisioned_product_name": None,
            "account": f"{number:012d}",
            "region": "eu-west-1",
            "stack_instance_status": "CURRENT",
        }
        for number in range(200)
    ]
    killed_listing, killed_writing = 5, 3
    replace = os.replace

    def die_instead_of_replacing(source: str, target: str) -> None:
        if len(place.workers) <= killed_listing + killed_writing:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)

    def ask(_selection: Selection) -> _cache_entry.Answer:
        if place.begin() <= killed_listing:
            signal.pause()
        until(place.go.exists)
        return _cache_entry.Answer(rows, [])

    def run() -> None:
        os.replace = die_instead_of_replacing
        answer = _cache.answer(options, Selection(("pp-a",)), ask, pytest.fail)
        assert answer == _cache_entry.Answer(rows, [])

    processes = started(200, run)
    for number in range(killed_listing):
        until(lambda number=number: len(place.workers) > number)
        os.kill(place.workers[number], signal.SIGKILL)
    bystanders = random.sample([p for p in processes if p.pid not in place.workers], 20)
    for process in bystanders:
        process.kill()
    place.go.touch()
    codes = ended(processes)
    assert set(codes) == {0, -signal.SIGKILL}
    listings = len(place.workers)
    # Each death of a holder costs a listing, whichever bystander had become one; no more are made.
    assert killed_listing + killed_writing < listings <= killed_listing + killed_writing + 1 + len(bystanders)
    assert codes.count(0) >= 200 - killed_listing - killed_writing - len(bystanders)
    run()
    assert len(place.workers) == listings
