# --- Added from tools/docs/site/conf.py ---
# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import pathlib
import shutil
import typing as t

from docutils import nodes

_REPOSITORY = pathlib.Path(os.environ["REPOSITORY"])

project = "stackfleet.servicecatalog"
title = html_title = html_short_title = project
copyright = "Contributors to stackfleet.servicecatalog"
html_theme_options = {"topbar_links": {"Source code": "https://github.com/stackfleet/stackfleet.servicecatalog"}}

# The site is built without access to the sites of other projects.
intersphinx_mapping: dict[str, t.Any] = {}
nitpicky = False
suppress_warnings = ["ref.ref"]
html_static_path = [str(_REPOSITORY / "tools" / "docs" / "site" / "static")]
html_css_files = ["site.css"]


def _add_title(_app: t.Any, name: str, source: list[str]) -> None:
    """Give the changelog a title, which it does not have before the first release."""
    if name == "changelog" and "\n===" not in source[0]:
        label, _empty, text = source[0].partition("\n\n")
        source[0] = f"{label}\n\nChangelog\n=========\n\n{text}"


def _shorten_titles(_app: t.Any, env: t.Any) -> list[str]:
    """Leave out the name of the collection where titles are links: with it, they do not fit into the sidebar."""
    for tree in (*env.titles.values(), *env.tocs.values()):
        for text in list(tree.findall(nodes.Text)):
            if text.startswith(f"{project}."):
                text.parent.replace(text, nodes.Text(text.removeprefix(f"{project}.")))
    return []


def setup(app: t.Any) -> None:
    """Copy the pictures, which antsibull-docs leaves out, and change the titles."""
    for picture in (_REPOSITORY / "docs" / "docsite" / "rst").glob("*.svg"):
        shutil.copy(picture, pathlib.Path(app.srcdir) / "docsite")
    app.connect("source-read", _add_title)
    app.connect("env-updated", _shorten_titles)
