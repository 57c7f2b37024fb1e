# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time limits, with work that hangs until the test ends and limits that are over at once: no test measures time."""

from __future__ import annotations

import contextvars
import queue
import threading
import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import supervision
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import Watch, supervise
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, OutOfTimeError

ADVICE = "If the fleet is large, increase timeout or sleep, or set source=cloudformation."


@pytest.fixture
def end() -> t.Iterator[threading.Event]:
    """Return an event for which work that hangs waits, and which ends it after the test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def no_call_may_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time of each API call be over at once, and check it often."""
    monkeypatch.setattr(supervision, "CALL_SECONDS", 0.0)
    monkeypatch.setattr(supervision, "_CHECK_SECONDS", 0.001)


@pytest.mark.parametrize("seconds", [None, 60])
def test_the_result_of_the_work_is_returned(seconds: float | None) -> None:
    assert supervise(lambda watch: [watch.longest()], seconds) == [0]


def test_work_may_return_none() -> None:
    assert supervise(lambda _watch: None) is None


@pytest.mark.parametrize(
    "error", [CallError("No.", ValueError("x")), KeyError("x"), SystemExit(3), KeyboardInterrupt(), AssertionError()]
)
def test_what_the_work_raises_is_raised(error: BaseException) -> None:
    def work(_watch: Watch) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        supervise(work, 60)
    assert caught.value is error
    # The traceback leads to the cause in the other thread.
    assert caught.traceback[-1].name == "work"


@pytest.mark.parametrize("seconds", [0, -1, 0.01])
def test_work_that_exceeds_its_time_is_left_behind(end: threading.Event, seconds: float) -> None:
    began: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()

    def work(_watch: Watch) -> None:
        began.put(threading.current_thread())
        end.wait()

    with pytest.raises(OutOfTimeError) as caught:
        supervise(work, seconds)
    assert str(caught.value) == f"AWS did not respond completely within {seconds:.0f} s. {ADVICE}"
    assert caught.value.retryable
    # It does not keep the process alive.
    assert began.get(timeout=60).daemon


def test_the_last_fault_is_in_the_message(end: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    watch.last_fault = "Rate exceeded"
    monkeypatch.setattr(supervision, "Watch", lambda _show_retry: watch)
    with pytest.raises(OutOfTimeError) as caught:
        supervise(lambda _watch: end.wait(), 0)
    assert str(caught.value) == (
        f"AWS did not respond completely within 0 s; the last failed attempt: Rate exceeded. {ADVICE}"
    )


@pytest.mark.usefixtures("no_call_may_last")
def test_a_call_that_exceeds_its_time_is_left_behind(end: threading.Event) -> None:
    def work(watch: Watch) -> None:
        with watch.call():
            end.wait()

    with pytest.raises(OutOfTimeError) as caught:
        supervise(work)
    assert str(caught.value) == "the API call did not end within 0 s. Check endpoint_url."
    assert caught.value.retryable


@pytest.mark.usefixtures("no_call_may_last")
def test_a_call_in_a_thread_of_the_work_counts_too(end: threading.Event) -> None:
    def work(watch: Watch) -> None:
        def call() -> None:
            with watch.call():
                watch.last_fault = "HTTP 503"
                end.wait()

        threading.Thread(target=call, daemon=True).start()
        end.wait()

    with pytest.raises(OutOfTimeError, match="the last failed attempt: HTTP 503"):
        supervise(work)


@pytest.mark.usefixtures("no_call_may_last")
def test_work_between_calls_is_not_limited() -> None:
    checked = threading.Semaphore(0)

    class Slow(Watch):
        def longest(self) -> float:
            checked.release()
            return super().longest()

    def work(watch: Watch) -> str:
        with watch.call():
            pass
        for _check in range(3):
            assert checked.acquire(timeout=60)
        return "done"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supervision, "Watch", Slow)
        assert supervise(work) == "done"


def test_a_call_that_fails_has_ended() -> None:
    watch = Watch()
    with pytest.raises(ValueError, match="x"), watch.call():
        raise ValueError("x")
    assert watch.longest() == 0


def test_the_oldest_call_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    watch = Watch()
    ready, end = threading.Barrier(2), threading.Event()

    def other() -> None:
        with watch.call():
            ready.wait()
            end.wait()

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    ready.wait()
    now[0] = 130.0
    with watch.call():
        now[0] = 150.0
        assert watch.longest() == 50
    end.set()
    thread.join()
    assert watch.longest() == 0


def test_context_variables_are_kept() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("of the task")

    def work(_watch: Watch) -> str:
        found = variable.get()
        variable.set("of the work")
        return found

    assert supervise(work) == "of the task"
    assert variable.get() == "of the task"


def test_the_message_is_about_the_oldest_call_in_progress() -> None:
    watch = supervision.Watch()
    assert watch.failure == ""
    with watch.call("list a"):
        inside = threading.Thread(target=_call_once, args=(watch, "list b"))
        inside.start()
        inside.join()
        assert watch.failure == "Failed to list a: "
    assert watch.failure == "Failed to list b: "


def _call_once(watch: supervision.Watch, description: str) -> None:
    with watch.call(description):
        assert watch.failure == "Failed to list a: "
