# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With any response from AWS, the rows are exactly those of complete responses, or there is one message."""

from __future__ import annotations

import typing as t
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.modules import provisioned_product_info, stack_instance_info
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz import oracle
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.damage import json_responses, xml_responses
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.world import (
    Outcome,
    World,
    inventory,
    lookup,
    module,
    require_message,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    assumed_role,
    detail,
    error,
    json_response,
    page,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
    xml_error,
)

LIST = "ListStackInstancesForProvisionedProduct"
ROW_STRINGS = ("Account", "Region", "StackInstanceStatus")
PLUGINS = ("module", "lookup", "inventory")
STATUSES = ("CURRENT", "OUTDATED", "INOPERABLE", "{{ lookup('ansible.builtin.pipe', 'id') }}", "a\x00\nb", "x" * 5000)


def pages_of(counts: t.Sequence[int], statuses: t.Sequence[str]) -> list[dict[str, t.Any]]:
    """Return complete pages with this many stack instances on each. Tokens are t1, t2 ..."""
    numbers = iter(range(1, 1 + sum(counts)))
    pages: list[dict[str, t.Any]] = [
        {"StackInstances": [stack_instance(next(numbers), statuses[n % len(statuses)]) for n in range(count)]}
        for count in counts
    ]
    for number, earlier in enumerate(pages[:-1], 1):
        earlier["NextPageToken"] = f"t{number}"
    return pages


@st.composite
def listings(draw: st.DrawFn) -> list[Response]:
    """Draw the pages of a listing, most of them complete."""
    pages = pages_of(
        draw(st.lists(st.sampled_from([0, 1, 2, 20]), min_size=1, max_size=3)),
        draw(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3)),
    )
    wrong = draw(st.integers(0, len(pages)))
    return [draw(json_responses(entry)) if n == wrong else json_response(**entry) for n, entry in enumerate(pages)]


def from_pages(pages: t.Sequence[Response], token: str | None, refused: Response) -> Response:
    """Return the page of a token."""
    tokens = [None, *(f"t{number}" for number in range(1, len(pages)))]
    return pages[tokens.index(token)] if token in tokens else refused


def run_plugin(plugin: str, folder: Path, **options: t.Any) -> Outcome:
    """Run the same query with one of the plugins; the outcome has rows or a message."""
    if plugin == "module":
        outcome = module(stack_instance_info, options)
        return outcome if outcome.error else Outcome(outcome.result["stack_instances"])
    if plugin == "lookup":
        return lookup([], **options)
    return inventory(folder / "x.stack_instances.yml", options)


def require(plugin: str, outcome: Outcome, rows: list[oracle.Row] | None) -> None:
    if rows is None:
        assert outcome.error, f"this must not be used: {outcome.result}"
    # Only the inventory refuses names of hosts.
    elif plugin == "inventory" and outcome.error:
        assert "host name" in outcome.error
    else:
        assert outcome.error is None, outcome.error
        assert sorted((r["account"], r["region"], r["stack_instance_status"]) for r in outcome.result) == sorted(rows)
        assert {r["provisioned_product_id"] for r in outcome.result} <= {"pp-a"}
    if outcome.error:
        require_message(outcome.error)
        assert "exception" not in (outcome.result or {})


@given(plugin=st.sampled_from(PLUGINS), pages=listings())
@example("module", [Response(b'{"StackInstances": ""}')])
@example("module", [Response(b'{"StackInstances": {}}')])
@example("module", [json_response(StackInstances=[stack_instance(1)], NextPageToken=False)])
@example("module", [json_response(StackInstances=[stack_instance(1)], NextPageToken=[])])
@example("module", [json_response(StackInstances=[stack_instance(1, "\ud800")])])
@example("lookup", [json_response(StackInstances=[stack_instance(1, "")])])
@example("lookup", [error("a\nb" * 1000)])
def test_service_catalog(aws: World, folder: Path, plugin: str, pages: list[Response]) -> None:
    refused = error("ValidationException", "No such token.")

    def one(token: str | None) -> oracle.Page | None:
        response = from_pages(pages, token, refused)
        return oracle.page_of(oracle.json_of(response), "StackInstances", "NextPageToken", ROW_STRINGS)

    aws.begin(lambda operation, parameters: from_pages(pages, parameters.get("PageToken"), refused))
    entries = oracle.walk(one)
    outcome = run_plugin(plugin, folder, provisioned_product_ids=["pp-a"])
    require(plugin, outcome, None if entries is None else oracle.rows(entries))


