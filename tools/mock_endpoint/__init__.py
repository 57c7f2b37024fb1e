# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mock AWS endpoint: moto, with the operations of Service Catalog that it lacks, and faults on demand.

Importing the package needs nothing but Python, so that a test can use C(mock_endpoint.process) from any environment.
"""
