# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mock AWS endpoint: moto, extended by Service Catalog's provisioned products and by fault injection.

Importing the package requires only Python's standard library, so that tests can use ``mock_endpoint.process`` from any
environment.
"""
