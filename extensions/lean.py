"""What the theme puts into every page and no page needs goes: a script of 1.5 MB for icons, of which book.css draws a dozen, and Thebe."""

import re
from pathlib import Path

UNUSED = re.compile(
    r"""<script\b[^>]*\bfontawesome\.js[^>]*></script>\s*
    |<link\b[^>]*\b(?:fontawesome\.js|sphinx-thebe\.css)[^>]*>\s*
    |<script\b[^>]*\bsphinx-thebe\.js[^>]*></script>\s*
    |<script\b[^>]*>const\ THEBE_JS_URL.*?</script>\s*
    |<script\b[^>]*text/x-thebe-config.*?</script>\s*
    |<script>kernelName\ =.*?</script>\s*""",
    re.DOTALL | re.VERBOSE,
)
# Two fonts stay: the theme draws the icons of boxes, and of links to GitHub, with them.
FILES = ("scripts/*.map", "scripts/fontawesome.js*", "vendor/fontawesome/webfonts/*.ttf", "sphinx-thebe.*")


def lean(html):
    return UNUSED.sub("", html)


def on_end(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in out.rglob("*.html"):
        html = path.read_text("utf-8")
        kept = lean(html)
        if kept != html:
            path.write_text(kept, "utf-8")
    for pattern in FILES:
        for path in (out / "_static").glob(pattern):
            path.unlink()


def setup(app):
    app.connect("build-finished", on_end)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
