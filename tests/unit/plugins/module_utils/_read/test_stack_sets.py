# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.client import TOTAL_MAX_ATTEMPTS
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    MalformedResponseError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.provisioned_product import LISTED_FIELDS
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.stack_instances import Listing
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    connect,
    detail,
    error,
    json_response,
    page,
    stack_set,
    stack_set_page,
    summary_of,
    xml_error,
)

DESCRIBE_PRODUCT = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
LIST_PRODUCT = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeStackSet"
LIST = "ListStackInstances"
DENIED = xml_error("AccessDenied", "No permission.", 403)
NOT_THERE = xml_error("StackSetNotFoundException", "Not there.", 404)
EU, US, AP = "eu-west-1", "us-east-1", "ap-south-1"


def arn(product_id: str) -> str:
    return f"arn:aws:servicecatalog:eu-west-1:123456789012:stack/name/{product_id}"


def name_of(product_id: str) -> str:
    return f"SC-123456789012-{product_id}"


def described(product_id: str = "pp-a", **more: t.Any) -> Response:
    return json_response(ProvisionedProductDetail=detail(product_id, "guardrails", **{"Arn": arn(product_id), **more}))


def read(describe_products: bool = False, **given: t.Any) -> Listing:
    query = options.parse(Query, {"source": "cloudformation", **given})
    return stack_instances.read(connect(concurrency=query.concurrency), query, describe_products=describe_products)


def read_named(**given: t.Any) -> Listing:
    """Read a stack set that is named, which needs no call to Service Catalog."""
    return read(provisioned_product_ids=["pp-a"], stack_set_names={"pp-a": "mine"}, **given)


def targets(listing: Listing) -> list[tuple[str, str]]:
    return [(i["account"].lstrip("0"), i["region"]) for i in listing.stack_instances]


def listings(aws: Script) -> list[dict[str, t.Any]]:
    """Return the parameters of the requests for lists of stack instances."""
    common = ("StackSetName", "MaxResults")
    return [
        {name: value for name, value in request.parameters.items() if name not in common}
        for request in aws.requests
        if request.operation == LIST
    ]


# --- The stack set of a product ---------------------------------------------------------------------------------------


def test_an_id_is_described_only_for_its_account(aws: Script) -> None:
    aws.expect(DESCRIBE_PRODUCT, described())
    aws.expect(DESCRIBE, stack_set(name_of("pp-a")))
    aws.expect(LIST, stack_set_page(summary_of(1)))
    listing = read(provisioned_product_ids=["pp-a"])
    assert aws.operations == [DESCRIBE_PRODUCT, DESCRIBE, LIST]
    assert [request.parameters.get("StackSetName") for request in aws.requests[1:]] == [name_of("pp-a")] * 2
    assert listing.stack_instances[0]["provisioned_product_name"] is None
    assert listing.stack_instances[0]["detailed_status"] == "SUCCEEDED"
    product: t.Any = listing.provisioned_products[0]
    assert product.pop("summary")["total"] == 1
    assert product == {**dict.fromkeys(LISTED_FIELDS), "id": "pp-a"}


def test_a_named_stack_set_needs_no_call_to_service_catalog(aws: Script) -> None:
    aws.expect(DESCRIBE, stack_set("mine"))
    aws.expect(LIST, stack_set_page(summary_of(1)))
    assert targets(read_named()) == [("1", EU)]
    assert aws.operations == [DESCRIBE, LIST]


@pytest.mark.parametrize("given", [{"provisioned_product_names": ["guardrails"]}, {"describe_products": True}])
def test_a_product_is_described_once(aws: Script, given: dict[str, t.Any]) -> None:
    aws.expect(DESCRIBE_PRODUCT, described())
    aws.expect(DESCRIBE, stack_set(name_of("pp-a")))
    aws.expect(LIST, stack_set_page(summary_of(1)))
    ids = {} if "provisioned_product_names" in given else {"provisioned_product_ids": ["pp-a"]}
    assert read(**ids, **given).stack_instances[0]["provisioned_product_name"] == "guardrails"


