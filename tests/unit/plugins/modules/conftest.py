# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.module_utils.common import warnings


@pytest.fixture(autouse=True)
def no_warnings_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discard warnings of other tests, which a module would return, as it usually is the only one of a process."""
    monkeypatch.setattr(warnings, "_global_warnings", type(warnings._global_warnings)())
