"""grulib.figures: what is drawn, read back from the figure, and errors. Whether it looks right is for eyes."""

import matplotlib
import numpy as np
import pytest
from helpers import refused
from matplotlib import pyplot as plt

from grulib import figures
from grulib.figures import draw_heat_map, use_style

matplotlib.use("agg")


def test_heat_map_has_units_in_rows_and_steps_in_columns():
    use_style()
    values = np.linspace(0, 1, 12).reshape(4, 3)  # (T, H)
    fig, ax = plt.subplots()
    image = draw_heat_map(ax, values, "gates")
    np.testing.assert_array_equal(image.get_array(), values.T)
    assert image.get_clim() == (0, 1) and tuple(image.get_extent()) == (0.5, 4.5, 3.5, 0.5)
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("gates", "time step", "hidden unit")
    assert image.get_interpolation() == "nearest"  # a value's border is where the value ends
    states = draw_heat_map(ax, values - 0.5, "states", limits=(-1, 1))
    assert states.get_clim() == (-1, 1) and states.get_cmap().name != image.get_cmap().name
    plt.close(fig)


HALF = np.full((2, 3), 0.5)
LIMITS = "limits must be (0, 1) or (-1, 1), got "
BAD_HEAT_MAPS = [
    ({"values": [[0.5]]}, TypeError, "values must be a ndarray of shape (T, H), got list"),
    ({"values": np.zeros(3)}, ValueError, "values must have shape (T, H)"),
    ({"values": HALF * np.nan}, ValueError, "values must be finite"),
    ({"values": np.ma.array(HALF)}, TypeError, "values must be a ndarray of shape (T, H), got MaskedArray"),
    ({"values": np.array([[0.0, -0.5]])}, ValueError, "values must lie in (0, 1), got -0.5 to 0.0"),
    ({"values": np.array([[0.0, 1.5]])}, ValueError, "values must lie in (0, 1), got 0.0 to 1.5"),
    ({"limits": (1, 0)}, ValueError, LIMITS + "(1, 0)"),
    ({"limits": [0, 1]}, ValueError, LIMITS + "[0, 1]"),
    ({"limits": HALF}, ValueError, LIMITS + "array"),
    ({"axes": None}, TypeError, "axes must be an Axes of matplotlib, got NoneType"),
    ({"title": 1}, TypeError, "title must be a str, got 1"),
]


@pytest.mark.parametrize("change, error, message", BAD_HEAT_MAPS)
def test_bad_heat_maps_are_named(change, error, message):
    fig, ax = plt.subplots()
    refused(error, message, lambda: draw_heat_map(**{"axes": ax, "values": HALF, "title": ""} | change))
    plt.close(fig)


def curve(values=(1.0, 2.0, 4.0), title="a", label="b", **options):
    figure, axes = plt.subplots()
    axes.plot(values, label=label, **options)
    axes.set(title=title, xlabel="x", ylabel="y", xlim=(0, 2), ylim=(0, 5))
    axes.legend()
    return figure


def test_a_picture_carries_its_name_and_the_figure_is_closed(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", shown.append)
    plt.close("all")
    expected = figures.drawn(curve())
    figures.show("fig-curve", expected)
    assert plt.get_fignums() == [] and shown[0].data.startswith(b"\x89PNG")
    assert b"\0\0\0\x0ftEXtTitle\0fig-curve" in shown[0].data and b"Software" not in shown[0].data
    curve(title="c")
    with pytest.raises(AssertionError, match=f"fig-curve was {expected}, and is [0-9a-f]{{12}} now"):
        figures.show("fig-curve", expected)
    plt.close("all")


def bars(colour="C0", height=2.0):
    figure, axes = plt.subplots()
    axes.bar([0, 1], [1.0, height], color=colour)
    axes.set(ylim=(0, 4))
    return figure


def band(top=2.0):
    figure, axes = plt.subplots()
    axes.fill_between([0, 1, 2], [0, 0, 0], [1, top, 1])
    axes.set(ylim=(0, 4))
    return figure


def pixels(value=0.5, cmap="cividis"):
    figure, axes = plt.subplots()
    axes.imshow(np.array([[0.0, value], [1.0, 0.25]]), cmap=cmap, vmin=0, vmax=1)
    return figure


def points(y=1.0):
    figure, axes = plt.subplots()
    axes.scatter([0, 1], [0.0, y])
    axes.set(ylim=(0, 4))
    axes.text(0, 1, "here")
    return figure


def span(high=1.0):
    figure, axes = plt.subplots()
    axes.vlines([0, 1], [0, 0], [1.0, high])
    axes.set(ylim=(0, 4))
    return figure


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (curve, {"values": (1.0, 2.1, 4.0)}),
        (curve, {"title": "z"}),
        (curve, {"label": "z"}),
        (curve, {"color": "C3"}),
        (curve, {"linestyle": ":"}),
        (curve, {"marker": "o"}),
        (bars, {"height": 2.1}),
        (bars, {"colour": "C1"}),
        (band, {"top": 2.1}),
        (pixels, {"value": 0.6}),
        (pixels, {"cmap": "PuOr"}),
        (points, {"y": 1.1}),
        (span, {"high": 1.1}),
    ],
)
def test_the_hash_of_a_figure_sees_what_is_drawn_and_no_rounding(make, change):
    before = figures.drawn(make())
    assert figures.drawn(make()) == before != figures.drawn(make(**change))
    noise = {name: np.multiply(value, 1 + 1e-12) for name, value in change.items() if not isinstance(value, str)}
    for name, value in noise.items():
        assert figures.drawn(make(**{name: value})) == figures.drawn(make(**change)), name
    plt.close("all")