@pytest.mark.parametrize(
    ("physical_id", "responses", "names"),
    [
        ("other", [stack_set("other")], ["other"]),
        ("arn:aws:cloudformation:eu-west-1:123456789012:stackset/other", [stack_set("other")], ["other"]),
        ("other", [NOT_THERE, stack_set("x")], ["other", name_of("pp-a")]),
        ("other", [DENIED, stack_set("x")], ["other", name_of("pp-a")]),
        (name_of("pp-a"), [stack_set("x")], [name_of("pp-a")]),
        ("arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1", [stack_set("x")], [name_of("pp-a")]),
        (None, [stack_set("x")], [name_of("pp-a")]),
    ],
)
def test_a_physical_id_of_the_form_of_a_stack_set_has_precedence(
    aws: Script, physical_id: str | None, responses: list[Response], names: list[str]
) -> None:
    more = {"PhysicalId": physical_id} if physical_id else {}
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a", Arn=arn("pp-a"), **more)]))
    aws.expect(DESCRIBE, *responses)
    aws.expect(LIST, stack_set_page(summary_of(1)))
    assert len(read().stack_instances) == 1
    assert [r.parameters["StackSetName"] for r in aws.requests if r.operation == DESCRIBE] == names


def test_only_a_refusal_leads_to_the_derived_name(aws: Script) -> None:
    """Any other failure can pass, after which the stack set of the physical ID may be found."""
    product = detail("pp-a", "a", Arn=arn("pp-a"), PhysicalId="other")
    aws.expect(SEARCH, json_response(ProvisionedProducts=[product]))
    aws.expect(DESCRIBE, xml_error("ValidationError", "Bad name"))
    with pytest.raises(
        CallError, match=r"Failed to describe stack set other of provisioned product a .pp-a.: Bad name"
    ):
        read(source="auto")


def test_a_stack_set_without_a_known_name_is_one_message(aws: Script) -> None:
    aws.expect(DESCRIBE_PRODUCT, described(Arn="arn:pp-a"))
    with pytest.raises(ServiceCatalogError) as caught:
        read(provisioned_product_ids=["pp-a"])
    assert str(caught.value) == (
        "Failed to find the stack set of provisioned product pp-a: AWS returned neither its physical ID nor an ARN with"
        " an account. Set stack_set_names, or set source to servicecatalog."
    )


def test_a_stack_set_that_does_not_exist_is_one_message(aws: Script) -> None:
    aws.expect(DESCRIBE_PRODUCT, described())
    aws.expect(DESCRIBE, NOT_THERE)
    with pytest.raises(
        CallError, match=r"Not there .StackSetNotFoundException.. If the stack set has a different name"
    ):
        read(provisioned_product_ids=["pp-a"], on_missing="skip")


def test_a_product_of_another_type_is_refused(aws: Script) -> None:
    aws.expect(DESCRIBE_PRODUCT, described(Type="CFN_STACK"))
    with pytest.raises(ServiceCatalogError, match=r"provisioned product pp-a: it has the type CFN_STACK\. Only"):
        read(provisioned_product_ids=["pp-a"], source="auto")


def test_a_missing_product_is_an_error_or_skipped(aws: Script) -> None:
    gone = error("ResourceNotFoundException", "Not there.")
    aws.expect(DESCRIBE_PRODUCT, gone, gone)
    with pytest.raises(NotFoundError, match="pp-gone"):
        read(provisioned_product_ids=["pp-gone"])
    listing = read(provisioned_product_ids=["pp-gone"], on_missing="warn")
    assert (listing.stack_instances, listing.provisioned_products) == ([], [])
    assert "pp-gone" in listing.warnings[0]


# --- The lists of a stack set -----------------------------------------------------------------------------------------


def fleet(aws: Script, accounts: int, regions: list[str]) -> None:
    """Script a stack set of more than a page, and each of its Regions."""
    aws.expect(DESCRIBE, stack_set("mine", regions))
    aws.expect(LIST, stack_set_page(*[summary_of(number, EU) for number in range(2)], token="more"))
    for region in regions:
        aws.expect(f"{LIST} {region}", stack_set_page(*[summary_of(number, region) for number in range(accounts)]))


def test_a_single_page_is_one_list(aws: Script) -> None:
    aws.expect(DESCRIBE, stack_set("mine", [EU, US]))
    aws.expect(LIST, stack_set_page(summary_of(1, US), summary_of(1, EU)))
    assert targets(read_named()) == [("1", EU), ("1", US)]
    assert listings(aws) == [{}]