PRODUCT = detail(
    "pp-a",
    "a",
    Arn="arn:aws:servicecatalog:eu-west-1:123456789012:x/y",
    StatusMessage="Done.",
    Tags=[{"Key": "a", "Value": "b"}],
    PhysicalId="mine",
)


def is_product(entry: dict[str, t.Any]) -> bool:
    """Return whether strings and tags have the types of the model, or are omitted."""
    # botocore makes an empty list of tags of an empty string or object.
    tags = [] if entry.get("Tags") in (None, "", {}) else entry["Tags"]
    strings = ("Status", "Arn", "StatusMessage", "PhysicalId")
    return all(entry.get(name) is None or isinstance(entry[name], str) for name in strings) and (
        isinstance(tags, list)
        and all(isinstance(tag, dict) and all(isinstance(tag.get(n), str) for n in ("Key", "Value")) for tag in tags)
    )


@given(response=json_responses({"ProvisionedProducts": [PRODUCT, {**PRODUCT, "Id": "pp-b"}]}))
@example(json_response(ProvisionedProducts=[{**PRODUCT, "Status": {}}]))
@example(json_response(ProvisionedProducts=[{**PRODUCT, "Tags": [{}]}]))
def test_a_search(aws: World, response: Response) -> None:
    refused = error("ValidationException", "No such token.")
    found = oracle.page_of(oracle.json_of(response), "ProvisionedProducts", "NextPageToken", ("Id", "Name", "Type"))
    aws.begin(lambda operation, parameters: refused if "PageToken" in parameters else response)
    outcome = module(provisioned_product_info, {"statuses": ["AVAILABLE", "TAINTED"]})
    if found is None or found[1] or not all(map(is_product, found[0])):
        require_message(str(outcome.error))
        return
    assert outcome.error is None
    latest = {entry["Id"]: entry for entry in found[0]}
    assert [(p["id"], p["name"], p["status_message"]) for p in outcome.result["provisioned_products"]] == [
        (id_, latest[id_]["Name"], latest[id_].get("StatusMessage"))
        for id_ in sorted(latest)
        if latest[id_].get("Status") in ("AVAILABLE", "TAINTED")
    ]


@given(plugin=st.sampled_from(PLUGINS), response=json_responses({"ProvisionedProductDetail": PRODUCT}))
@example("lookup", json_response(ProvisionedProductDetail={**PRODUCT, "Arn": 5}))
@example("lookup", json_response(ProvisionedProductDetail={**PRODUCT, "Id": "pp-b"}))
def test_a_product(aws: World, folder: Path, plugin: str, response: Response) -> None:
    entry = oracle.page_of(
        {"x": [(oracle.json_of(response) or {}).get("ProvisionedProductDetail")]}, "x", "", ("Id", "Name", "Type")
    )
    aws.begin(
        lambda operation, parameters: {
            "DescribeProvisionedProduct": response,
            "DescribeStackSet": stack_set("SC-123456789012-pp-a", ["eu-west-1"]),
            "ListStackInstances": stack_set_page(summary_of(1)),
        }[operation]
    )
    outcome = run_plugin(plugin, folder, provisioned_product_ids=["pp-a"], source="cloudformation")
    # The ARN contains the account of the stack set.
    arn = (entry[0][0].get("Arn") if entry else None) or ""
    # The model of this response has no physical ID and no tags.
    known = {name: value for name, value in entry[0][0].items() if name not in ("PhysicalId", "Tags")} if entry else {}
    sound = entry is not None and is_product(known) and entry[0][0]["Id"] == "pp-a"
    if sound and entry is not None and entry[0][0]["Type"] == "CFN_STACKSET" and arn == PRODUCT["Arn"]:
        require(plugin, outcome, [("000000000001", "eu-west-1", "CURRENT")])
    elif not sound or not arn:
        require(plugin, outcome, None)
    elif outcome.error:
        require_message(outcome.error)


