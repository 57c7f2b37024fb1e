# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the tables of the documentation with what the tests hold: C(python -m doc_tables), with C(tests/) as the
working directory. With C(--write) the tables are written.
"""

from __future__ import annotations

import argparse
import sys
import typing as t

from docs.tables import privileges
from docs.tables.page import PAGES, with_section

# (page, name of the section) → what belongs there.
TABLES: dict[tuple[str, str], t.Callable[[], str]] = {
    ("guide_credentials.rst", "policies"): privileges.policies,
    ("guide_credentials.rst", "privileges"): privileges.table,
}


def main() -> None:
    """Write the tables, or fail if one is not what the tests hold."""
    parser = argparse.ArgumentParser(prog="python -m doc_tables", description=__doc__.partition(":")[0])
    parser.add_argument("--write", action="store_true", help="write the tables into the pages")
    write = parser.parse_args().write
    stale = []
    for (page, name), table in TABLES.items():
        file = PAGES / page
        text = file.read_text(encoding="utf-8")
        wanted = with_section(text, name, table())
        if wanted != text:
            stale.append(f"{name} in {page}")
            if write:
                file.write_text(wanted, encoding="utf-8")
    if stale and not write:
        sys.exit(f"Not what the tests hold: {', '.join(stale)}. Write it with `python3 dev.py docs`.")
    print(f"{len(TABLES)} tables, {len(stale)} of them {'written' if write else 'stale'}.")


if __name__ == "__main__":
    main()
