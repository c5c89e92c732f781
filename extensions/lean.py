"""What the theme puts into every page and no page needs goes: a script of 1.5 MB for icons, Thebe, rules for classes that no page has, and glyphs."""

import re
from pathlib import Path

import tinycss2
from fontTools import subset

UNUSED = re.compile(
    r"""<script\b[^>]*\bfontawesome\.js[^>]*></script>\s*
    |<link\b[^>]*\b(?:fontawesome\.js|sphinx-thebe\.css)[^>]*>\s*
    |<script\b[^>]*\bsphinx-thebe\.js[^>]*></script>\s*
    |<script\b[^>]*>const\ THEBE_JS_URL.*?</script>\s*
    |<script\b[^>]*text/x-thebe-config.*?</script>\s*
    |<script>kernelName\ =.*?</script>\s*""",
    re.DOTALL | re.VERBOSE,
)
# Fonts of icons stay, with the glyphs that style sheets name: the theme draws the icons of boxes, and of links to GitHub, with them.
FILES = ("scripts/*.map", "scripts/fontawesome.js*", "vendor/fontawesome/webfonts/*.ttf", "sphinx-thebe.*")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")


def lean(html):
    return UNUSED.sub("", html)


def lean_css(css, words):
    """A style sheet without comments, and without selectors for classes that are not among the words of all pages and scripts."""
    return _kept(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), words)


def _kept(rules, words):
    parts = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [s for s in _selectors(rule.prelude) if set(CLASS.findall(_without_not(s))) <= words]
            if selectors:
                parts.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "at-rule" and rule.content and rule.lower_at_keyword in ("media", "supports", "layer"):
            inside = _kept(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), words)
            if inside:
                parts.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}")
        else:
            parts.append(rule.serialize())
    return "".join(parts)


def _selectors(prelude):
    """The selectors between the commas, not those within brackets."""
    selectors = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return [tinycss2.serialize(tokens).strip() for tokens in selectors]


def _without_not(selector):
    """A selector without what it asks not to be there, and without lists of which one is enough."""
    return re.sub(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)", "", selector)


def lean_font(path, css):
    """Keep the glyphs that a style sheet has, in a font of icons, which lie in Unicode's private area."""
    options = subset.Options(flavor="woff2", desubroutinize=True)
    font = subset.load_font(path, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(icon) for icon in re.findall("[\ue000-\uf8ff]", css)])
    cutter.subset(font)
    subset.save_font(font, path, options)


def on_end(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    words = set()
    for path in out.rglob("*.html"):
        html = path.read_text("utf-8")
        kept = lean(html)
        words.update(re.findall(r"[\w-]+", kept))
        if kept != html:
            path.write_text(kept, "utf-8")
    for pattern in FILES:
        for path in (out / "_static").glob(pattern):
            path.unlink()
    for path in out.rglob("*.js"):
        words.update(re.findall(r"[\w-]+", path.read_text("utf-8")))
    words.update(("bs-tooltip-auto", "bs-popover-auto"))  # Bootstrap puts these together from two words
    sheets = []
    for path in out.rglob("*.css"):
        sheets.append(lean_css(path.read_text("utf-8"), words))
        path.write_text(sheets[-1], "utf-8")
    for path in out.rglob("webfonts/*.woff2"):
        lean_font(path, "".join(sheets))


def setup(app):
    app.connect("build-finished", on_end)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