def test_more_than_a_page_is_one_list_for_each_region(aws: Script) -> None:
    fleet(aws, 3, [EU, US, AP])
    listing = read_named()
    assert len(listing.stack_instances) == 9
    assert listing.stack_instances == sorted(listing.stack_instances, key=lambda i: (i["account"], i["region"]))
    assert listings(aws)[0] == {}
    assert sorted(part["StackInstanceRegion"] for part in listings(aws)[1:]) == [AP, EU, US]


@pytest.mark.parametrize(
    ("regions", "concurrency"),
    [
        ([EU], 8),  # nothing to read concurrently
        ([], 8),  # not described
        ([US], 8),  # the description lacks EU
        ([EU, US], 1),  # not concurrently
    ],
)
def test_otherwise_the_pages_are_read_in_one_sequence(aws: Script, regions: list[str], concurrency: int) -> None:
    aws.expect(DESCRIBE, stack_set("mine", regions))
    aws.expect(LIST, stack_set_page(summary_of(1), token="t1"), stack_set_page(summary_of(2, US), token="t2"))
    aws.expect(LIST, stack_set_page(summary_of(3)))
    assert len(read_named(concurrency=concurrency).stack_instances) == 3
    assert listings(aws) == [{}, {"NextToken": "t1"}, {"NextToken": "t2"}]


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"accounts": ["000000000001"]}, [{"StackInstanceAccount": "000000000001"}]),
        ({"accounts": ["000000000001"], "regions": [EU, US]}, [{"StackInstanceAccount": "000000000001"}]),
        ({"regions": [US]}, [{"StackInstanceRegion": US}]),
        ({"regions": [US, EU]}, [{}, {"StackInstanceRegion": EU}, {"StackInstanceRegion": US}]),
        (
            {"accounts": ["000000000001", "000000000002"]},
            [{}, {"StackInstanceAccount": "000000000001"}, {"StackInstanceAccount": "000000000002"}],
        ),
        (
            {"accounts": [f"{number:012d}" for number in range(1, 6)]},
            [{}, *[{"StackInstanceRegion": region} for region in (AP, EU, US)]],
        ),
        ({"accounts": []}, []),
        ({"regions": []}, []),
    ],
)
def test_filters_are_sent_if_that_saves_requests(
    aws: Script, given: dict[str, t.Any], parts: list[dict[str, str]]
) -> None:
    regions = [EU, US, AP]
    numbers = range(1, 4)
    everything = [summary_of(number, region) for number in numbers for region in regions]
    aws.expect(DESCRIBE, stack_set("mine", regions))
    for part in parts:
        region, account = part.get("StackInstanceRegion"), part.get("StackInstanceAccount")
        entries = [e for e in everything if region in (None, e["Region"]) and account in (None, e["Account"])]
        key = f"{LIST} {region or account}" if part else LIST
        aws.expect(key, stack_set_page(*entries, token=None if part else "t"))
    listing = read_named(**given)
    assert sorted(listings(aws), key=str) == sorted(parts, key=str)
    accounts, wanted = given.get("accounts"), given.get("regions", regions)
    assert targets(listing) == [
        (str(number), region)
        for number in numbers
        for region in sorted(wanted)
        if accounts is None or f"{number:012d}" in accounts
    ]


def test_the_regions_of_all_products_share_one_limit(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"pp-{letter}" for letter in "abcd"]
    lock, both = threading.Lock(), threading.Barrier(3, timeout=60)
    under_way, peaks = [0], [0]
    send = aws.send

    def counted(request: t.Any) -> t.Any:
        with lock:
            under_way[0] += 1
            peaks[0] = max(peaks[0], under_way[0])
        if b"StackInstanceRegion" in (request.body if isinstance(request.body, bytes) else request.body.encode()):
            both.wait()
        try:
            return send(request)
        finally:
            with lock:
                under_way[0] -= 1

    monkeypatch.setattr(aws, "send", counted)
    for product_id in ids:
        aws.expect(f"{DESCRIBE} {name_of(product_id)}", stack_set("x", [EU, US, AP]))
    aws.expect(LIST, *[stack_set_page(summary_of(1), token="more")] * len(ids))
    for region in (EU, US, AP):
        aws.expect(f"{LIST} {region}", *[stack_set_page(summary_of(1, region))] * len(ids))
    listing = read(provisioned_product_ids=ids, stack_set_names={name: name_of(name) for name in ids}, concurrency=3)
    assert len(listing.stack_instances) == 12
    assert peaks == [3]


