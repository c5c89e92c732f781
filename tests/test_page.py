"""What cells show in two forms: tables and formulas."""

import pytest
from helpers import refused

from grulib import page


def shown(monkeypatch, function, *arguments):
    """What a function hands to IPython's display."""
    found = []
    monkeypatch.setattr(page, "display", found.append)
    function(*arguments)
    (one,) = found
    return one


def test_a_table_has_a_head_and_a_row_for_each_row_as_text_and_as_html(monkeypatch):
    message = shown(monkeypatch, page.table, ["unit", "error"], [("GRU", 0.5), ("plain RNN", "<1")])
    assert repr(message).splitlines() == ["unit       error", "GRU          0.5", "plain RNN     <1"]
    html = message._repr_html_()
    assert html.count("<tr>") == 3 and html.count("scope='row'") == 2 and "&lt;1" in html and "<1" not in html


@pytest.mark.parametrize(
    ("cells", "of"),
    [
        (["0.1", "1e-13"], "numbers"),
        (["0.10 to 0.20", "below 1e-15"], "numbers"),
        (["0.1  0.2", "3 · 1"], "numbers"),
        (["0.1", "as PyTorch"], "words"),
        (["8 after 75", "3"], "words"),
    ],
)
def test_columns_of_words_are_told_from_columns_of_numbers(monkeypatch, cells, of):
    html = shown(monkeypatch, page.table, ["", "x"], [("a row", cell) for cell in cells])._repr_html_()
    assert html.count(f"<td class='{of}'>") == len(cells)


def test_a_row_of_another_length_is_refused():
    refused(ValueError, "rows must have 2 cells each, got ['GRU']", lambda: page.table(["unit", "error"], [("GRU",)]))


def test_a_formula_is_latex_with_a_line_for_each_argument(monkeypatch):
    formula = shown(monkeypatch, page.formula, "a &= 1", "b &= 2")
    assert repr(formula) == "a &= 1 \\\\\nb &= 2"
    assert formula._repr_latex_() == "$$\\begin{aligned}\na &= 1 \\\\\nb &= 2\n\\end{aligned}$$"


def test_a_live_figure_s_placeholder_is_its_picture_and_a_frame(monkeypatch):
    message = shown(monkeypatch, page.live, "cell", "Twelve steps of one unit & its gates")
    assert repr(message) == "Twelve steps of one unit & its gates"
    assert (
        "<img class='still' src='_static/live/cell.svg' alt='Twelve steps of one unit &amp; its gates'>" in message.html
    )
    assert 'play("cell")' in message.html


def test_a_live_figure_plays_in_jupyter_from_its_own_files(monkeypatch, browser):
    message = shown(monkeypatch, page.play, "ways")
    tab = browser.new_page()
    tab.set_content(f"<!doctype html><body>{message.html}")
    frame = tab.frame_locator("iframe")
    frame.get_by_label("old state h").fill("-0.4")
    assert "reaches h' " in frame.locator(".verdict").inner_text()
    tab.close()


@pytest.mark.parametrize(
    ("name", "description", "message"),
    [
        ("sell", "Twelve steps of a GRU with one unit", "name must be one of ['cell', "),
        ("cell", "too short", "description must be a str of 30 characters or more"),
    ],
)
def test_a_live_figure_has_a_known_name_and_a_description(name, description, message):
    refused(ValueError, message, lambda: page.live(name, description))


def test_only_a_known_figure_plays():
    refused(ValueError, "name must be one of ['cell', ", lambda: page.play("sell"))
