"""extensions/live.py: what a notebook stores becomes the figure's picture in the page, and the page loads its script."""

from helpers import ROOT
from live import with_figures

from grulib import page


def test_a_placeholder_becomes_a_picture_and_names_its_script(monkeypatch):
    shown = []
    monkeypatch.setattr(page, "display", shown.append)
    page.live("ways", "Five bars: the copy, the candidate's way & the gates'")
    body, names = with_figures(f"<p>a</p>{shown[0].html}<p>b</p>", ROOT / "book" / "_static" / "live")
    assert names == ["ways"]
    assert body.startswith("<p>a</p><div class='live' data-figure='ways'><svg class=\"diagram still\" role=\"img\"")
    assert 'aria-label="Five bars: the copy, the candidate&#x27;s way &amp; the gates&#x27;"' in body
    assert "play(" not in body and "<style>" not in body and body.endswith("</svg></div><p>b</p>")


def test_other_pages_load_nothing():
    assert with_figures("<div class='lively'>a</div>", None) == ("<div class='lively'>a</div>", [])
