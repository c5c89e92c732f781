"""Draw the still pictures of live figures: python tools/stills.py writes book/_static/live/*.svg, each a figure's first state.

Paper, Jupyter without scripts and readers without them see these. They are taken from Chromium, as the script paints them.
The first of them makes book/_static/share.png, which is shown where somebody posts a link to the book.
"""

import re

from chromium import opened
from diagrams import STYLE

from grulib.page import LIVE, STATIC, page_of_figure

FIGURES = sorted(path.stem for path in LIVE.glob("*.js") if 'live.figure("' in path.read_text("utf-8"))

SHARED = """<!doctype html><style>
body {{ margin: 0; padding: 50px 70px; box-sizing: border-box; font-family: sans-serif; background: #fff; color: #222832 }}
h1 {{ font-size: 68px; margin: 0 }} p {{ font-size: 32px; margin: 12px 0 26px }} svg {{ width: 1060px; height: 350px }}
</style><h1>The GRU, executed</h1><p>A textbook on the gated recurrent unit that runs</p>{svg}"""


def first_picture(page, name):
    """The first state of a figure as a file: its shapes with the colours of the book's diagrams."""
    page.set_content(page_of_figure(name))
    svg = page.locator(".live svg").first.evaluate("svg => new XMLSerializer().serializeToString(svg)")
    svg = re.sub(r' (?:role|aria-\w+|tabindex|data-[\w-]+|style)="[^"]*"', "", svg)
    svg = svg.replace("><", ">\n<")
    width, height = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups()
    svg = re.sub(r"^<svg ", f'<svg width="{width}" height="{height}" ', svg).replace(' class="diagram"', "", 1)
    return svg.replace(">", f">\n<style>{STYLE}</style>", 1) + "\n"


def share(page):
    """The picture of a shared link, 1200 by 630 pixels."""
    page.set_viewport_size({"width": 1200, "height": 630})
    page.set_content(SHARED.format(svg=(LIVE / "cell.svg").read_text("utf-8")))
    page.screenshot(path=STATIC / "share.png")


def main():
    with opened() as browser:
        page = browser.new_page()
        for name in FIGURES:
            (LIVE / f"{name}.svg").write_text(first_picture(page, name), "utf-8")
        share(page)


if __name__ == "__main__":
    main()
