# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Control calls, the request log, the command line and the end of the process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import typing as t
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme
from botocore.exceptions import ReadTimeoutError

from mock_endpoint.process import TOOLS, MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json, Outcome
from mock_endpoint.tests.conftest import PYTHON

LIST = "ListStackInstancesForProvisionedProduct"
PRODUCT: Json = {"id": "pp-abc", "matrix": {"accounts": 30, "regions": ["eu-west-1"]}}


def list_page(aws: Botocore, product: str = "pp-abc") -> Outcome:
    """Return the first page of a product's stack instances."""
    return aws.call("servicecatalog", LIST, {"ProvisionedProductId": product})


def statuses(aws: Botocore, product: str) -> dict[str, int]:
    """Return the number of stack instances for each status of a product."""
    paginator = aws.of("servicecatalog").get_paginator("list_stack_instances_for_provisioned_product")
    found: dict[str, int] = {}
    for page in paginator.paginate(ProvisionedProductId=product):
        for row in page["StackInstances"]:
            found[row["StackInstanceStatus"]] = found.get(row["StackInstanceStatus"], 0) + 1
    return found


def test_matrix(endpoint: MockEndpoint, aws: Botocore) -> None:
    not_current = {"OUTDATED": {"count": 5, "detailed_status": "FAILED", "status_reason": "No role."}, "INOPERABLE": 2}
    matrix = {"accounts": ["111111111111", "222222222222"], "regions": ["a-b-1", "c-d-2", "e-f-3", "g-h-4"]}
    endpoint.add_products([{"id": "pp-abc", "matrix": {**matrix, "statuses": not_current}}])
    assert statuses(aws, "pp-abc") == {"CURRENT": 1, "OUTDATED": 5, "INOPERABLE": 2}
    listed = aws.call("cloudformation", "ListStackInstances", {"StackSetName": "SC-123456789012-pp-abc"}).response
    assert listed is not None
    reasons = {(row["Status"], row.get("StatusReason")) for row in listed["Summaries"]}
    assert reasons == {("CURRENT", None), ("OUTDATED", "No role."), ("INOPERABLE", None)}


def test_matrix_is_deterministic(endpoint: MockEndpoint, aws: Botocore) -> None:
    outcomes = []
    for _time in range(2):
        endpoint.reset()
        matrix = {**PRODUCT["matrix"], "statuses": {"OUTDATED": 5}}
        endpoint.add_products([{"id": "pp-abc", "matrix": matrix}])
        outcomes.append(list_page(aws))
    assert outcomes[0] == outcomes[1]


def test_replace_product(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([PRODUCT])
    endpoint.add_products([{"id": "pp-abc", "instances": [{"account": 111111111111, "region": "eu-west-1"}]}])
    assert statuses(aws, "pp-abc") == {"CURRENT": 1}


def test_update_product(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([PRODUCT])
    endpoint.update_product("pp-abc", name="renamed", status="TAINTED", status_message="It failed.")
    response = aws.call("servicecatalog", "DescribeProvisionedProduct", {"Name": "renamed"}).response
    assert response is not None
    assert response["ProvisionedProductDetail"]["StatusMessage"] == "It failed."
    endpoint.update_product("pp-abc", instances=[{"account": "200000000000", "region": "eu-west-1", "status": "NEW"}])
    assert statuses(aws, "pp-abc") == {"CURRENT": 29, "NEW": 1}
    endpoint.update_product("pp-abc", instances=[{"account": "300000000000", "region": "eu-west-1"}])
    assert statuses(aws, "pp-abc") == {"CURRENT": 30, "NEW": 1}
    endpoint.update_product("pp-abc", remove_instances=[{"account": "200000000000", "region": "eu-west-1"}])
    assert statuses(aws, "pp-abc") == {"CURRENT": 30}


def test_remove_product(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([PRODUCT])
    endpoint.remove_product("pp-abc")
    assert list_page(aws).code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "products", {}),
        ("POST", "products", {"products": {}}),
        ("POST", "products", {"products": [{}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "color": "green"}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "status": 1}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "created_time": "today"}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "name": "pp-abc"}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "instances": [{"account": "1"}]}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "instances": 3}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "type": "CFN_STACK", "matrix": PRODUCT["matrix"]}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "matrix": {"accounts": 3}}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "matrix": {**PRODUCT["matrix"], "statuses": {"NEW": 31}}}]}),
        ("POST", "products", {"products": [{"id": "pp-x", "matrix": {**PRODUCT["matrix"], "statuses": {"NEW": {}}}}]}),
        ("PATCH", "products/pp-missing", {"status": "ERROR"}),
        ("PATCH", "products/pp-abc", {"id": "pp-x"}),
        ("PATCH", "products/pp-abc", {"name": "x", "instances": [{"account": "1"}]}),
        ("DELETE", "products/pp-missing", None),
        ("PUT", "latency", {}),
        ("PUT", "latency", {"milliseconds": "long"}),
        ("PUT", "latency", {"milliseconds": -1}),
        ("PUT", "iam", {"enforce": 1}),
        ("POST", "color", None),
    ],
)
def test_invalid_calls_change_no_state(
    endpoint: MockEndpoint, aws: Botocore, method: str, path: str, body: Json | None
) -> None:
    endpoint.add_products([PRODUCT])
    with pytest.raises(ValueError, match=r"\.$"):
        endpoint._call(method, path, body)
    assert statuses(aws, "pp-abc") == {"CURRENT": 30}
    assert list_page(aws, "pp-x").code == "ResourceNotFoundException"
    assert aws.call("servicecatalog", "DescribeProvisionedProduct", {"Name": "pp-abc"}).code is None


