# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files that a guide contains: each code block whose first line is a comment with the path of a file.

python files_of_guide.py GUIDE FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from antsibull_docutils.rst_code_finder import find_code_blocks


def main() -> None:
    guide, folder = map(Path, sys.argv[1:])
    for block in find_code_blocks(guide.read_text(encoding="utf-8"), path=guide):
        first_line = block.content.partition("\n")[0]
        if first_line.startswith("# "):
            file = folder / first_line[2:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{block.content}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
