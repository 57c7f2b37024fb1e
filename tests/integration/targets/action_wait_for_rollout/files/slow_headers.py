# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve responses whose headers arrive one byte each second, for five minutes: python slow_headers.py PORT_FILE"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

LIFETIME_SECONDS = 300


async def respond(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 120:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)


async def main() -> None:
    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    port_file = Path(sys.argv[1])
    temporary = port_file.with_suffix(".new")
    temporary.write_text(str(server.sockets[0].getsockname()[1]), encoding="utf-8")
    temporary.rename(port_file)
    # Ansible does not stop it.
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(server.serve_forever(), LIFETIME_SECONDS)


asyncio.run(main())
