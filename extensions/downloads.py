"""What leaves the site: chapters to download, which run elsewhere, the package behind them, and what a shared link shows.

`html: baseurl` in _config.yml is the site's address; without one, a downloaded chapter says where the package lies.
"""

import base64
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from as_notebook import Resolver, without_boxes
from nbformat.v4 import new_code_cell

PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>_static/[\w/-]+\.svg)\)")
STILL = re.compile(r"src='(?P<path>_static/live/\w+\.svg)'")
SOURCES = ("grulib", "book/_static", "pyproject.toml", "LICENSE")
FIRST = """\
# This chapter was downloaded from {site}. What it needs is installed here where it is missing.
from importlib.util import find_spec

if find_spec("grulib") is None:
    %pip install --quiet "grulib[chapters] @ {site}/_static/{wheel}"
"""
CLAIMS = """\

from pathlib import Path
from urllib.request import urlretrieve

if not Path("claims.toml").exists():
    urlretrieve("{site}/_static/claims.toml", "claims.toml")
"""
WITHOUT_ADDRESS = """\
# This chapter was downloaded from a book that was built without an address.
from importlib.util import find_spec

if find_spec("grulib") is None:
    raise ModuleNotFoundError("grulib is missing: pip install 'grulib[chapters] @ file://FOLDER/_static/{wheel}', FOLDER being the book's")
"""


def wheel(root, out):
    """Build the package's wheel into the folder out; returns its name. The checkout stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            target = Path(folder, source)
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (root / source).is_dir() else shutil.copy)(root / source, target)
        command = [sys.executable, "-m", "pip", "wheel", folder, "--no-deps", "--no-build-isolation", "--no-index"]
        subprocess.run([*command, "--wheel-dir", str(out), "--quiet", "--disable-pip-version-check"], check=True)
    (path,) = out.glob("grulib-*.whl")
    return path.name


def download(resolver, stem, root, site, wheel_name):
    """The chapter as a notebook that needs nothing beside it."""
    notebook = resolver.notebook(stem)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_boxes(cell.source)
            for match in PICTURE.finditer(cell.source):
                name = Path(match["path"]).name
                cell.setdefault("attachments", {})[name] = {"image/svg+xml": _base64(root / "book" / match["path"])}
            cell.source = PICTURE.sub(lambda m: f"![{m['alt']}](attachment:{Path(m['path']).name})", cell.source)
        else:
            for output in cell.outputs:
                if "text/html" in output.get("data", {}):
                    html = STILL.sub(lambda m: f"src='{_as_data(root / 'book' / m['path'])}'", output.data["text/html"])
                    output.data["text/html"] = html
    first = (FIRST if site else WITHOUT_ADDRESS).format(site=site, wheel=wheel_name)
    if site and any("claims.toml" in cell.source for cell in notebook.cells if cell.cell_type == "code"):
        first += CLAIMS.format(site=site)
    notebook.cells.insert(0, new_code_cell(first.rstrip(), id="install-what-is-missing"))
    return notebook


def _base64(path):
    return base64.b64encode(path.read_bytes()).decode()


def _as_data(path):
    return f"data:image/svg+xml;base64,{_base64(path)}"


def address(app):
    return app.config.html_baseurl.rstrip("/")


def on_page(app, pagename, templatename, context, doctree):
    """Say in the menu what a download does, and give a shared link its picture."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []) if isinstance(group, dict) else []:
            if button["label"] == "download-source-button" and button["text"] == ".ipynb":
                what = "installs what is missing" if address(app) else "says what to install"
                button["tooltip"] = f"This chapter as a notebook that runs elsewhere: its first cell {what}"
                button["text"] = "notebook (.ipynb)"
            elif button["label"] == "download-pdf-button":
                button["tooltip"], button["text"] = "Print this page", "print"
    if address(app) and "title" in context:
        context["metatags"] = context.get("metatags", "") + "".join(
            f'<meta property="og:{name}" content="{content}"/>\n'
            for name, content in (
                ("title", re.sub("<[^>]*>", "", context["title"]).replace('"', "&quot;")),
                ("type", "book"),
                ("url", f"{address(app)}/{pagename}.html"),
                ("image", f"{address(app)}/_static/share.png"),
                ("image:alt", "The GRU, executed: a GRU of one unit over twelve steps as a table of coloured cells"),
            )
        )


def on_end(app, exception):
    if exception or app.builder.format != "html":
        return
    root, out, site = Path(app.srcdir), Path(app.outdir), address(app)
    name = wheel(root, out / "_static")
    shutil.copy(root / "book" / "claims.toml", out / "_static")
    beside = {path.stem: path.name for path in (root / "book").glob("*.ipynb")}
    resolver = Resolver(root, (lambda page: f"{site}/book/{page}.html") if site else beside.get)
    for stem in resolver.chapters:
        nbformat.write(download(resolver, stem, root, site, name), out / "_sources" / "book" / f"{stem}.ipynb")


def setup(app):
    app.connect("html-page-context", on_page, priority=502)  # after the theme has made the menu
    app.connect("build-finished", on_end)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
