# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Complete responses of AWS, and how they can be damaged on the way."""

from __future__ import annotations

import copy
import json
import typing as t
from xml.etree import ElementTree

from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz import values
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import Response

STATUSES = (200,) * 8 + (201, 204, 300, 301, 400, 403, 404, 413, 429, 500, 503, 599)
HEADERS: tuple[dict[str, str] | None, ...] = (
    *(None,) * 8,
    {},
    {"Content-Length": "1"},
    {"content-length": "x\ud7ff"},
    {"Content-Length": "-1", "Content-Type": "text/html"},
    {"Content-Encoding": "gzip", "Content-Length": "7"},
    {"x-amzn-query-error": ";;", "x-amzn-requestid": "{{ 1/0 }}", "x-amzn-ErrorType": "a:b"},
    {"Date": "yesterday", "Retry-After": "never", "x-amz-retry-after": "-1"},
)
TOKENS = st.sampled_from([0, 1, False, True, [], {}, "", "t1", "t2", ["t1"], {"t": 1}, "x" * 3000, "\x00", None])


def paths_in(value: t.Any, here: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[t.Any, ...]]:
    """Yield the path of each part of a JSON value, the value itself first."""
    yield here
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths_in(child, (*here, key))


@st.composite
def changed(draw: st.DrawFn, complete: t.Any) -> t.Any:
    """Draw a JSON value of which a part is replaced, removed or repeated."""
    path = draw(st.sampled_from(list(paths_in(complete))))
    new = draw(values.JSON | TOKENS | st.sampled_from([None, "", 0, [], {}]))
    if not path:
        return new
    made = copy.deepcopy(complete)
    parent = made
    for key in path[:-1]:
        parent = parent[key]
    how = draw(st.sampled_from(["replace", "replace", "remove", "repeat"]))
    if how == "replace":
        parent[path[-1]] = new
    elif how == "remove":
        del parent[path[-1]]
    elif isinstance(parent, list):
        parent.append(parent[path[-1]])
    else:
        parent[draw(values.TEXTS)] = parent[path[-1]]
    return made


@st.composite
def damaged_bytes(draw: st.DrawFn, complete: bytes) -> bytes:
    """Draw a body that is unchanged, truncated, changed, or another one."""
    begin = draw(st.integers(0, len(complete)))
    end = draw(st.integers(begin, len(complete)))
    return draw(
        st.just(complete)
        | st.sampled_from([complete[:begin], complete[begin:], complete[:begin] + complete[end:]])
        | st.sampled_from([complete + complete, b"\xef\xbb\xbf" + complete])
        | st.binary(max_size=4).map(lambda noise: complete[:begin] + noise + complete[begin + len(noise) :])
        | st.binary(max_size=40)
        | st.sampled_from([b"", b"null", b"[]", b"{}", b"<html>503</html>", b"[" * 100_000, b'{"a":' * 100_000])
    )


@st.composite
def json_responses(draw: st.DrawFn, complete: t.Any) -> Response:
    """Draw a response of Service Catalog, complete or damaged."""
    value = draw(st.just(complete) | changed(complete) | changed(complete) | values.JSON)
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 9)) == 0 and isinstance(value, dict) and value:
        # The same name twice.
        text = '{"' + next(iter(complete)) + '": [], ' + text[1:]
    body = text.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 2)) == 0:
        body = draw(damaged_bytes(body))
    return Response(body, draw(st.sampled_from(STATUSES)), draw(st.sampled_from(HEADERS)))


@st.composite
def xml_responses(draw: st.DrawFn, complete: bytes) -> Response:
    """Draw a response of CloudFormation or STS, complete or damaged."""
    root = ElementTree.fromstring(complete)
    parents = [(parent, child) for parent in root.iter() for child in parent]
    for parent, child in draw(st.lists(st.sampled_from(parents), max_size=2)):
        how = draw(st.sampled_from(["text", "remove", "repeat"]))
        if how == "text" and not len(child):
            child.text = draw(st.sampled_from(["", " ", "{{ 1/0 }}", "eu-west-1", "000000000001", "\u202e", "t1", "0"]))
        elif how == "remove" and child in list(parent):
            parent.remove(child)
        elif how == "repeat" and (not len(child) or child.tag.endswith("member")):
            parent.append(child)
    body = ElementTree.tostring(root)
    if draw(st.integers(0, 2)) == 0:
        body = draw(damaged_bytes(body))
    return Response(body, draw(st.sampled_from(STATUSES)), draw(st.sampled_from(HEADERS)))