# --- Complete or an error ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "parts", "message"),
    [
        (
            stack_set_page(),
            {},
            "has stack instances in eu-west-1, us-east-1 by its description, but the listing contains none",
        ),
        (
            stack_set_page(summary_of(1, EU)),
            {},
            "has stack instances in us-east-1 by its description, but the listing contains none",
        ),
        (
            stack_set_page(summary_of(1, EU), token="t"),
            {EU: stack_set_page(summary_of(1, EU)), US: stack_set_page()},
            "has stack instances in us-east-1 by its description, but the listing contains none",
        ),
        (
            stack_set_page(summary_of(1, EU), token="t"),
            {EU: stack_set_page(summary_of(1, EU)), US: stack_set_page(summary_of(1, EU))},
            "the response from AWS contained eu-west-1; the result was discarded",
        ),
    ],
)
def test_a_listing_without_a_described_region_is_an_error(
    aws: Script, first: Response, parts: dict[str, Response], message: str
) -> None:
    aws.expect(DESCRIBE, stack_set("mine", [EU, US]))
    aws.expect(LIST, first)
    for region, response in parts.items():
        aws.expect(f"{LIST} {region}", response)
    with pytest.raises(MalformedResponseError) as caught:
        read_named()
    assert message in str(caught.value)
    assert str(caught.value).startswith("Failed to list the stack instances of provisioned product pp-a")


@pytest.mark.parametrize("token", [None, "more"])
def test_a_named_region_that_the_stack_set_lacks_is_missing(aws: Script, token: str | None) -> None:
    aws.expect(DESCRIBE, stack_set("mine", [EU, US]))
    aws.expect(LIST, stack_set_page(summary_of(1, EU), token=token))
    if token:
        aws.expect(f"{LIST} {EU}", stack_set_page(summary_of(1, EU)))
    listing = read_named(regions=[EU, AP])
    assert targets(listing) == [("1", EU)]
    assert [(row["account"], row["region"]) for row in listing.missing] == [("*", AP)]
    assert listing.summary["all_current"] is False


def test_a_stack_set_without_stack_instances_is_empty(aws: Script) -> None:
    aws.expect(DESCRIBE, stack_set("mine", []))
    aws.expect(LIST, stack_set_page())
    assert read_named().stack_instances == []


def test_a_failure_of_one_region_is_a_failure_of_all(aws: Script) -> None:
    aws.expect(DESCRIBE, stack_set("mine", [EU, US]))
    aws.expect(LIST, stack_set_page(summary_of(1, EU), token="t"))
    aws.expect(f"{LIST} {EU}", stack_set_page(summary_of(1, EU)))
    aws.expect(f"{LIST} {US}", *[Response(b"")] * TOTAL_MAX_ATTEMPTS)
    with pytest.raises(MalformedResponseError, match="stack set mine, us-east-1: the response did not have the form"):
        read_named(concurrency=2)


# --- auto -------------------------------------------------------------------------------------------------------------


def test_auto_reads_from_cloudformation(aws: Script) -> None:
    aws.expect(DESCRIBE, stack_set("mine"))
    aws.expect(LIST, stack_set_page(summary_of(1)))
    listing = read_named(source="auto")
    assert listing.stack_instances[0]["detailed_status"] == "SUCCEEDED"
    assert listing.warnings == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([(DESCRIBE_PRODUCT, error("AccessDeniedException", "No permission."))], "describe provisioned product pp-a"),
        ([(DESCRIBE_PRODUCT, described(Arn="arn:x"))], "Failed to find the stack set of provisioned product pp-a"),
        ([(DESCRIBE_PRODUCT, described()), (DESCRIBE, DENIED)], "No permission (AccessDenied)"),
        (
            [(DESCRIBE_PRODUCT, described()), (DESCRIBE, NOT_THERE)],
            "If the stack set has a different name in eu-west-1, set stack_set_names",
        ),
        (
            [(DESCRIBE_PRODUCT, described()), (DESCRIBE, stack_set("x")), (LIST, DENIED)],
            f"list the stack instances of provisioned product pp-a, stack set {name_of('pp-a')}: No permission",
        ),
    ],
)
def test_auto_falls_back_with_a_warning(aws: Script, script: list[tuple[str, Response]], reason: str) -> None:
    for operation, response in script:
        aws.expect(operation, response)
    aws.expect(LIST_PRODUCT, page([1, 2]))
    listing = read(provisioned_product_ids=["pp-a"], source="auto")
    assert len(listing.stack_instances) == 2
    assert "stack_id" not in listing.stack_instances[0]
    [warning] = listing.warnings
    assert warning.startswith("The stack instances of a provisioned product come from Service Catalog, without reasons")
    assert reason in warning


