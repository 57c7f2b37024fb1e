# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create an inventory of runs with a user for each, or compare the requests of each run with its permissions.

    python least_privilege.py make CASES MODULES FOLDER
    python least_privilege.py check FOLDER

A run is a case in one of its ways, with all of its actions or without one of them. Its user has exactly the permissions
of the run. The request log of the endpoint contains the access key of each request; a role is recognized by the name of
the run in the user agent. MODULES is the directory of the modules, each of which must have a case. The connection of
the administrator is in the environment.
"""

from __future__ import annotations

import json
import os
import sys
import typing as t
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path

import boto3

ACCOUNT = "123456789012"
STACK_SETS = f"arn:aws:cloudformation:*:{ACCOUNT}:stackset/SC-*"
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}

Json = t.Dict[str, t.Any]


@dataclass
class Run:
    """A case in one way."""

    run: str
    """Its name: the number of the case, the way, and the permissions."""
    way: str
    options: Json
    allowed: list[str]
    role_allowed: list[str] | None
    may_call: list[str]
    condition: str | None
    own_product: bool
    role_option: str
    """The option that contains the role with role_allowed."""
    missing: str = ""
    """The action in the message of its failure; empty if it succeeds."""
    warns: bool = False
    calls_all: bool = False
    """Whether it calls all actions that it has."""
    credentials: Json = field(default_factory=dict)


def runs(number: int, case: Json) -> t.Iterator[Run]:
    """Yield all runs of a case: with all actions that it requires, and without each of them."""
    actions, role_actions, instead = case["actions"], case.get("role_actions"), case.get("instead")
    fallback = instead["actions"] if instead else []
    both = [*actions, *fallback, *(role_actions or [])]

    def run(way: str, what: str, allowed: list[str], **more: t.Any) -> Run:
        given = {
            "may_call": both,
            "role_allowed": role_actions,
            "condition": case.get("condition"),
            "own_product": case.get("own_product", False),
            "role_option": case.get("role_option", "assume_role_arn"),
        }
        name = f"{number:02}-{way}-{what}"
        return Run(run=name, way=way, options=case["options"], allowed=allowed, **{**given, **more})

    for way in case["ways"]:
        yield run(way, "all", actions, calls_all=True, may_call=[*actions, *(role_actions or [])])
        for action in actions:
            others = [other for other in [*actions, *fallback] if other != action]
            falls_back = instead is not None and action in instead["of"]
            outcome = {"warns": True} if falls_back else {"missing": action}
            yield run(way, f"without-{action.partition(':')[2]}", others, **outcome)
        for action in role_actions or []:
            others = [other for other in role_actions if other != action]
            what = f"role-without-{action.partition(':')[2]}"
            yield run(way, what, actions, role_allowed=others, missing=action)
        if instead:
            rest = [action for action in actions if action not in instead["of"]]
            yield run(way, "fallback", [*rest, *fallback], warns=True)
            yield run(way, "no-fallback", rest, missing=fallback[0])
        if case.get("condition"):
            other = "servicecatalog:accountLevel"
            yield run(way, "other-level", actions, condition=other, missing="servicecatalog:SearchProvisionedProducts")


def make(cases: list[Json], modules: Path, folder: Path) -> None:
    """Create the identity of each run, and write the inventory of runs and the inventories that are runs themselves."""
    names = {file.stem for file in modules.glob("*.py")}
    untested = names - {way for case in cases for way in case["ways"]}
    if untested:
        sys.exit(f"Add cases for {', '.join(sorted(untested))}")
    iam = boto3.client("iam")
    everything = [run for number, case in enumerate(cases, 1) for run in runs(number, case)]
    groups: dict[str, Json] = {}
    for run in everything:
        arn = iam.create_user(UserName=run.run)["User"]["Arn"]
        if run.allowed:
            iam.put_user_policy(UserName=run.run, PolicyName="policy", PolicyDocument=policy(run.allowed, run))
        key = iam.create_access_key(UserName=run.run)["AccessKey"]
        run.credentials = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
        if run.role_allowed is not None:
            role = iam.create_role(RoleName=run.run, AssumeRolePolicyDocument=document([TRUST]))["Role"]
            if run.role_allowed:
                allowed = policy(run.role_allowed, run)
                iam.put_role_policy(RoleName=run.run, PolicyName="policy", PolicyDocument=allowed)
            run.options = {
                **run.options,
                run.role_option: role["Arn"],
                "aws_config": {"user_agent_extra": run.run},
            }
        if run.own_product:
            own = {
                "id": f"pp-{run.run}",
                "region": os.environ["AWS_DEFAULT_REGION"],
                "user_arn": arn,
                "provisioning_artifact_name": "v12",
            }
            call("POST", "products", {"products": [{**own, "matrix": {"accounts": 1, "regions": ["eu-west-1"]}}]})
        if run.way == "inventory":
            # The group shows that the inventory was read.
            added = {"groups": {f"read_{run.run.replace('-', '_')}": "true"}, **connection(run)}
            listed = {"plugin": "stackfleet.servicecatalog.stack_instances", **run.options, **added}
            (folder / f"{run.run}.stack_instances.yml").write_text(json.dumps(listed), encoding="utf-8")
        hosts = groups.setdefault("modules" if run.way in names else run.way, {"hosts": {}})["hosts"]
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        hosts[run.run] = {**asdict(run), **here}
        hosts[run.run].update(role_variables(run))
    (folder / "runs.json").write_text(json.dumps({"all": {"children": groups}}), encoding="utf-8")


def connection(run: Run) -> Json:
    """Return the connection options of a run."""
    return {
        **run.credentials,
        "region": os.environ["AWS_DEFAULT_REGION"],
        "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    }


def role_variables(run: Run) -> Json:
    """Return the variables of a role, if a role is the way of the run."""
    options = {**run.options, **connection(run)}
    if run.way == "rollout_gate":
        return {f"rollout_gate_{name}": value for name, value in options.items()}
    if run.way == "rollout_report":
        given = {name: options.pop(name) for name in ("stack_instances",) if name in options}
        return {"rollout_report_query": options, **{f"rollout_report_{name}": value for name, value in given.items()}}
    return {}


def document(statements: list[Json]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def policy(actions: list[str], run: Run) -> str:
    """Return a policy with these actions on as few resources as possible."""
    resources = {"cloudformation": STACK_SETS, "sts": f"arn:aws:iam::{ACCOUNT}:role/{run.run}"}
    condition = {"Condition": {"StringEquals": {run.condition: "self"}}} if run.condition else {}
    return document(
        [
            {"Effect": "Allow", "Action": action, "Resource": resources.get(action.partition(":")[0], "*"), **condition}
            for action in actions
        ]
    )


def check(folder: Path) -> None:
    """Exit with a message for each run that called an action that it does not have, or not all that it requires."""
    inventory = json.loads((folder / "runs.json").read_text(encoding="utf-8"))
    found = [run for group in inventory["all"]["children"].values() for run in group["hosts"].values()]
    log = call("GET", "requests")["requests"]
    wrong = []
    for run in found:
        called = {
            f"{entry['service']}:{entry['operation']}"
            for entry in log
            if entry["access_key_id"] == run["credentials"]["access_key"] or run["run"] in entry["user_agent"].split()
        }
        may_call = set(run["may_call"])
        if (
            not called <= may_call
            or (run["calls_all"] and called != may_call)
            or (run["missing"] and run["missing"] not in called)
        ):
            wrong.append(f"{run['run']} called {sorted(called)}, not {sorted(may_call)}.")
    if wrong:
        sys.exit("\n".join(wrong))
    without = sum(1 for run in found if not run["calls_all"])
    cases = {run["run"].partition("-")[0] for run in found}
    sys.stdout.write(
        f"{len(cases)} cases, {len(found)} runs, {without} of them without an action, {len(log)} requests\n"
    )


def call(method: str, path: str, body: Json | None = None) -> Json:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/mock/{path}", method=method, data=data)
    with urllib.request.urlopen(request, timeout=60) as response:
        return t.cast(Json, json.load(response))


if __name__ == "__main__":
    os.umask(0o077)
    if sys.argv[1] == "make":
        make(json.loads(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        check(Path(sys.argv[2]))
