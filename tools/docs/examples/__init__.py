# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every example of the documentation against the mock endpoint."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
