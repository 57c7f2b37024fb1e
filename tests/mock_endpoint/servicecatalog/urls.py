# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where moto's server finds Service Catalog."""

from __future__ import annotations

from moto.servicecatalog.urls import url_bases as url_bases
from moto.servicecatalog.urls import url_paths as stock_url_paths

from mock_endpoint.servicecatalog.responses import Responses

url_paths = {**stock_url_paths, "{0}/$": Responses.dispatch}