@pytest.mark.parametrize("path", ["/mock/reset", "/moto-api/reset"])
def test_reset(endpoint: MockEndpoint, aws: Botocore, path: str) -> None:
    endpoint.add_products([PRODUCT])
    aws.of("ec2").create_key_pair(KeyName="mine")
    endpoint.faults(None, [{"error": {"code": "Throttling"}}], repeat=True)
    endpoint.set_latency(8000)
    endpoint.enforce_iam(True)
    with urllib.request.urlopen(urllib.request.Request(endpoint.url + path, method="POST")) as response:
        assert response.status == 200
    assert endpoint.requests() == []
    began = time.monotonic()
    assert list_page(aws).code == "ResourceNotFoundException"
    assert time.monotonic() - began < 7
    assert aws.call("cloudformation", "ListStackSets", {}).response == {"Summaries": []}
    assert aws.of("ec2").describe_key_pairs()["KeyPairs"] == []


def test_request_log(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([PRODUCT])
    before = time.time()
    list_page(aws)
    list_page(aws, "pp-missing")
    aws.call("cloudformation", "ListStackInstances", {"StackSetName": "SC-123456789012-pp-abc", "MaxResults": 3})
    first, second, third = endpoint.requests()
    assert before <= first.pop("started") <= first.pop("ended") <= time.time()
    assert "Botocore/" in first.pop("user_agent")
    assert first == {
        "service": "servicecatalog",
        "operation": LIST,
        "parameters": {"ProvisionedProductId": "pp-abc"},
        "access_key_id": "testing",
        "region": "us-east-1",
        "status": 200,
    }
    assert second["status"] == 400
    assert (third["service"], third["parameters"]) == (
        "cloudformation",
        {"StackSetName": "SC-123456789012-pp-abc", "MaxResults": "3"},
    )
    endpoint.clear_requests()
    assert endpoint.requests() == []


def test_an_incomplete_request_is_not_logged(endpoint: MockEndpoint, aws: Botocore) -> None:
    host, port = endpoint.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: cloudformation.eu-west-1\r\nContent-Length: 90\r\n\r\nAction=")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    list_page(aws)
    assert [request["operation"] for request in endpoint.requests()] == [LIST]


def test_secrets_are_not_logged(endpoint: MockEndpoint, aws: Botocore) -> None:
    aws.of("iam").create_user(UserName="someone")
    aws.of("iam").create_login_profile(UserName="someone", Password="hidden-1")
    aws.of("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::123456789012:role/x", RoleSessionName="me", WebIdentityToken="hidden-2"
    )
    aws.of("secretsmanager").create_secret(Name="name", SecretString="hidden-3")
    logged = json.dumps(endpoint.requests())
    assert "hidden" not in logged
    assert logged.count('"UserName": "someone"') == 2


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_latency_and_concurrency(endpoint: MockEndpoint, concurrency: int) -> None:
    endpoint.add_products([PRODUCT])
    client = Botocore(endpoint.url, max_pool_connections=16)
    # Created before threads share it.
    client.of("servicecatalog")
    # Long enough for a busy machine to send the last request before the first response.
    endpoint.set_latency(1000)
    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(lambda _number: list_page(client), range(concurrency)))
    assert endpoint.peak_concurrency() == concurrency
    assert all(entry["ended"] - entry["started"] >= 0.99 for entry in endpoint.requests())


def test_sequential_requests_are_not_concurrent(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([PRODUCT])
    for _request in range(20):
        # Requests on separate connections could overlap in the log.
        list_page(Botocore(endpoint.url))
    assert endpoint.peak_concurrency() == 1


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("servicecatalog", "ListLaunchPaths", {"ProductId": "prod-x"}),
        ("cloudformation", "DescribeAccountLimits", {}),
        ("support", "DescribeSupportedLanguages", {"issueType": "a", "serviceCode": "b", "categoryCode": "c"}),
        ("devicefarm", "ListProjects", {}),
        ("artifact", "ListReports", {}),
    ],
)
def test_unknown_operations_are_rejected(aws: Botocore, service: str, operation: str, parameters: Json) -> None:
    assert aws.call(service, operation, parameters).code == "UnknownOperationException"


