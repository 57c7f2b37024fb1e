# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of the fault tests: ``python -m faults.certificates FOLDER``, with the mock endpoint's Python.

``authority.pem`` has issued ``server.pem`` for 127.0.0.1, whose key is ``server.key``. ``stranger.pem`` has issued
nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import trustme


def main() -> None:
    """Write the certificates into the folder."""
    folder = Path(sys.argv[1])
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    server.cert_chain_pems[0].write_to_path(folder / "server.pem")
    server.private_key_pem.write_to_path(folder / "server.key")
    trustme.CA().cert_pem.write_to_path(folder / "stranger.pem")


if __name__ == "__main__":
    main()