def test_auto_reads_a_product_from_one_source_only_and_warns_once(aws: Script) -> None:
    ids = ["pp-a", "pp-b", "pp-c"]
    for product_id in ids[:2]:
        aws.expect(f"{DESCRIBE} {name_of(product_id)}", stack_set("x", [EU, US]))
    aws.expect(f"{DESCRIBE} {name_of('pp-c')}", DENIED)
    aws.expect(LIST, stack_set_page(summary_of(1), token="more"))
    aws.expect(f"{LIST} {EU}", stack_set_page(summary_of(1, EU)))
    aws.expect(f"{LIST} {US}", stack_set_page(summary_of(1, US)))
    # This one is refused between two pages.
    aws.expect(f"{LIST} {name_of('pp-b')}", stack_set_page(summary_of(1), token="more"), stack_set_page(), DENIED)
    aws.expect(f"{LIST_PRODUCT} pp-b", page([7]))
    aws.expect(f"{LIST_PRODUCT} pp-c", page([8, 9]))
    names = {product_id: name_of(product_id) for product_id in ids}
    listing = read(provisioned_product_ids=ids, stack_set_names=names, source="auto", concurrency=2)
    rows = [(i["provisioned_product_id"][-1], i["account"][-1], "stack_id" in i) for i in listing.stack_instances]
    assert rows == [("a", "1", True), ("a", "1", True), ("b", "7", False), ("c", "8", False), ("c", "9", False)]
    assert len(listing.warnings) == 1
    assert "2 of 3 products" in listing.warnings[0]


def test_the_rest_of_a_refused_stack_set_is_not_read(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=60)
    send = aws.send

    def together(request: t.Any) -> t.Any:
        if b"StackInstanceRegion" in (request.body if isinstance(request.body, bytes) else request.body.encode()):
            both.wait()
        return send(request)

    monkeypatch.setattr(aws, "send", together)
    aws.expect(DESCRIBE, stack_set("mine", [AP, EU, US]))
    aws.expect(LIST, stack_set_page(summary_of(1), token="more"))
    # A request for the third Region would be an unexpected one.
    for region in (AP, EU):
        aws.expect(f"{LIST} {region}", DENIED)
    aws.expect(LIST_PRODUCT, page([1, 2]))
    listing = read_named(source="auto", concurrency=2)
    assert targets(listing) == [("1", EU), ("2", EU)]
    assert len(listing.warnings) == 1


@pytest.mark.parametrize(
    "response",
    [xml_error("Throttling"), Response(b""), xml_error("ValidationError", "Bad name"), xml_error("Oops", "", 500)],
)
def test_auto_does_not_fall_back_for_faults_that_may_pass(aws: Script, response: Response) -> None:
    aws.expect(DESCRIBE, *[response] * (1 if b"ValidationError" in response.body else TOTAL_MAX_ATTEMPTS))
    with pytest.raises(ServiceCatalogError, match="Failed to describe stack set mine of provisioned product pp-a: "):
        read_named(source="auto")


@pytest.mark.parametrize("operation", [DESCRIBE, LIST])
def test_cloudformation_does_not_fall_back(aws: Script, operation: str) -> None:
    if operation == LIST:
        aws.expect(DESCRIBE, stack_set("mine"))
    aws.expect(operation, DENIED)
    with pytest.raises(CallError, match=r"No permission .AccessDenied.. Grant this action"):
        read_named()
