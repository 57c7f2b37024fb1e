
# --- Added by tools/docs/site/conf.py ---

import os
import pathlib
import shutil

from docutils import nodes

_REPOSITORY = pathlib.Path(os.environ["REPOSITORY"])

project = "stackfleet.servicecatalog"
title = html_title = html_short_title = project
copyright = "Contributors to stackfleet.servicecatalog"
html_theme_options = {"topbar_links": {"Source code": "https://github.com/stackfleet/stackfleet.servicecatalog"}}

# The site is built without access to the sites of other projects.
intersphinx_mapping = {}
nitpicky = False
suppress_warnings = ["ref.ref"]
html_static_path = [str(_REPOSITORY / "tools" / "docs" / "site" / "static")]
html_css_files = ["site.css"]


def _add_title(_app, name, source):
    """Give the changelog a title, which it does not have before the first release."""
    if name == "changelog" and "\n===" not in source[0]:
        label, _empty, text = source[0].partition("\n\n")
        source[0] = f"{label}\n\nChangelog\n=========\n\n{text}"


def _shorten_titles(_app, env):
    """Leave out the name of the collection where titles are links: with it, they do not fit into the sidebar."""
    for tree in (*env.titles.values(), *env.tocs.values()):
        for text in list(tree.findall(nodes.Text)):
            if text.startswith(f"{project}."):
                text.parent.replace(text, nodes.Text(text.removeprefix(f"{project}.")))
    return []


def setup(app):
    """Copy the pictures, which antsibull-docs leaves out, and change the titles."""
    for picture in (_REPOSITORY / "docs" / "docsite" / "rst").glob("*.svg"):
        shutil.copy(picture, pathlib.Path(app.srcdir) / "docsite")
    app.connect("source-read", _add_title)
    app.connect("env-updated", _shorten_titles)
