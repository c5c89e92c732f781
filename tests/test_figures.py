"""grulib.figures: what is drawn, read back from the figure, and errors. Whether it looks right is for eyes."""

import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from grulib.figures import draw_cell, draw_heat_map, use_style

matplotlib.use("agg")


def test_heat_map_has_units_in_rows_and_steps_in_columns():
    use_style()
    values = np.linspace(0, 1, 12).reshape(4, 3)  # (T, H)
    fig, ax = plt.subplots()
    image = draw_heat_map(ax, values, "gates")
    np.testing.assert_array_equal(image.get_array(), values.T)
    assert image.get_clim() == (0, 1) and tuple(image.get_extent()) == (0.5, 4.5, 3.5, 0.5)
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("gates", "time step", "hidden unit")
    states = draw_heat_map(ax, values - 0.5, "states", limits=(-1, 1))
    assert states.get_clim() == (-1, 1) and states.get_cmap().name != image.get_cmap().name
    plt.close(fig)


def test_bad_values_are_named():
    fig, ax = plt.subplots()
    for error, message, values in [
        (TypeError, "values must be a ndarray of shape (T, H), got list", [[0.5]]),
        (ValueError, "values must have shape (T, H)", np.zeros(3)),
        (ValueError, "values must be finite", np.full((2, 2), np.nan)),
        (ValueError, "values must lie in (0, 1), got -0.5 to 0.0", np.array([[0.0, -0.5]])),
        (ValueError, "values must lie in (0, 1), got 0.0 to 1.5", np.array([[0.0, 1.5]])),
    ]:
        with pytest.raises(error) as caught:
            draw_heat_map(ax, values, "")
        assert message in str(caught.value)
    with pytest.raises(ValueError, match=r"limits must be \(0, 1\) or \(-1, 1\), got \(1, 0\)"):
        draw_heat_map(ax, np.zeros((2, 2)), "", limits=(1, 0))
    plt.close(fig)


@pytest.mark.parametrize("reset", ["before", "after"])
def test_cell_is_one_well_formed_picture_that_asks_for_nothing_outside(reset):
    svg = draw_cell(reset).data
    root = ElementTree.fromstring(svg)
    texts = sorted("".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text"))
    own = ["Un", "r⊙h"] if reset == "before" else ["Un h + cn"]
    both = ["h", "h′", "x", "z", "r = σ(·)", "z = σ(·)", "n = tanh(·)", "1 − z", "z⊙h", "(1−z)⊙n", "⊙", "⊙", "⊙", "+"]
    assert texts == sorted([*both, *own, "reset gate", "update gate", "candidate"])
    assert not re.findall(r'(?:href|src)="|url\(', svg)


def test_cell_needs_a_known_reset():
    with pytest.raises(ValueError, match="reset must be 'before' or 'after', got 'both'"):
        draw_cell("both")


def test_colours_of_the_cycle_stand_out_in_light_and_dark():
    """Contrast of at least 2 to 1 with white, and with black once inverted and the hue turned back."""
    use_style()

    def luminance(rgb):
        linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    # CSS: hue-rotate(180deg), from the filter effects specification
    hue_turned = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])
    for colour in plt.rcParams["axes.prop_cycle"].by_key()["color"]:
        rgb = np.array(matplotlib.colors.to_rgb(colour))
        dark = np.clip(hue_turned @ (1 - rgb), 0, 1)
        assert 1.05 / (luminance(rgb) + 0.05) >= 2, colour
        assert (luminance(dark) + 0.05) / 0.05 >= 2, colour
