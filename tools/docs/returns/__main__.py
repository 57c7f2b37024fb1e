# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the shared parts of RETURN blocks with their source: `python -m docs.returns`, with `--write` to write them.

A plugin contains a part between `# Part: NAME` and `# End of part: NAME`, at any indentation. Its source is NAME.yml in
this folder, which can contain other parts.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from pathlib import Path

PARTS = Path(__file__).resolve().parent
PLUGINS = PARTS.parents[2] / "plugins"

_MARKED = re.compile(r"^( *)# Part: (\w+)\n(?:.*\n)*?\1# End of part: \2\n", re.MULTILINE)


def with_parts(text: str, folder: Path = PARTS) -> str:
    """Return the text with every marked part as its source has it.

    Raises:
        FileNotFoundError: A part has no source.
    """

    def replacement(found: re.Match[str]) -> str:
        indentation, name = found.groups()
        _license, _start, source = (folder / f"{name}.yml").read_text(encoding="utf-8").partition("---\n")
        part = f"# Part: {name}\n{with_parts(source, folder)}# End of part: {name}\n"
        return textwrap.indent(part, indentation)

    return _MARKED.sub(replacement, text)


def main() -> None:
    """Write the parts, or fail if one differs from its source."""
    parser = argparse.ArgumentParser(prog="python -m docs.returns", description=__doc__.partition(":")[0])
    parser.add_argument("--write", action="store_true", help="write the parts into the plugins")
    write = parser.parse_args().write
    stale = []
    for file in sorted(PLUGINS.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        current = with_parts(text)
        if current != text:
            stale.append(file.relative_to(PLUGINS.parent).as_posix())
            if write:
                file.write_text(current, encoding="utf-8")
    if stale and not write:
        sys.exit(f"Shared parts of RETURN are stale in {', '.join(stale)}. Run `python3 dev.py docs`.")
    print(f"Shared parts of RETURN: {len(stale)} files {'written' if write else 'stale'}.")


if __name__ == "__main__":
    main()
