# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the tables of the guides with their sources: ``python -m docs.tables``. ``--write`` updates them."""

from __future__ import annotations

import argparse
import sys
import typing as t

from docs.tables import privileges
from docs.tables.page import PAGES, with_section

# Page and section, and the function that generates the section.
TABLES: dict[tuple[str, str], t.Callable[[], str]] = {
    ("guide_credentials.rst", "policies"): privileges.policies,
    ("guide_credentials.rst", "privileges"): privileges.table,
}


def main() -> None:
    """Write the tables, or exit with 1 if one is not up to date."""
    parser = argparse.ArgumentParser(prog="python -m docs.tables", description="Compare the tables with their sources.")
    parser.add_argument("--write", action="store_true", help="write the tables to the pages")
    write = parser.parse_args().write
    stale = []
    for (page, name), table in TABLES.items():
        file = PAGES / page
        text = file.read_text(encoding="utf-8")
        updated = with_section(text, name, table())
        if updated != text:
            stale.append(f"{name} in {page}")
            if write:
                file.write_text(updated, encoding="utf-8")
    if stale and not write:
        sys.exit(f"Not up to date: {', '.join(stale)}. Run `python3 dev.py docs` to update them.")
    print(f"{len(TABLES)} tables, {len(stale)} {'written' if write else 'stale'}.")


if __name__ == "__main__":
    main()
