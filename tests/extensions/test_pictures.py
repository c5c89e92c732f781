"""extensions/pictures.py and the palette: diagrams inside of pages, sizes, and tones that stand out in both themes."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from helpers import ROOT, load_tool
from matplotlib.colors import to_rgb
from pictures import with_pictures

from grulib.page import AMBER, BLUE, BRICK, COLOURS, GREEN, GREY, OLIVE, RED, STEEL, TAN

diagrams = load_tool("diagrams")
CSS = (ROOT / "book" / "_static" / "book.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#\w+);", block))
    for block in re.findall(r"^html[^{]*\{(.*?)\}", CSS, re.DOTALL | re.MULTILINE)[:2]
)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (880).to_bytes(4, "big")


def contrast(one, other):
    """After WCAG 2.2: 1 for the same colour, 21 for black and white."""

    def luminance(colour):
        rgb = np.array(to_rgb(colour))
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [*COLOURS.values(), STEEL, OLIVE, BRICK, TAN, GREY, GREEN, RED, AMBER, BLUE])
def test_colours_of_plots_stand_out_on_white_and_on_black(colour):
    assert contrast(colour, "white") >= 3 and contrast(colour, "black") >= 3


@pytest.mark.parametrize(("tones", "paper"), [(LIGHT, "white"), (DARK, "#14181e")])
def test_tones_of_the_page_can_be_read_as_text(tones, paper):
    assert len(tones) == 14
    assert {name: contrast(tone, paper) for name, tone in tones.items() if contrast(tone, paper) < 4.5} == {}


def test_formulas_are_written_in_the_colours_of_plots_and_take_the_page_s():
    parts = {
        "reset": "reset gate",
        "update": "update gate",
        "candidate": "candidate",
        "old": "old state",
        "new": "new state",
    }
    rules = re.findall(r'style\*="(\d+), (\d+), (\d+)"\] \{ color: var\(--gru-(\w+)\)', CSS)
    told = {name: tuple(map(int, rgb)) for *rgb, name in rules}
    assert told == {
        name: tuple(round(255 * part) for part in to_rgb(COLOURS[colour])) for name, colour in parts.items()
    }
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "book").glob("*.ipynb"))
    assert set(re.findall(r"textcolor\{(#\w+)\}", pages)) <= set(COLOURS.values())


def test_a_diagram_by_itself_has_the_tones_of_a_light_page():
    for name in ("reset", "update", "candidate", "old", "new", "gru", "lstm", "rnn", "hot", "muted"):
        (tone,) = re.findall(rf"\.{name}\{{color:(#\w+)\}}", diagrams.STYLE)
        assert to_rgb(tone) == to_rgb(LIGHT[f"gru-{name}"]), name


def test_the_diagrams_are_what_the_tool_draws():
    files = {path.stem: path.read_text("utf-8") for path in diagrams.FOLDER.glob("*.svg")}
    assert len(files) >= 14 and files == diagrams.DIAGRAMS


class Shapes(HTMLParser):
    """Collects where a diagram's texts stand, whether it asks for anything outside, and its classes."""

    def __init__(self):
        super().__init__()
        self.texts, self.outside, self.classes = [], [], set()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.outside += [value for name, value in attributes.items() if name in ("href", "src", "xlink:href")]
        self.classes |= set((attributes.get("class") or "").split())
        if tag == "text":
            self.texts.append((float(attributes["x"]), float(attributes["y"])))


@pytest.mark.parametrize("name", diagrams.DIAGRAMS)
def test_a_diagram_keeps_to_its_paper_and_to_known_colours(name):
    svg = diagrams.DIAGRAMS[name]
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    shapes = Shapes()
    shapes.feed(svg)
    assert shapes.outside == [] and shapes.texts
    assert all(0 <= x <= width and 0 <= y <= height for x, y in shapes.texts)
    assert shapes.classes <= {*re.findall(r"\.(\w+)", diagrams.STYLE), "paper"}


def test_a_diagram_becomes_part_of_the_page_with_its_alt_text():
    svg = diagrams.DIAGRAMS["cell-before"]
    html = with_pictures(
        '<p><img alt="r &lt; 1 &amp; z" class="w" src="../_images/cell.svg" /></p>', lambda name: svg.encode()
    )
    assert '<svg class="diagram" role="img" aria-label="r &lt; 1 &amp; z" ' in html
    assert "<style>" not in html and "<img" not in html and "<title>" not in html
    assert html.count("</svg>") == 1


def test_a_plot_is_shown_at_half_its_pixels():
    html = with_pictures('<img alt="a" src="_images/0a.png"/>', lambda name: PNG)
    assert html == '<div class="picture"><img style="--width: 440px" alt="a" src="_images/0a.png"/></div>'


def test_a_plot_does_not_lead_away_from_its_page():
    picture = '<img alt="a" src="../_images/0a.png"/>'
    link = f'<a class="reference internal image-reference" href="../_images/0a.png">{picture}\n</a>'
    assert with_pictures(link, lambda name: PNG) == with_pictures(picture, lambda name: PNG)


def test_other_pictures_stay():
    html = '<img src="../_static/logo.png"/><img src="https://example.org/_images/a.jpg"/>'
    assert with_pictures(html, lambda name: PNG) == html
