# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from unittest.mock import MagicMock

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins.loader import action_loader

NAME = "stackfleet.servicecatalog.wait_for_rollout"
ROW = {"provisioned_product_id": "pp-a", "account": "000000000001", "region": "eu-west-1"}


def seen(status: str) -> dict[str, t.Any]:
    """What a run of the module that looks returns."""
    current = status == "CURRENT"
    summary = {
        "total": 1,
        "current": int(current),
        "outdated": int(not current),
        "inoperable": 0,
        "all_current": current,
    }
    return {
        "changed": False,
        "stack_instances": [{**ROW, "stack_instance_status": status}],
        "provisioned_products": [{"id": "pp-a", "name": None, "status": "AVAILABLE", "summary": summary}],
    }


class Host:
    """Answers the action's runs of the module, one after another."""

    def __init__(self, *answers: dict[str, t.Any] | Exception) -> None:
        self.answers = list(answers)
        self.runs: list[dict[str, t.Any]] = []

    def execute(self, **run: t.Any) -> dict[str, t.Any]:
        self.runs.append(run)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(host: Host, monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    task = Task.load({"action": NAME, "args": arguments, "check_mode": check_mode})
    connection = MagicMock(has_native_async=False)
    action = action_loader.get(
        NAME,
        task=task,
        connection=connection,
        play_context=MagicMock(),
        loader=DataLoader(),
        templar=MagicMock(),
        shared_loader_obj=MagicMock(),
    )
    monkeypatch.setattr(action, "_execute_module", host.execute)
    return t.cast("dict[str, t.Any]", action.run(task_vars={}))


def test_it_looks_with_the_module_and_keeps_its_own_options_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(seen("OUTDATED"), seen("CURRENT"))
    result = run(host, monkeypatch, provisioned_product_ids=["pp-a"], region="eu-west-1", timeout=60, sleep=1)
    assert (result["ready"], result["polls"], result["not_current"]) == (True, 2, [])
    assert [r["module_name"] for r in host.runs] == ["stackfleet.servicecatalog.stack_instance_info"] * 2
    assert host.runs[0]["module_args"] == {
        "provisioned_product_ids": ["pp-a"],
        "region": "eu-west-1",
        "describe_products": True,
    }


def test_check_mode_looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(Host(seen("OUTDATED")), monkeypatch, check_mode=True, provisioned_product_ids=["pp-a"])
    assert (result["ready"], result["polls"]) == (False, 1)
    assert "failed" not in result


def test_a_target_host_that_is_lost_between_looks_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(seen("OUTDATED"), AnsibleConnectionFailure("no route"), seen("CURRENT"))
    assert run(host, monkeypatch, provisioned_product_ids=["pp-a"])["polls"] == 3


def test_a_target_host_that_is_never_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(Host(AnsibleConnectionFailure("no route")), monkeypatch, provisioned_product_ids=["pp-a"])
    assert result["failed"] is True
    assert "no route" in result["msg"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"timeout": -1}, "timeout must not be negative"), ({"tiemout": 1}, "Unsupported parameters")],
)
def test_nonsense_is_refused_before_any_look(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, t.Any], words: str
) -> None:
    host = Host()
    with pytest.raises(AnsibleActionFail, match=words):
        run(host, monkeypatch, **arguments)
    assert host.runs == []
