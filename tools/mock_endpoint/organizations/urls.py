# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The URLs of Organizations in moto's server."""

from __future__ import annotations

from moto.organizations import urls as stock

from mock_endpoint.organizations.responses import Responses

url_bases = stock.url_bases
url_paths = {**stock.url_paths, "{0}/$": Responses.dispatch}
