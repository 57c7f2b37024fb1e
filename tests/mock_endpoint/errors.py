# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors as AWS answers them. Codes are AWS' own; their sentences are guesses, but for those of IAM."""

from __future__ import annotations

import json

from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException


class ResourceNotFound(ServiceException):
    """An id or a name that does not exist."""

    code = "ResourceNotFoundException"


class InvalidParameters(ServiceException):
    """Parameters that don't go together, or not with the product."""

    code = "InvalidParametersException"


class Invalid(ServiceException):
    """A parameter that breaks the service's model, or a page token that is not ours (seen by users of the service)."""

    code = "ValidationException"


class Refusal(HTTPException):
    """An answer of the authentication in front of a JSON service, as an HTTP error for moto to pass on."""

    code = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(json.dumps({"__type": code, "message": message}))
