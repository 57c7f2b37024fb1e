# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A limit for the size of responses. Private to this collection.

botocore reads a body completely before any of its events, however large it is, so that its HTTP session is wrapped.
"""

from __future__ import annotations

import typing as t

try:
    from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
    from urllib3 import exceptions as urllib3_errors
except ImportError:
    # amazon.aws reports a missing SDK before anything here is called.
    pass

if t.TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient

# A page has at most 100 entries of a few kilobytes each.
MAX_BODY_SIZE = 8 * 1024 * 1024


class TooLargeError(Exception):
    """A response whose body is larger than the limit."""

    def __init__(self) -> None:
        super().__init__(f"the response was larger than {MAX_BODY_SIZE // 1024**2} MiB")


def limit_responses(boto_client: BaseClient) -> None:
    """Make the client stop reading a response at ``MAX_BODY_SIZE``, and raise TooLargeError without a retry."""
    endpoint = boto_client._endpoint
    endpoint.http_session = _BoundedSession(endpoint.http_session)


class _BoundedSession:
    """botocore's HTTP session, but for the reading of bodies."""

    def __init__(self, session: t.Any) -> None:
        self._session = session

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request, and return the response after reading it."""
        request.stream_output = True
        response: AWSResponse = self._session.send(request)
        response.raw = _BoundedBody(response.raw)
        try:
            # botocore reads the body when it is first used, and outside of its handling of connection errors.
            response.content  # noqa: B018
        except urllib3_errors.ReadTimeoutError as e:
            raise ReadTimeoutError(endpoint_url=request.url, error=e) from e
        except urllib3_errors.ProtocolError as e:
            raise ConnectionClosedError(error=e, request=request, endpoint_url=request.url) from e
        except (OSError, urllib3_errors.HTTPError) as e:
            raise HTTPClientError(error=e) from e
        return response

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


class _BoundedBody:
    def __init__(self, raw: t.Any) -> None:
        self._raw = raw

    def stream(self, *args: t.Any, **kwargs: t.Any) -> t.Iterator[bytes]:
        """Read the body in pieces."""
        size = 0
        for piece in self._raw.stream(*args, **kwargs):
            size += len(piece)
            if size > MAX_BODY_SIZE:
                # The rest stays unread, so that the connection cannot be used again.
                self._raw.close()
                raise TooLargeError
            yield piece

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._raw, name)
