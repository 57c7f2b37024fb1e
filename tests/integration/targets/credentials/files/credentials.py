# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create identities, serve credentials as containers and instances of AWS do, and compare who has listed.

    python credentials.py make FOLDER    create the identities, and print them
    python credentials.py serve FOLDER   serve credentials until a request for /stop; the port is in FOLDER/served
    python credentials.py write FOLDER   write the ways on standard input as hosts of an inventory, and as cases
    python credentials.py check FOLDER RUBBISH   compare the results of the cases, and who has listed, with the ways

`reader` and `reader-by-key` have permission to list, `caller` only to assume the role `reader`. The connection of the
administrator is in the environment.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import typing as t
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3

LISTING = ["servicecatalog:ListStackInstancesForProvisionedProduct", "servicecatalog:DescribeProvisionedProduct"]
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}

Keys = t.Dict[str, str]


def document(*statements: dict[str, t.Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def user(name: str, *actions: str) -> Keys:
    """Create a user with these permissions, and return its keys."""
    iam = boto3.client("iam")
    iam.create_user(UserName=name)
    allowed = document({"Effect": "Allow", "Action": actions, "Resource": "*"})
    iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=allowed)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}


def session(role: str) -> Keys:
    """Return the keys of a session of a role."""
    made = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="made-elsewhere")["Credentials"]
    return {
        "access_key": made["AccessKeyId"],
        "secret_key": made["SecretAccessKey"],
        "session_token": made["SessionToken"],
    }


def make(folder: Path) -> None:
    """Print all identities as JSON, and write the session of the role for ``serve`` and a credential_process."""
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    allowed = document({"Effect": "Allow", "Action": LISTING, "Resource": "*"})
    iam.put_role_policy(RoleName="reader", PolicyName="policy", PolicyDocument=allowed)
    made = session(role)
    keys = {"AccessKeyId": made["access_key"], "SecretAccessKey": made["secret_key"]}
    lasting = {"Expiration": "2099-01-01T00:00:00Z"}
    shapes = {
        "process": {"Version": 1, **keys, "SessionToken": made["session_token"], **lasting},
        "container": {**keys, "Token": made["session_token"], **lasting},
        "instance": {"Code": "Success", **keys, "Token": made["session_token"], **lasting},
    }
    for name, shape in shapes.items():
        (folder / f"{name}.json").write_text(json.dumps(shape), encoding="utf-8")
    identities = {
        "role": role,
        "session": made,
        "reader": user("reader-by-key", *LISTING),
        "caller": user("caller", "sts:AssumeRole"),
    }
    (folder / "identities.json").write_text(json.dumps(identities), encoding="utf-8")
    sys.stdout.write(json.dumps(identities))


def write(folder: Path) -> None:
    """Write the ways on standard input, with their common options, as hosts and as cases of the controller."""
    given = json.load(sys.stdin)
    hosts, cases = {}, {}
    for name, way in given["ways"].items():
        options = {**given["options"], "aws_config": {"user_agent_extra": name}, **way.get("options", {})}
        hosts[name] = {
            "options": options,
            "surroundings": {**given["environment"], **way.get("environment", {})},
            "message": way.get("message", ""),
            "as": way.get("as", ""),
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        file = folder / f"{name}.stack_instances.yml"
        listed = json.dumps({"plugin": "stackfleet.servicecatalog.stack_instances", **options})
        file.write_text(listed, encoding="utf-8")
        environment = hosts[name]["surroundings"]
        cases[f"{name} inventory"] = {"environment": environment, "inventory": str(file)}
        cases[f"{name} lookup"] = {"environment": environment, "lookup": options}
    (folder / "ways.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


def problem(way: dict[str, t.Any], result: dict[str, t.Any], rubbish: str) -> str | None:
    """Return what is wrong with a result of the inventory or the lookup."""
    error = result["error"] or ""
    if re.search(f"Traceback|{rubbish}", error + result["output"]):
        return f"printed what it must not: {error or result['output']}"
    if not way["message"]:
        return None if not error and len(result["rows"]) == 3 else f"has {len(result['rows'])} rows: {error}"
    is_message = re.search(way["message"], error) and len(error.splitlines()) == 1
    return None if is_message and not result["rows"] else f"has another message: {error}"


def check(folder: Path) -> None:
    """Exit with a message for each way with another result, or that has listed as another identity."""
    identities = json.loads((folder / "identities.json").read_text(encoding="utf-8"))
    ways = json.loads((folder / "ways.json").read_text(encoding="utf-8"))["all"]["hosts"]
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/mock/requests", timeout=60) as response:
        log = json.load(response)["requests"]
    known = {keys["access_key"]: name for name, keys in identities.items() if name != "role"}
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    wrong = []
    for case, result in results.items():
        text = problem(ways[case.split()[0]], result, sys.argv[3])
        if text:
            wrong.append(f"{case} {text}")
    for name, way in ways.items():
        listings = [
            known.get(entry["access_key_id"], "role")
            for entry in log
            if name in entry["user_agent"].split() and entry["operation"] == LISTING[0].partition(":")[2]
        ]
        # The module, the wait, the inventory and the lookup.
        if way["as"] and listings != [way["as"]] * 4:
            wrong.append(f"{name} listed as {listings}, not as {way['as']} four times.")
    if wrong:
        sys.exit("\n".join(wrong))


class Handler(BaseHTTPRequestHandler):
    """Serves what the credential endpoints of containers and instances return."""

    folder: Path

    def do_PUT(self) -> None:
        """Return the token of the instance metadata service."""
        self._respond("token")

    def do_GET(self) -> None:
        """Return credentials."""
        path = self.path.rstrip("/")
        if path == "/container":
            self._respond((self.folder / "container.json").read_text(encoding="utf-8"))
        elif path == "/stop":
            self._respond("")
            threading.Thread(target=self.server.shutdown).start()
        elif path.endswith("/security-credentials"):
            self._respond("reader")
        elif path.endswith("/security-credentials/reader"):
            self._respond((self.folder / "instance.json").read_text(encoding="utf-8"))
        else:
            self.send_error(404)

    def _respond(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *_arguments: t.Any) -> None:  # noqa: A002 - the signature of its base
        """Log no requests."""


def serve(folder: Path) -> None:
    Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    (folder / "served.new").write_text(str(server.server_address[1]), encoding="utf-8")
    (folder / "served.new").rename(folder / "served")
    server.serve_forever()


if __name__ == "__main__":
    os.umask(0o077)
    {"make": make, "serve": serve, "write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
