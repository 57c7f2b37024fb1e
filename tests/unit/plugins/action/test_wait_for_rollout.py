# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The waiting action, with scripted results of the module that polls."""

from __future__ import annotations

import json
import typing as t
from unittest.mock import MagicMock

import pytest
from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins.loader import action_loader

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import wait

NAME = "stackfleet.servicecatalog.wait_for_rollout"
IDS = {"provisioned_product_ids": ["pp-a"]}
ROW = {
    "provisioned_product_id": "pp-a",
    "provisioned_product_name": "guardrails",
    "account": "000000000001",
    "region": "eu-west-1",
}
NOT_CURRENT = "1 of 1 stack instance OUTDATED (0 tolerated): 000000000001 eu-west-1"


def polled(outcome: str = "ready", message: str = "", **more: t.Any) -> dict[str, t.Any]:
    """Return the result of the module, which polls once."""
    is_ready = outcome == "ready"
    status = "CURRENT" if is_ready else "OUTDATED"
    summary = {
        "total": 1,
        "current": int(is_ready),
        "outdated": int(not is_ready),
        "inoperable": 0,
        "other": 0,
        "all_current": is_ready,
    }
    reason: dict[str, t.Any] = {
        "status": status,
        "detailed_status": None,
        "status_reason": None,
        "count": 1,
        "targets": [],
    }
    return {
        "changed": False,
        "outcome": outcome,
        "ready": is_ready,
        "elapsed": 0,
        "polls": 1,
        "summary": summary,
        "provisioned_products": [{"id": "pp-a", "name": "guardrails", "status": "AVAILABLE", "summary": summary}],
        "not_current": [] if is_ready else [{**ROW, "stack_instance_status": status}],
        "not_current_total": int(not is_ready),
        "reasons": [] if is_ready else [reason],
        "invocation": {"module_args": {}},
        **({} if is_ready else {"failed": True, "msg": message}),
        **more,
    }


def waiting() -> dict[str, t.Any]:
    """Return the result of the module for a rollout that is not ready."""
    return polled("timed_out", f"Not ready: {NOT_CURRENT}")


def call_failed(**result: t.Any) -> dict[str, t.Any]:
    """Return the result of the module for a failed API call."""
    return polled("call_failed", "Failed to describe.", **result)


class Host:
    """Returns scripted results for the module's runs, collects the progress, and has a clock of its own."""

    def __init__(self, *results: dict[str, t.Any] | Exception, seconds: float = 0) -> None:
        self.results = list(results)
        self.seconds = seconds
        self.now = 1000.0
        self.runs: list[dict[str, t.Any]] = []
        self.lines: list[str] = []
        self.error_lines: list[str] = []
        self.pauses: list[float] = []

    def execute(self, **run: t.Any) -> dict[str, t.Any]:
        self.runs.append(run)
        self.now += self.seconds
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def display(self, message: str, *, stderr: bool = False, **_arguments: t.Any) -> None:
        (self.error_lines if stderr else self.lines).append(message)

    @property
    def arguments(self) -> list[dict[str, t.Any]]:
        """The module's arguments in each run."""
        return [run["module_args"] for run in self.runs]


