# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create identities with known secrets, and collect the secrets of all sessions.

    python plant.py make FOLDER      print the environment of the runs
    python plant.py collect FOLDER   add the secrets of all sessions to FOLDER/secrets.json

The connection of the administrator is in the environment.
"""

from __future__ import annotations

import json
import os
import sys
import typing as t
import urllib.request
from pathlib import Path

import boto3

STATEMENTS = [{"Effect": "Allow", "Action": ["servicecatalog:*", "sts:AssumeRole"], "Resource": "*"}]
TRUST = [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]


def document(statements: list[dict[str, t.Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def make(folder: Path) -> None:
    """Create a user, a role, and two sessions of it: one for the environment, one that a process prints."""
    iam, sts = boto3.client("iam"), boto3.client("sts")
    iam.create_user(UserName="planted")
    iam.put_user_policy(UserName="planted", PolicyName="policy", PolicyDocument=document(STATEMENTS))
    key = iam.create_access_key(UserName="planted")["AccessKey"]
    role = iam.create_role(RoleName="planted", AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="planted", PolicyName="policy", PolicyDocument=document(STATEMENTS))
    session, printed = (
        sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"] for name in ("environment", "process")
    )
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    process = json.dumps({"Version": 1, **{name: printed[name] for name in names}})
    (folder / "process.json").write_text(process, encoding="utf-8")
    (folder / "config").write_text(
        f"[profile process]\ncredential_process = cat {folder}/process.json\n", encoding="utf-8"
    )
    secrets = {
        "the secret key of the options": key["SecretAccessKey"],
        "the secret key of the environment": session["SecretAccessKey"],
        "the session token of the environment": session["SessionToken"],
        "the secret key that a process prints": printed["SecretAccessKey"],
        "the session token that a process prints": printed["SessionToken"],
    }
    (folder / "secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    environment = {
        "AWS_CONFIG_FILE": f"{folder}/config",
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
        "PLANTED_ACCESS_KEY": key["AccessKeyId"],
        "PLANTED_SECRET_KEY": key["SecretAccessKey"],
        "PLANTED_ROLE": role,
    }
    sys.stdout.write(json.dumps(environment))


def collect(folder: Path) -> None:
    """Add the secrets of all sessions that moto created during the runs."""
    file = folder / "secrets.json"
    secrets = json.loads(file.read_text(encoding="utf-8"))
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/data.json", timeout=60) as response:
        sessions = json.load(response)["sts"]["AssumedRole"]
    for number, session in enumerate(sessions, 1):
        secrets[f"the secret key of session {number}"] = session["secret_access_key"]
        secrets[f"the session token of session {number}"] = session["session_token"]
    file.write_text(json.dumps(secrets), encoding="utf-8")
    sys.stdout.write(f"{len(secrets)}\n")


if __name__ == "__main__":
    os.umask(0o077)
    {"make": make, "collect": collect}[sys.argv[1]](Path(sys.argv[2]))
