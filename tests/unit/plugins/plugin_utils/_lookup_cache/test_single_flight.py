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

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import cache, single_flight
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache.entry import CachedListing

fork = multiprocessing.get_context("fork")
# After which a test fails that hangs.
TEST_SECONDS = 120


def test_an_error_of_the_work_is_raised_if_the_lock_is_a_pipe(tmp_path: Path) -> None:
    def work(_progress: single_flight.Progress) -> tuple[str, bool]:
        raise RuntimeError("from the work")

    os.mkfifo(tmp_path / "lock", 0o600)
    with pytest.raises(RuntimeError, match="from the work"):
        single_flight.one_at_a_time(str(tmp_path / "lock"), lambda: None, work, pytest.fail)


class Site:
    """A folder that processes share: the result of the work, and the processes that have begun it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.result, self.begun, self.go = folder / "result", folder / "begun", folder / "go"
        self.begun.touch()

    def find(self) -> str | None:
        return self.result.read_text() if self.result.exists() else None

    def begin(self) -> int:
        """Note that this process works, and return how many have begun."""
        with self.begun.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return len(self.workers)

    @property
    def workers(self) -> list[int]:
        return [int(line) for line in self.begun.read_text().splitlines()]

    def get(self, work: t.Callable[[], str], warn: t.Callable[[str], object] = pytest.fail) -> str:
        def noted_work(_progress: single_flight.Progress) -> tuple[str, bool]:
            return work(), self.result.exists()

        return single_flight.one_at_a_time(str(self.lock), self.find, noted_work, warn)

    @property
    def lock(self) -> Path:
        return self.folder / "lock"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def until(condition: t.Callable[[], object]) -> None:
    deadline = time.monotonic() + TEST_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.01)


def started(count: int, function: t.Callable[[], object]) -> list[t.Any]:
    processes = [fork.Process(target=function, daemon=True) for _number in range(count)]
    for process in processes:
        process.start()
    return processes


def ended(processes: list[t.Any]) -> list[int]:
    """Return the exit codes of processes that end by themselves."""
    for process in processes:
        process.join(TEST_SECONDS)
    return [process.exitcode for process in processes]


def test_a_stored_result_needs_no_work(site: Site) -> None:
    site.result.write_text("done")
    assert site.get(lambda: pytest.fail("the result is stored")) == "done"


def test_one_process_works_while_the_others_wait(site: Site) -> None:
    def work() -> str:
        site.begin()
        until(site.go.exists)
        site.result.write_text("done")
        return "done"

    def run() -> None:
        assert site.get(work) == "done"

    processes = started(20, run)
    until(lambda: site.workers)
    site.go.touch()
    assert ended(processes) == [0] * 20
    assert len(site.workers) == 1
    assert not site.lock.exists()


def test_the_lock_of_a_killed_process_is_released(site: Site) -> None:
    def work() -> str:
        if site.begin() == 1:
            signal.pause()
        site.result.write_text("done")
        return "done"

    def run() -> None:
        assert site.get(work) == "done"

    processes = started(1, run)
    until(lambda: site.workers)
    processes += started(5, run)
    os.kill(site.workers[0], signal.SIGKILL)
    assert sorted(ended(processes)) == [-signal.SIGKILL, 0, 0, 0, 0, 0]
    assert len(site.workers) == 2


def note_waits(site: Site) -> None:
    """Note when this process begins to wait."""
    sleep = time.sleep

    def note_and_sleep(seconds: float) -> None:
        (site.folder / f"waits-{os.getpid()}").touch()
        sleep(seconds)

    time.sleep = note_and_sleep


def until_waiting(site: Site, processes: list[t.Any]) -> None:
    until(lambda: all((site.folder / f"waits-{process.pid}").exists() for process in processes))


@pytest.mark.parametrize("fails", [True, False])
def test_processes_that_wait_for_a_result_that_is_not_stored_work_concurrently(site: Site, fails: bool) -> None:
    # The work of the others only ends when all of them work concurrently.
    waiting = 5

    def work() -> str:
        if site.begin() == 1:
            until(site.go.exists)
        else:
            until(lambda: len(site.workers) >= 1 + waiting)
        if fails:
            raise RuntimeError("no")
        return "done"

    def run() -> None:
        note_waits(site)
        if fails:
            with pytest.raises(RuntimeError, match="no"):
                site.get(work)
        else:
            assert site.get(work) == "done"

    processes = started(1, run)
    until(lambda: site.workers)
    processes += started(waiting, run)
    until_waiting(site, processes[1:])
    site.go.touch()
    assert ended(processes) == [0] * (1 + waiting)
    assert len(site.workers) == 1 + waiting
    # Those that come later do not wait either.
    assert ended(started(waiting, run)) == [0] * waiting
    assert len(site.workers) == 1 + 2 * waiting


def test_after_a_result_was_stored_processes_wait_again(site: Site) -> None:
    def work() -> str:
        site.result.write_text("done")
        return "done"

    site.get(lambda: "not stored")
    assert site.lock.stat().st_size > 0
    site.get(work)
    assert not site.lock.exists()


def test_an_old_note_does_not_count(site: Site) -> None:
    site.get(lambda: "not stored")
    long_ago = time.time() - single_flight.NOTE_SECONDS - 1
    os.utime(site.lock, (long_ago, long_ago))
    handle = os.open(site.lock, os.O_RDWR)
    try:
        assert not single_flight._is_noted(handle)
    finally:
        os.close(handle)

    def work() -> str:
        assert site.lock.stat().st_size == 0
        return "done"

    assert site.get(work) == "done"


def test_processes_that_wait_do_not_read_the_result(site: Site) -> None:
    reads = site.folder / "reads"
    find_stored = site.find

    def find() -> str | None:
        with reads.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return find_stored()

    def work() -> str:
        site.begin()
        until(site.go.exists)
        time.sleep(5 * single_flight.POLL_SECONDS)
        site.result.write_text("done")
        return "done"

    def run() -> None:
        note_waits(site)
        site.find = find  # type: ignore[method-assign]
        assert site.get(work) == "done"

    processes = started(1, run)
    until(lambda: site.workers)
    processes += started(3, run)
    until_waiting(site, processes[1:])
    site.go.touch()
    assert ended(processes) == [0] * 4
    # Before the lock, and after it.
    counts = [reads.read_text().splitlines().count(str(process.pid)) for process in processes]
    assert counts == [2, 2, 2, 2]


def test_a_previous_failure_is_not_the_result(site: Site) -> None:
    with pytest.raises(ZeroDivisionError):
        site.get(lambda: 1 / 0)  # type: ignore[arg-type]
    assert site.get(lambda: "done") == "done"


@pytest.mark.parametrize("makes_progress", [False, True])
def test_a_holder_without_progress_is_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, makes_progress: bool
) -> None:
    def hang() -> str:
        site.begin()
        signal.pause()
        return ""

    [process] = started(1, lambda: site.get(hang))
    until(lambda: site.workers)
    now = time.monotonic
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if makes_progress and len(waited) < 100:
            os.utime(site.lock, ns=(len(waited), len(waited)))

    monkeypatch.setattr("time.sleep", wait)
    monkeypatch.setattr("time.monotonic", lambda: now() + 10 * len(waited))
    warnings: list[str] = []
    assert site.get(lambda: "own work", warnings.append) == "own work"
    assert (len(waited) > 100) is makes_progress
    assert warnings == ["Another process that lists the same stack instances had no response for 30 s"]
    process.kill()
    process.join()


def test_a_result_that_another_process_stores_meanwhile_is_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> str:
        site.begin()
        signal.pause()
        return ""

    def store(_seconds: float) -> None:
        site.result.write_text("done")
        site.lock.unlink()

    [process] = started(1, lambda: site.get(hang))
    until(lambda: site.workers)
    monkeypatch.setattr("time.sleep", store)
    assert site.get(lambda: pytest.fail("the result is stored")) == "done"
    process.kill()
    process.join()


def test_a_result_that_will_be_too_old_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> str:
        site.begin()
        signal.pause()
        return ""

    [process] = started(1, lambda: site.get(hang))
    until(lambda: site.workers)
    now = time.monotonic
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr("time.monotonic", lambda: now() + 10 * len(waited))
    found = single_flight.one_at_a_time(
        str(site.lock), site.find, lambda _progress: ("own work", True), pytest.fail, limit=20
    )
    assert found == "own work"
    assert len(waited) in (2, 3)
    process.kill()
    process.join()


@pytest.mark.parametrize("refused", ["os.open", "fcntl.flock"])
def test_without_locks_each_process_works(site: Site, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    def refuse(*_arguments: object) -> t.NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(refused, refuse)
    result = site.get(lambda: "done")
    monkeypatch.undo()
    assert result == "done"


def test_200_processes_of_which_some_are_killed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill holders of the lock while they read and while they write, and other processes at random."""
    monkeypatch.setattr("ansible.constants.ANSIBLE_HOME", str(site.folder))
    options: dict[str, t.Any] = {
        "access_key": "AK",
        "cache_plugin": cache.DEFAULT_PLUGIN,
        "cache_timeout": 3600,
        "cache_connection": None,
        "cache_prefix": "x_",
    }
    rows: list[StackInstance] = [
        {
            "provisioned_product_id": "pp-a",
            "provisioned_product_name": None,
            "account": f"{number:012d}",
            "region": "eu-west-1",
            "stack_instance_status": "CURRENT",
        }
        for number in range(200)
    ]
    killed_reading, killed_writing = 5, 3
    replace = os.replace

    def die_instead_of_replacing(source: str, target: str) -> None:
        if len(site.workers) <= killed_reading + killed_writing:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)

    class Connection:
        def identify(self) -> str:
            pytest.fail("the access key is known")

        def read(self, _query: Query, _progress: single_flight.Progress | None = None) -> CachedListing:
            if site.begin() <= killed_reading:
                signal.pause()
            until(site.go.exists)
            return CachedListing(rows, [])

    def run() -> None:
        os.replace = die_instead_of_replacing
        query = Query(provisioned_product_ids=("pp-a",))
        assert cache.cached_listing(options, query, Connection(), pytest.fail) == CachedListing(rows, [])

    processes = started(200, run)
    for number in range(killed_reading):
        until(lambda number=number: len(site.workers) > number)
        os.kill(site.workers[number], signal.SIGKILL)
    bystanders = random.sample([p for p in processes if p.pid not in site.workers], 20)
    for process in bystanders:
        process.kill()
    site.go.touch()
    codes = ended(processes)
    assert set(codes) == {0, -signal.SIGKILL}
    listings = len(site.workers)
    # Each killed holder costs one listing. A bystander may have become a holder.
    assert killed_reading + killed_writing < listings <= killed_reading + killed_writing + 1 + len(bystanders)
    assert codes.count(0) >= 200 - killed_reading - killed_writing - len(bystanders)
    run()
    assert len(site.workers) == listings