REQUEST_ID = b"<RequestId>1</RequestId>"
SUMMARIES = stack_set_page(
    summary_of(1, StatusReason="Because.", LastOperationId="x"), summary_of(2, "us-east-1", "OUTDATED"), token="t1"
)


@given(plugin=st.sampled_from(PLUGINS), first=xml_responses(SUMMARIES.body), described=st.booleans())
@example("lookup", stack_set_page(summary_of(1), {**summary_of(2), "Account": ""}), True)
@example("module", Response(SUMMARIES.body.replace(REQUEST_ID, REQUEST_ID * 2)), False)
def test_cloudformation(aws: World, folder: Path, plugin: str, first: Response, described: bool) -> None:
    last, refused = stack_set_page(summary_of(3)), xml_error("ValidationError")
    set_ = stack_set("mine", ["eu-west-1"] if described else None)

    def response_for(token: str | None) -> Response:
        return {None: first, "t1": last}.get(token, refused)

    def one(token: str | None) -> oracle.Page | None:
        result = oracle.result_of(response_for(token), "ListStackInstances")
        if result is None:
            return None
        lists, tokens = oracle.children(result, "Summaries"), oracle.children(result, "NextToken")
        if len(lists) != 1 or len(tokens) > 1:
            return None
        statuses = [status for entry in lists[0] for status in oracle.children(entry, "StackInstanceStatus")]
        if any(len(oracle.children(status, "DetailedStatus")) > 1 for status in statuses):
            return None
        entries = [oracle.strings_of(entry) for entry in lists[0]]
        entry = {"Summaries": entries, "NextToken": tokens[0].text or "" if tokens else None}
        return oracle.page_of(entry, "Summaries", "NextToken", ("Account", "Region", "Status"))

    aws.begin(lambda op, parameters: set_ if op == "DescribeStackSet" else response_for(parameters.get("NextToken")))
    entries = oracle.walk(one)
    rows = None if entries is None else oracle.rows(entries, "Status")
    if described and not any(region == "eu-west-1" for _account, region, _status in rows or ()):
        rows = None  # the description of the stack set contains this Region
    options = {"source": "cloudformation", "stack_set_names": {"pp-a": "mine"}, "concurrency": 1}
    require(plugin, run_plugin(plugin, folder, provisioned_product_ids=["pp-a"], **options), rows)


@given(plugin=st.sampled_from(PLUGINS), response=xml_responses(assumed_role("ASSUMED").body))
@example("lookup", assumed_role(""))
def test_an_assumed_role(aws: World, folder: Path, plugin: str, response: Response) -> None:
    result = oracle.result_of(response, "AssumeRole")
    found = [] if result is None else oracle.children(result, "Credentials")
    credentials = oracle.strings_of(found[0]) if len(found) == 1 else None
    named = credentials and all(credentials.get(n) for n in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    aws.begin(lambda operation, parameters: response if operation == "AssumeRole" else page([1]))
    outcome = run_plugin(
        plugin, folder, provisioned_product_ids=["pp-a"], assume_role_arn="arn:aws:iam::123456789012:role/x"
    )
    if outcome.error is None:
        # The identity from before is not used.
        assert named and credentials
        used = aws.requests[-1].headers["authorization"]
        assert f"Credential={credentials['AccessKeyId']}/" in used
        require(plugin, outcome, [("000000000001", "eu-west-1", "CURRENT")])
    else:
        require_message(outcome.error)
        assert LIST not in aws.operations
        # Only an invalid date can be wrong besides.
        assert not named or credentials is None or credentials.get("Expiration") != "2099-01-01T00:00:00Z"
