# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the wait in the output of the demo as a terminal: terminal.py OUTPUT PICTURE"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

output, picture = map(Path, sys.argv[1:])
shown = output.read_text(encoding="utf-8")
wait = shown[shown.index("TASK [Wait") :]
wait = wait[: wait.index("TASK [", 1)].strip()
console = Console(record=True, width=100, file=io.StringIO())
console.print(Text.from_ansi(wait))
# The picture must not load fonts: without these rules, the browser uses a font of its own.
drawn = re.sub(r" *@font-face \{.*?\}\n", "", console.export_svg(title="ansible-playbook"), flags=re.DOTALL)
picture.write_text("".join(f"{line.rstrip()}\n" for line in drawn.splitlines()), encoding="utf-8")
