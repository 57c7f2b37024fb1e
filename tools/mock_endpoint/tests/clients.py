# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same call with botocore, the AWS CLI and the AWS SDK for JavaScript."""

from __future__ import annotations

import json
import os
import re
import subprocess
import typing as t
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "us-east-1"
Json = t.Dict[str, t.Any]

_TIMES = ("CreatedTime", "LastDriftCheckTimestamp")
_CLI_ERROR = re.compile(r"An error occurred \((?P<code>\w+)\)[^:]*: (?P<message>.*)", re.DOTALL)


@dataclass(frozen=True)
class Keys:
    """Credentials."""

    access_key: str = "testing"
    secret_key: str = "testing"
    token: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A response, or the code and the message of an error, in the same form for all clients."""

    response: Json | None = None
    code: str | None = None
    message: str | None = None


class Client(t.Protocol):
    """A client of AWS."""

    def call(self, service: str, operation: str, parameters: Json) -> Outcome:
        """Call an operation once, without retries."""


class Botocore:
    """botocore, without validation of parameters."""

    def __init__(self, url: str, keys: Keys | None = None, **config: t.Any) -> None:
        keys = keys or Keys()
        self._arguments = {
            "endpoint_url": url,
            "region_name": REGION,
            "aws_access_key_id": keys.access_key,
            "aws_secret_access_key": keys.secret_key,
            "aws_session_token": keys.token,
            "verify": False,
            "config": Config(
                **{"retries": {"total_max_attempts": 1}, "parameter_validation": False, "read_timeout": 60, **config}
            ),
        }
        self._clients: dict[str, t.Any] = {}

    def of(self, service: str) -> t.Any:
        """Return the boto3 client of a service."""
        if service not in self._clients:
            self._clients[service] = boto3.session.Session().client(service, **self._arguments)
        return self._clients[service]

    def call(self, service: str, operation: str, parameters: Json) -> Outcome:
        try:
            response = getattr(self.of(service), xform_name(operation))(**parameters)
        except ClientError as e:
            return Outcome(code=e.response["Error"]["Code"], message=e.response["Error"]["Message"])
        response.pop("ResponseMetadata")
        return Outcome(response=normalize(response))


class AwsCli:
    """The AWS CLI, in a process for each call."""

    def __init__(self, program: str, url: str, keys: Keys | None = None) -> None:
        self._program = program
        self._url = url
        self._keys = keys or Keys()

    def call(self, service: str, operation: str, parameters: Json) -> Outcome:
        command = [self._program, service, xform_name(operation, "-"), "--cli-input-json", json.dumps(parameters)]
        options = ["--endpoint-url", self._url, "--region", REGION, "--output", "json", "--no-paginate"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment.update(
            AWS_ACCESS_KEY_ID=self._keys.access_key,
            AWS_SECRET_ACCESS_KEY=self._keys.secret_key,
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            AWS_MAX_ATTEMPTS="1",
        )
        done = subprocess.run([*command, *options], capture_output=True, text=True, env=environment, check=False)
        error = _CLI_ERROR.search(done.stderr)
        if error:
            return Outcome(code=error["code"], message=error["message"].strip())
        assert done.returncode == 0, done.stderr
        return Outcome(response=normalize(json.loads(done.stdout)))


class JavaScriptSdk:
    """The AWS SDK for JavaScript v3, in a Node.js process for each call."""

    def __init__(self, modules: str, url: str, keys: Keys | None = None) -> None:
        self._modules = modules
        keys = keys or Keys()
        credentials = {"accessKeyId": keys.access_key, "secretAccessKey": keys.secret_key}
        self._client = {"endpoint": url, "region": REGION, "credentials": credentials}

    def call(self, service: str, operation: str, parameters: Json) -> Outcome:
        call = {
            "modules": self._modules,
            "service": service,
            "operation": operation,
            "parameters": parameters,
            "client": self._client,
        }
        script = Path(__file__).with_name("sdk_v3.mjs")
        done = subprocess.run(
            ["node", str(script)], input=json.dumps(call), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        if "error" in result:
            return Outcome(code=result["error"], message=result["message"])
        return Outcome(response=normalize(result["response"]))


def normalize(value: t.Any, name: str = "") -> t.Any:
    """Return a response in the form that all clients share: times in seconds, no null values."""
    if isinstance(value, dict):
        return {key: normalize(item, key) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [normalize(item) for item in value]
    if name in _TIMES:
        return _seconds(value)
    return value


def _seconds(value: t.Any) -> float:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return value.timestamp() if isinstance(value, datetime) else float(value)
