# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of Service Catalog. Their codes are those of AWS; their messages are guesses."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ResourceNotFound(ServiceException):
    """An ID or a name that does not exist."""

    code = "ResourceNotFoundException"


class InvalidParameters(ServiceException):
    """Parameters that exclude each other or do not fit the product."""

    code = "InvalidParametersException"


class Invalid(ServiceException):
    """A parameter that violates the service's model, or a page token of another listing (reported by users of AWS)."""

    code = "ValidationException"
