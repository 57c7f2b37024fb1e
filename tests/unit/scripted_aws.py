# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripted responses of AWS for expected requests, which the real botocore receives in place of the network."""

from __future__ import annotations

import json
import threading
import typing as t
from contextlib import contextmanager
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import boto3
import pytest
from ansible.module_utils import basic
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import Watch


class Response(t.NamedTuple):
    """A raw HTTP response. Without headers it has its Content-Length."""

    body: bytes
    status: int = 200
    headers: dict[str, str] | None = None


class Request(t.NamedTuple):
    """A request as botocore sent it."""

    operation: str
    parameters: dict[str, t.Any]
    headers: dict[str, str]


def json_response(**members: t.Any) -> Response:
    """Return a complete response of Service Catalog."""
    return Response(json.dumps(members).encode())


def error(code: str, message: str = "No.", status: int = 400) -> Response:
    """Return an error of Service Catalog."""
    return Response(json.dumps({"__type": code, "message": message}).encode(), status)


def stack_instance(number: int, status: str = "CURRENT", region: str = "eu-west-1") -> dict[str, str]:
    """Return a stack instance as Service Catalog lists it."""
    return {"Account": f"{number:012d}", "Region": region, "StackInstanceStatus": status}


def page(numbers: t.Iterable[int], token: str | None = None) -> Response:
    """Return a page of stack instances in these accounts."""
    members: dict[str, t.Any] = {"StackInstances": [stack_instance(number) for number in numbers]}
    return json_response(**members, **({"NextPageToken": token} if token else {}))


def account(number: int, name: str = "", state: str | None = "ACTIVE", path: str | None = "") -> dict[str, t.Any]:
    """Return an account of an organization; a path is such as ``ou-a1b2-aaaaaaaa/ou-a1b2-bbbbbbbb``."""
    given: dict[str, t.Any] = {"Id": f"{number:012d}", "Name": name or f"account {number}"}
    if state is not None:
        # Older versions of botocore return only the retired Status.
        given["State"] = given["Status"] = state
    if path is not None:
        given["Paths"] = [f"o-a1b2c3d4e5/r-a1b2/{path}{path and '/'}{number:012d}/"]
    return given


def accounts(*members: dict[str, t.Any], token: str | None = None) -> Response:
    """Return a page of accounts of an organization."""
    return json_response(Accounts=list(members), **({"NextToken": token} if token else {}))


def units(**names: str) -> Response:
    """Return organizational units by the last part of their ID."""
    members = [{"Id": f"ou-a1b2-{part}", "Name": name} for part, name in names.items()]
    return json_response(OrganizationalUnits=members)


def unit(part: str, name: str) -> Response:
    """Return the description of an organizational unit."""
    return json_response(OrganizationalUnit={"Id": f"ou-a1b2-{part}", "Name": name})


def assumed_role(access_key_id: str) -> Response:
    """Return the response of STS to AssumeRole."""
    body = f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>{access_key_id}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
    return Response(body.encode(), headers={"Content-Type": "text/xml"})


def detail(product_id: str, name: str, type_: str = "CFN_STACKSET", **more: t.Any) -> dict[str, t.Any]:
    """Return a provisioned product as Service Catalog describes it."""
    return {"Id": product_id, "Name": name, "Type": type_, "Status": "AVAILABLE", "Arn": f"arn:{product_id}", **more}


def xml_error(code: str, message: str = "No.", status: int = 400) -> Response:
    """Return an error of CloudFormation or STS."""
    body = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(f"<ErrorResponse>{body}<RequestId>1</RequestId></ErrorResponse>".encode(), status)


def xml_result(operation: str, **result: t.Any) -> Response:
    """Return a complete response of CloudFormation."""
    return Response(
        f'<{operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
        f"<{operation}Result>{_xml(result)}</{operation}Result>"
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>".encode()
    )


def stack_set(name: str, regions: t.Sequence[str] | None = ("eu-west-1",)) -> Response:
    """Return the description of a stack set."""
    detail = {"StackSetName": name, "StackSetId": f"{name}:id", "Status": "ACTIVE", "Regions": regions}
    return xml_result("DescribeStackSet", StackSet=detail)


