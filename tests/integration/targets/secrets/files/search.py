# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search everything below folders for secrets: python search.py SECRETS FOLDER...

SECRETS is a file with a JSON object of names and secrets. The search covers each secret as it is, in JSON, in URL
encoding and in base64, and the marks of a signed request. It prints how much it searched, and exits with the places
where it found a secret.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import typing as t
from pathlib import Path
from urllib.parse import quote

MARKS = {"a signature": b"Signature=", "a header with a session token": b"X-Amz-Security-Token: "}

# What Ansible writes without masking, whatever the module: with ANSIBLE_DEBUG the arguments of each module, and from
# ansible-core 2.22 on a key with the secrets to mask, in the files of background jobs and in what ANSIBLE_DEBUG shows.
WRITTEN_BY_ANSIBLE = re.compile(
    rb'^.*: done with _execute_module \(.*$|"_ansible_new_secrets": \[[^]]*\]', re.MULTILINE
)


def forms(secret: str) -> t.Iterator[bytes]:
    """Yield a secret in all forms in which it may be written."""
    yield secret.encode()
    yield json.dumps(secret).strip('"').encode()
    yield quote(secret, safe="").encode()
    # Without its ends, which depend on the bytes next to it.
    for offset in range(3):
        encoded = base64.b64encode(b" " * offset + secret.encode())
        yield encoded[4:-4]


def main() -> None:
    secrets, *folders = map(Path, sys.argv[1:])
    wanted = {name: set(forms(secret)) for name, secret in json.loads(secrets.read_text(encoding="utf-8")).items()}
    wanted.update({name: {mark, mark.lower()} for name, mark in MARKS.items()})
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    found = []
    size = 0
    for file in files:
        content = WRITTEN_BY_ANSIBLE.sub(b"", file.read_bytes())
        size += len(content)
        found += [f"{name} in {file}" for name, texts in wanted.items() if any(text in content for text in texts)]
    sys.stdout.write(f"{len(files)} files, {size} bytes\n")
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