def test_other_services_are_available(aws: Botocore) -> None:
    identity = aws.of("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert aws.of("ec2").describe_regions()["Regions"]


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_command_line_options(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    server = trustme.CA().issue_cert("127.0.0.1")
    server.cert_chain_pems[0].write_to_path(cert)
    server.private_key_pem.write_to_path(key)
    files = {name: tmp_path / name for name in ("port", "fleet.json", "requests.jsonl")}
    files["fleet.json"].write_text(json.dumps({"products": [PRODUCT]}))
    options = ["--tls-cert", cert, "--tls-key", key, "--latency-ms", "50", "--fleet", str(files["fleet.json"])]
    more = ["--port-file", str(files["port"]), "--log-requests", str(files["requests.jsonl"])]
    with MockEndpoint(PYTHON, *options, *more) as endpoint:
        assert endpoint.url == f"https://127.0.0.1:{files['port'].read_text().strip()}"
        aws = Botocore(endpoint.url)
        outcome = list_page(aws)
        assert outcome.response is not None
        assert len(outcome.response["StackInstances"]) == 20
        for step in ({"drop": "rst"}, {"drop": "fin"}):
            endpoint.faults("pp-abc", [step])
            with pytest.raises(Exception, match=r"(?i)connection|EOF|reset|SSL"):
                list_page(aws)
        endpoint.faults("pp-abc", [{"truncate": 50, "honest_length": True}, {"delay": 3}])
        list_page(aws)
        with pytest.raises(ReadTimeoutError):
            list_page(Botocore(endpoint.url, read_timeout=0.2))
    # A client that disconnects is not an error of the endpoint.
    assert "Traceback" not in capfd.readouterr().err
    logged = [json.loads(line) for line in files["requests.jsonl"].read_text().splitlines()]
    assert [entry["status"] for entry in logged] == [200, None, None, 200, 200]
    assert all(entry["ended"] - entry["started"] >= 0.049 for entry in logged)


def test_enforce_iam_on_start() -> None:
    with MockEndpoint(PYTHON, "--enforce-iam") as endpoint:
        assert list_page(Botocore(endpoint.url)).code == "UnrecognizedClientException"


@pytest.mark.parametrize(
    "arguments",
    [["--fleet", "missing.json"], ["--fleet", __file__], ["--tls-cert", "cert.pem"], ["--port", "TAKEN"]],
)
def test_start_fails_with_a_message(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = [str(taken.getsockname()[1]) if argument == "TAKEN" else argument for argument in arguments]
        command = [PYTHON, "-m", "mock_endpoint", *given]
        done = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    with pytest.raises(RuntimeError, match="did not start"):
        MockEndpoint(PYTHON, "--fleet", "missing.json")


def test_exports_are_printed(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.json"
    fleet.write_text(json.dumps({"products": [{**PRODUCT, "region": "eu-west-1"}]}))
    command = [PYTHON, "-m", "mock_endpoint", "--stop-with-stdin", "--fleet", str(fleet)]
    done = subprocess.run(command, cwd=TOOLS, input="", capture_output=True, text=True, timeout=60, check=True)
    url, *exports = done.stdout.splitlines()
    assert exports == [
        f"export AWS_ENDPOINT_URL={url}",
        "export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing",
        "export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_the_endpoint(number: signal.Signals) -> None:
    command = [PYTHON, "-m", "mock_endpoint"]
    with subprocess.Popen(command, cwd=TOOLS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


PARENT = """
import os, sys
from mock_endpoint.process import MockEndpoint
endpoint = MockEndpoint(sys.argv[1])
print(endpoint._process.pid, endpoint.url, flush=True)
os._exit(1)
"""


def test_endpoint_stops_with_its_parent() -> None:
    command = [sys.executable, "-c", PARENT, PYTHON]
    parent = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, timeout=60, check=False)
    pid, url = parent.stdout.split()
    wait_for(lambda: not accepts(url))
    wait_for(lambda: not is_alive(int(pid)))


def test_stop_call() -> None:
    endpoint = MockEndpoint(PYTHON)
    endpoint._call("POST", "stop")
    wait_for(lambda: not accepts(endpoint.url))
    endpoint.stop()


def accepts(url: str) -> bool:
    """Return whether a server listens at the URL."""
    host, port = url.rpartition("/")[2].split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def is_alive(pid: int) -> bool:
    """Return whether the process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # In a container without an init process, an orphan stays a zombie.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def wait_for(holds: t.Callable[[], bool]) -> None:
    """Wait up to 20 seconds for a condition."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_twenty_thousand_instances_are_created_quickly(endpoint: MockEndpoint, aws: Botocore) -> None:
    regions = [f"eu-west-{number}" for number in range(1, 11)]
    began = time.monotonic()
    endpoint.add_products([{"id": "pp-abc", "matrix": {"accounts": 2000, "regions": regions}}])
    # This takes 0.1 seconds on an idle machine; with moto's own stack instances it takes 10 seconds.
    assert time.monotonic() - began < 3
    assert list_page(aws).code is None