def stack_set_page(*entries: dict[str, t.Any], token: str | None = None) -> Response:
    """Return a page of stack instances as CloudFormation lists them."""
    return xml_result("ListStackInstances", Summaries=list(entries), NextToken=token)


def summary_of(number: int, region: str = "eu-west-1", status: str = "CURRENT", **more: t.Any) -> dict[str, t.Any]:
    """Return the entry in CloudFormation for the stack instance that ``stack_instance`` returns."""
    detailed = {"CURRENT": "SUCCEEDED", "OUTDATED": "PENDING", "INOPERABLE": "INOPERABLE"}.get(status)
    return {
        "Account": f"{number:012d}",
        "Region": region,
        "Status": status,
        "StackSetId": "set:id",
        "StackInstanceStatus": {"DetailedStatus": detailed},
        **more,
    }


def _xml(value: t.Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items() if item is not None)
    if isinstance(value, (list, tuple)):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    return escape(str(value))


class Script:
    """Returns scripted responses in their order, and fails on a request that is not expected."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.pauses: list[float] = []
        self._steps: dict[str, list[Response | Exception]] = {}
        self._lock = threading.Lock()

    def expect(self, key: str, *steps: Response | Exception) -> None:
        """Script the responses to an operation, or to ``operation value`` for one value among its parameters."""
        self._steps.setdefault(key, []).extend(steps)

    @property
    def operations(self) -> list[str]:
        """The operations that were requested."""
        return [request.operation for request in self.requests]

    @property
    def unused(self) -> dict[str, int]:
        """The number of scripted responses that were not requested, by key."""
        return {key: len(steps) for key, steps in self._steps.items() if steps}

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Return the scripted response to a request."""
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        if "x-amz-target" in headers:
            operation = headers["x-amz-target"].rpartition(".")[2]
            parameters = json.loads(request.body)
        else:
            parameters = dict(parse_qsl(_text(request.body)))
            operation = parameters.pop("Action")
            del parameters["Version"]
        with self._lock:
            self.requests.append(Request(operation, parameters, headers))
            step = self._next(operation, parameters)
        if isinstance(step, Exception):
            raise step
        length = {"Content-Length": str(len(step.body))}
        return AWSResponse(request.url, step.status, length if step.headers is None else step.headers, _Raw(step.body))

    def _next(self, operation: str, parameters: dict[str, t.Any]) -> Response | Exception:
        keys = [f"{operation} {value}" for value in parameters.values() if isinstance(value, str)] + [operation]
        for key in keys:
            if self._steps.get(key):
                return self._steps[key].pop(0)
        raise AssertionError(f"unexpected request: {operation} {parameters}")


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> t.Iterator[bytes]:
        yield self._body


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def make_client(service: str, aws_config: dict[str, t.Any] | None = None, **parameters: t.Any) -> t.Any:
    """Make a client as the ``client`` methods of amazon.aws do."""
    parameters.pop("profile_name", None)
    parameters["endpoint_url"] = parameters.pop("endpoint", None)
    return boto3.session.Session().client(service, config=Config(**(aws_config or {})), **parameters)


def connect(*, watch: Watch | None = None, concurrency: int = 1, **options: t.Any) -> client.Clients:
    """Make the clients of an identity, as plugins do."""
    return client.connect(make_client, watch or Watch(), options, concurrency=concurrency)


@contextmanager
def module_arguments(arguments: dict[str, t.Any]) -> t.Iterator[None]:
    """Pass arguments to a module that runs in this process."""
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:  # ansible-core 2.18
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
            yield
    else:
        with patch_module_args(arguments):
            yield


def run_module(module: t.Any, capsys: pytest.CaptureFixture[str], arguments: dict[str, t.Any]) -> dict[str, t.Any]:
    """Run a module in this process, and return its result with its warnings, which Ansible adds on the target."""
    warnings: list[str] = []
    with pytest.MonkeyPatch.context() as patch, module_arguments(arguments):
        patch.setattr(basic.AnsibleModule, "warn", lambda _module, warning: warnings.append(warning))
        with pytest.raises(SystemExit):
            module.main()
    result = t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))
    # amazon.aws would pass them on as a part of the result, which ansible-core deprecates.
    assert "warnings" not in result
    return {**result, **({"warnings": warnings} if warnings else {})}