class Run(t.Protocol):
    def __call__(
        self,
        host: Host,
        arguments: t.Mapping[str, t.Any] = ...,
        keywords: t.Mapping[str, t.Any] = ...,
        variables: t.Mapping[str, t.Any] = ...,
    ) -> dict[str, t.Any]: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs the action, loaded by Ansible, without pauses."""

    def run(
        host: Host,
        arguments: t.Mapping[str, t.Any] | None = None,
        keywords: t.Mapping[str, t.Any] | None = None,
        variables: t.Mapping[str, t.Any] | None = None,
    ) -> dict[str, t.Any]:
        monkeypatch.setattr(wait.wait, "__kwdefaults__", {"clock": lambda: host.now, "pause": host.pause})
        action = action_loader.get(
            NAME,
            task=Task.load({"action": NAME, "args": dict(IDS if arguments is None else arguments), **(keywords or {})}),
            connection=MagicMock(has_native_async=False),
            play_context=MagicMock(),
            loader=DataLoader(),
            templar=MagicMock(),
            shared_loader_obj=MagicMock(),
        )
        monkeypatch.setattr(action, "_execute_module", host.execute)
        monkeypatch.setattr(action, "_display", MagicMock(display=host.display))
        return t.cast("dict[str, t.Any]", action.run(task_vars={"inventory_hostname": "first", **(variables or {})}))

    return run


def test_it_polls_with_the_module_of_the_same_name(run: Run) -> None:
    host = Host(waiting(), polled())
    result = run(host, {**IDS, "region": "eu-west-1", "timeout": 60, "sleep": 1, "delay": 5, "report_every": 0})
    assert (result["ready"], result["outcome"], result["polls"], result["not_current"]) == (True, "ready", 2, [])
    assert "failed" not in result
    assert "msg" not in result
    for execution in host.runs:
        assert "module_name" not in execution
    first = host.arguments[0]
    assert {name: first[name] for name in ("region", "delay", "timeout", "report_every", *IDS)} == {
        **IDS,
        "region": "eu-west-1",
        "timeout": 0,
        "delay": 0,
        "report_every": 0,
    }
    assert host.pauses[0] == 5
    assert 0.75 <= host.pauses[1] <= 1


def test_each_poll_gets_the_time_that_is_left_and_one_sleep(run: Run) -> None:
    host = Host(waiting(), waiting(), waiting(), seconds=20)
    result = run(host, {**IDS, "timeout": 60, "sleep": 10})
    first, second, last = (arguments["sleep"] for arguments in host.arguments)
    assert first == 70
    # Each poll lasts 20 s, and each sleep 7.5 to 10 s.
    assert 40 <= second <= 42
    assert 10 <= last <= 15
    assert {arguments["timeout"] for arguments in host.arguments} == {0}
    assert result["outcome"] == "timed_out"
    assert 75 <= result["elapsed"] <= 80


def test_time_that_is_up_is_a_failure_with_the_last_observation(run: Run) -> None:
    result = run(Host(waiting()), {**IDS, "timeout": 0})
    assert (result["failed"], result["outcome"]) == (True, "timed_out")
    assert result["msg"] == f"Not ready: {NOT_CURRENT}"
    assert result["not_current"] == waiting()["not_current"]
    assert (result["not_current_total"], len(result["reasons"])) == (1, 1)


@pytest.mark.parametrize("outcome", ["product_failed", "instances_failed", "wrong_version", "record_failed"])
def test_a_failure_ends_the_wait_with_the_message_of_the_module(run: Run, outcome: str) -> None:
    result = run(Host(waiting(), polled(outcome, "Fix the cause.")))
    assert (result["failed"], result["outcome"], result["msg"], result["polls"]) == (True, outcome, "Fix the cause.", 2)


def test_a_missing_stack_instance_ends_the_wait_after_three_polls(run: Run) -> None:
    missing = polled("missing", "Not ready: 1 of 1 stack instance MISSING (0 tolerated): 000000000009")
    result = run(Host(missing, missing, waiting(), missing, missing, missing))
    assert (result["outcome"], result["polls"]) == ("missing", 6)
    assert result["msg"] == "1 of 1 stack instance MISSING (0 tolerated): 000000000009"


@pytest.mark.parametrize(("keywords", "is_async"), [({"check_mode": True}, False), ({"async": 60, "poll": 0}, True)])
def test_check_mode_and_async_are_left_to_the_module(run: Run, keywords: dict[str, t.Any], is_async: bool) -> None:
    host = Host(polled("not_ready", "Not ready: something"))
    assert run(host, keywords=keywords)["outcome"] == "not_ready"
    [execution] = host.runs
    assert "module_args" not in execution
    assert execution["wrap_async"] is is_async
    assert host.lines == host.error_lines == []


def test_a_host_that_is_lost_between_polls_may_come_back(run: Run) -> None:
    host = Host(waiting(), AnsibleConnectionFailure("no route"), polled())
    result = run(host)
    assert (result["ready"], result["polls"]) == (True, 3)
    assert "unreachable" not in result


def test_a_host_that_is_never_reached_is_unreachable(run: Run) -> None:
    host = Host(AnsibleConnectionFailure("no route"))
    result = run(host)
    assert (result["unreachable"], result["outcome"], result["polls"]) == (True, "call_failed", 1)
    assert "no route" in result["msg"]
    # Ansible reports a result that is both as FAILED.
    assert not result.get("failed")


def test_a_host_that_is_lost_until_the_time_is_up_is_unreachable(run: Run) -> None:
    result = run(Host(waiting(), AnsibleConnectionFailure("no route"), seconds=1), {**IDS, "timeout": 2, "sleep": 1})
    assert (result["unreachable"], result["outcome"]) == (True, "timed_out")
    assert result["msg"] == f"Timed out after 2s: {NOT_CURRENT}; the last poll failed: no route"
    assert not result.get("failed")


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"failed": True, "msg": "MODULE FAILURE", "module_stderr": "Traceback", "rc": 1}, "MODULE FAILURE"),
        ({"failed": True, "exception": "Traceback: KeyError"}, "Traceback: KeyError"),
        ({"failed": True, "msg": "Failed to import the required Python library (botocore and boto3)"}, "botocore and"),
        ({"failed": True, "rc": 137}, "The poll ended without a result"),
        ({}, "The poll ended without a result"),
    ],
)
@pytest.mark.parametrize("earlier", [[], [waiting()]])
def test_a_poll_without_a_result_ends_the_wait_with_the_reason(
    run: Run, result: dict[str, t.Any], message: str, earlier: list[dict[str, t.Any]]
) -> None:
    ended = run(Host(*earlier, result))
    assert (ended["failed"], ended["outcome"], ended["polls"]) == (True, "call_failed", len(earlier) + 1)
    assert message in ended["msg"]
    for name in ("module_stderr", "rc", "exception"):
        assert ended.get(name) == result.get(name)
    assert ended["not_current_total"] == len(earlier)


@pytest.mark.parametrize(
    "failure",
    [
        call_failed(retryable=True, error={"code": "ThrottlingException", "message": "Rate exceeded"}),
        call_failed(retryable=False),
    ],
)
def test_a_poll_that_may_succeed_later_is_repeated(run: Run, failure: dict[str, t.Any]) -> None:
    result = run(Host(waiting(), failure, polled()))
    assert (result["ready"], result["polls"]) == (True, 3)
    assert "error" not in result


def test_a_refused_poll_ends_the_wait(run: Run) -> None:
    denied = {"code": "AccessDeniedException", "message": "No."}
    result = run(Host(waiting(), call_failed(retryable=False, error=denied)))
    assert (result["failed"], result["outcome"], result["polls"]) == (True, "call_failed", 2)
    assert (result["error"], result["retryable"]) == (denied, False)
    assert result["not_current_total"] == 1


def test_warnings_are_returned_as_the_module_returned_them(run: Run) -> None:
    # A string in ansible-core 2.18, and an object of Ansible from 2.19 on.
    warning = MagicMock()
    result = run(Host(waiting(), polled(warnings=[warning, "text"])))
    assert result["warnings"][0] is warning
    assert result["warnings"][1] == "text"
    assert "warnings" not in run(Host(polled()))


def test_each_change_is_one_line_of_progress(run: Run) -> None:
    host = Host(waiting(), waiting(), polled())
    run(host)
    assert [line.rpartition(" (")[0] for line in host.lines] == [
        "guardrails (pp-a): 0 of 1 CURRENT, 1 OUTDATED",
        "guardrails (pp-a): 1 of 1 CURRENT",
    ]
    assert host.error_lines == []


def test_progress_is_shown_again_at_least_every_so_many_seconds(run: Run) -> None:
    host = Host(waiting(), waiting(), waiting(), waiting(), polled(), seconds=70)
    run(host, {**IDS, "report_every": 60, "sleep": 1})
    assert len(host.lines) == 5
    host = Host(waiting(), waiting(), waiting(), waiting(), polled(), seconds=70)
    run(host, {**IDS, "report_every": 0, "sleep": 1})
    assert len(host.lines) == 2


def test_progress_has_the_name_of_the_host_if_there_are_several(run: Run) -> None:
    host = Host(polled())
    run(host, variables={"ansible_play_batch": ["first", "second"]})
    assert host.lines == ["[first] guardrails (pp-a): 1 of 1 CURRENT (0s)"]
    host = Host(polled())
    run(host, variables={"ansible_play_batch": ["first"]})
    assert host.lines == ["guardrails (pp-a): 1 of 1 CURRENT (0s)"]


def test_progress_is_one_line_whatever_the_module_reports(run: Run) -> None:
    host = Host({"failed": True, "msg": "It failed.\nSee stdout."})
    run(host)
    assert host.lines == ["The poll failed: It failed. See stdout. (0s)"]


def test_no_log_hides_progress(run: Run) -> None:
    host = Host(waiting(), polled())
    assert run(host, keywords={"no_log": True})["ready"] is True
    assert host.lines == host.error_lines == []


@pytest.mark.parametrize(
    ("callback", "to_stderr"),
    [
        ("default", False),
        ("ansible.builtin.default", False),
        ("ansible.builtin.minimal", False),
        ("community.general.dense", False),
        ("json", True),
        ("ansible.posix.json", True),
        ("ansible.posix.jsonl", True),
        ("community.general.null", True),
    ],
)
def test_progress_does_not_mix_with_structured_output(
    run: Run, monkeypatch: pytest.MonkeyPatch, callback: str, to_stderr: bool
) -> None:
    read = constants.config.get_config_value
    monkeypatch.setattr(
        constants.config,
        "get_config_value",
        lambda name, *args, **kwargs: callback if name == "DEFAULT_STDOUT_CALLBACK" else read(name, *args, **kwargs),
    )
    host = Host(polled())
    run(host)
    assert (len(host.lines), len(host.error_lines)) == ((0, 1) if to_stderr else (1, 0))


def test_the_result_can_be_written_as_json(run: Run) -> None:
    json.dumps(run(Host(waiting(), polled())))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({**IDS, "timeout": -1}, "timeout must be a whole number from 0 to 31622400 seconds, but is -1"),
        ({**IDS, "sleep": 0}, "sleep must be a whole number from 1 to 31622400 seconds, but is 0"),
        ({}, "Specify provisioned_product_ids or provisioned_product_names, or set all_products=true"),
        ({"provisioned_product_ids": []}, "provisioned_product_ids is empty, which selects nothing"),
        ({"provisioned_product_names": ""}, "provisioned_product_names is empty, which selects nothing"),
        ({**IDS, "accounts": ""}, "accounts is empty, which selects nothing"),
        ({**IDS, "regions": []}, "regions is empty, which selects nothing"),
        ({**IDS, "regions": ["us_east_1"]}, "regions contains 'us_east_1', which is not an AWS Region"),
        ({**IDS, "all_products": True}, "all_products cannot be combined with"),
        ({**IDS, "tolerate_suspended": True}, "tolerate_suspended requires source=cloudformation"),
        ({"all_products": True, "record_id": "rec-a"}, "record_id requires exactly one product"),
    ],
)
def test_invalid_options_are_one_message_before_any_poll(run: Run, arguments: dict[str, t.Any], message: str) -> None:
    host = Host()
    result = run(host, arguments)
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert result["retryable"] is False
    assert set(result) == {"failed", "msg", "retryable"}
    assert host.runs == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tiemout": 1}, "Unsupported parameters"),
        ({"timeout": "soon"}, "timeout"),
        ({**IDS, "statuses": ["CURRENT"]}, "Unsupported parameters"),
        ({**IDS, "detailed_statuses": ["FAILED"]}, "Unsupported parameters"),
        ({**IDS, "not_current": True}, "Unsupported parameters"),
        ({**IDS, "source": "config"}, "must be one of: servicecatalog, cloudformation, auto"),
    ],
)
def test_options_outside_the_argument_spec_are_refused_before_any_poll(
    run: Run, arguments: dict[str, t.Any], message: str
) -> None:
    host = Host()
    with pytest.raises(AnsibleActionFail, match=message):
        run(host, arguments)
    assert host.runs == []
