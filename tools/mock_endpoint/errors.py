# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of Service Catalog. Codes are AWS' own; the sentences are guesses."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ResourceNotFound(ServiceException):
    """An id or a name that does not exist."""

    code = "ResourceNotFoundException"


class InvalidParameters(ServiceException):
    """Parameters that don't go together, or not with the product."""

    code = "InvalidParametersException"


class Invalid(ServiceException):
    """A parameter that breaks the service's model, or a page token that is not ours (seen by users of the service)."""

    code = "ValidationException"
