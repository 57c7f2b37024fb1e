# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the identities that credentials lead to, serve some of them as AWS' containers and instances do, and expire one.

    python credentials.py make FOLDER    prints the identities
    python credentials.py serve FOLDER   serves credentials until it is asked for /stop; its port is in FOLDER/served
    python credentials.py write FOLDER   writes the ways that it reads as hosts of an inventory, and as inventories
    python credentials.py check FOLDER   compares who has listed with who should have, by the log of the endpoint

`reader` and `reader-by-key` may list, `caller` may only take the role `reader`. The connection of the administrator is
in the environment.
"""

from __future__ import annotations

import json
import os
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
    """Keys of a user who may do this."""
    iam = boto3.client("iam")
    iam.create_user(UserName=name)
    allowed = document({"Effect": "Allow", "Action": actions, "Resource": "*"})
    iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=allowed)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}


def session(role: str) -> Keys:
    """Keys of a session of a role."""
    made = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="made-elsewhere")["Credentials"]
    return {
        "access_key": made["AccessKeyId"],
        "secret_key": made["SecretAccessKey"],
        "session_token": made["SessionToken"],
    }


def make(folder: Path) -> None:
    """Print all identities as JSON, and leave the role's session where C(serve) and a credential_process find it."""
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    allowed = document({"Effect": "Allow", "Action": LISTING, "Resource": "*"})
    iam.put_role_policy(RoleName="reader", PolicyName="policy", PolicyDocument=allowed)
    made = session(role)
    told = {"AccessKeyId": made["access_key"], "SecretAccessKey": made["secret_key"]}
    lasting = {"Expiration": "2099-01-01T00:00:00Z"}
    shapes = {
        "process": {"Version": 1, **told, "SessionToken": made["session_token"], **lasting},
        "container": {**told, "Token": made["session_token"], **lasting},
        "instance": {"Code": "Success", **told, "Token": made["session_token"], **lasting},
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
    """The ways on standard input, with the options that they all have, as hosts; and each as an inventory."""
    given = json.load(sys.stdin)
    hosts = {}
    for name, way in given["ways"].items():
        options = {**given["options"], "aws_config": {"user_agent_extra": name}, **way.get("options", {})}
        hosts[name] = {
            "options": options,
            "surroundings": {**given["environment"], **way.get("environment", {})},
            "says": way.get("says", ""),
            "as": way.get("as", ""),
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        listed = json.dumps({"plugin": "stackfleet.servicecatalog.stack_instances", **options})
        (folder / f"{name}.stack_instances.yml").write_text(listed, encoding="utf-8")
    (folder / "ways.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")


def check(folder: Path) -> None:
    """Exit with a sentence for each way that has listed as somebody else, or not with all that lists."""
    identities = json.loads((folder / "identities.json").read_text(encoding="utf-8"))
    ways = json.loads((folder / "ways.json").read_text(encoding="utf-8"))["all"]["hosts"]
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/mock/requests", timeout=60) as response:
        log = json.load(response)["requests"]
    known = {keys["access_key"]: name for name, keys in identities.items() if name != "role"}
    wrong = []
    for name, way in ways.items():
        listings = [
            known.get(entry["access_key_id"], "role")
            for entry in log
            if name in entry["user_agent"].split() and entry["operation"] == LISTING[0].partition(":")[2]
        ]
        # The module, the wait, the inventory and the lookup.
        if way["as"] and listings != [way["as"]] * 4:
            wrong.append(f"{name} has listed as {listings}, not as {way['as']} four times.")
    if wrong:
        sys.exit("\n".join(wrong))


class Handler(BaseHTTPRequestHandler):
    """What stands at the addresses of a container's and an instance's credentials."""

    folder: Path

    def do_PUT(self) -> None:
        """An instance's token, which its other answers need."""
        self._answer("token")

    def do_GET(self) -> None:
        """Credentials."""
        path = self.path.rstrip("/")
        if path == "/container":
            self._answer((self.folder / "container.json").read_text(encoding="utf-8"))
        elif path == "/stop":
            self._answer("")
            threading.Thread(target=self.server.shutdown).start()
        elif path.endswith("/security-credentials"):
            self._answer("reader")
        elif path.endswith("/security-credentials/reader"):
            self._answer((self.folder / "instance.json").read_text(encoding="utf-8"))
        else:
            self.send_error(404)

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *_arguments: t.Any) -> None:  # noqa: A002 - the signature of its base
        """Nothing."""


def serve(folder: Path) -> None:
    Handler.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    (folder / "served.new").write_text(str(server.server_address[1]), encoding="utf-8")
    (folder / "served.new").rename(folder / "served")
    server.serve_forever()


if __name__ == "__main__":
    os.umask(0o077)
    {"make": make, "serve": serve, "write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
