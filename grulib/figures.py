"""One look for all figures, how they are shown, and a heat map of gates over time.

Figures are transparent, in colours that stand out on white and on black.
"""

import hashlib
import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import Image, display
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grulib.checks import check_array, check_instance, check_str, shown
from grulib.page import BRICK, GREY, OLIVE, STEEL, TAN

PIXELS_PER_INCH = 220  # two for each pixel of a page, whose text is then as large as the figures'


def use_style():
    """Set matplotlib's defaults for the book: width 5.4 inches, one font, colours and line styles that differ together."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.figsize": (5.4, 3.0),
            "figure.dpi": PIXELS_PER_INCH,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "text.color": GREY,
            "axes.labelcolor": GREY,
            "axes.edgecolor": GREY,
            "xtick.color": GREY,
            "ytick.color": GREY,
            "font.size": 10,
            "axes.titlesize": 10,
            "legend.fontsize": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=[STEEL, BRICK, OLIVE, TAN, GREY] * 2)
            + cycler(linestyle=["-", "--", "-.", ":", "-", "--", "-.", ":", "-", "--"]),
            "grid.color": GREY,
            "grid.alpha": 0.25,
            "image.cmap": "cividis",
            "legend.frameon": False,
            "lines.linewidth": 1.8,
        }
    )


def show(name, expected=None):
    """Show the current figure of pyplot as a PNG that carries its name, such as "fig-recall", and close it.

    expected: what `drawn` says of it, for a figure of which nothing was trained or timed. Raises AssertionError for
    another, TypeError for what is no str.
    """
    check_str("name", name)
    figure = plt.gcf()
    if expected is not None:
        check_str("expected", expected)
        got = drawn(figure)
        assert got == expected, f"{name} was {expected}, and is {got} now: look at it before you change this"
    picture = io.BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight", metadata={"Title": name, "Software": None})
    plt.close(figure)
    data = picture.getvalue()
    width = int.from_bytes(data[16:20], "big")  # of the PNG, from its header
    display(Image(data, width=width // 2))


def drawn(figure):
    """A short hash of what a figure shows: places of curves, points, bars and pixels to a thousandth of the axes, and all texts."""
    check_instance("figure", figure, Figure)
    figure.canvas.draw()
    parts = []
    for axes in figure.axes:
        texts = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), *(text.get_text() for text in axes.texts)]
        texts += [label.get_text() for label in axes.get_xticklabels() + axes.get_yticklabels()]
        texts += [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
        parts.append(texts)
        to_axes = axes.transData + axes.transAxes.inverted()
        for line in axes.lines:
            transform = line.get_transform() + axes.transAxes.inverted()
            parts += [line.get_color(), line.get_linestyle(), line.get_marker(), _places(line.get_xydata(), transform)]
        for patch in axes.patches:
            parts += [patch.get_facecolor(), _places(patch.get_path().vertices, patch.get_transform() - axes.transAxes)]
        for collection in axes.collections:
            is_marks = isinstance(collection, PathCollection)  # whose paths are the marks, and not where they are
            vertices = [] if is_marks else [path.vertices for path in collection.get_paths()]
            parts += [collection.get_facecolor().tolist(), collection.get_edgecolor().tolist()]
            parts += [_places(points, to_axes) for points in vertices]
            parts.append(_places(np.asarray(collection.get_offsets()), to_axes))
        for image in axes.images:
            low, high = image.get_clim()
            parts += [image.get_cmap().name, _thousandths((np.asarray(image.get_array()) - low) / (high - low))]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _places(points, transform):
    """Points of a drawing (N, 2) in thousandths of the axes."""
    return _thousandths(transform.transform(np.asarray(points, float)))


def _thousandths(fractions):
    """Whole thousandths of numbers as a list; the shift keeps round numbers, which are common, off the borders of rounding."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.floor(1000 * fractions + 0.3819660), nan=-1e9).astype(int).tolist()


def draw_heat_map(axes, values, title, limits=(0, 1)):
    """Draw values (T, H) of H units over T steps, time to the right; limits (0, 1) for gates, (-1, 1) for states.

    Returns matplotlib's image, for a colour bar. Raises TypeError or ValueError for anything but finite floats of this
    shape, for other limits, and for values outside them.
    """
    if not isinstance(axes, plt.Axes):
        raise TypeError(f"axes must be an Axes of matplotlib, got {type(axes).__name__}")
    check_str("title", title)
    if type(limits) is not tuple or limits not in ((0, 1), (-1, 1)):
        raise ValueError(f"limits must be (0, 1) or (-1, 1), got {shown(limits)}")
    check_array("values", values, (np.ndarray,), ("T", "H"), (np.float32, np.float64))
    low, high = limits
    if values.min() < low or values.max() > high:
        raise ValueError(f"values must lie in {limits}, got {values.min()} to {values.max()}")
    T, H = values.shape
    image = axes.imshow(
        values.T,
        aspect="auto",
        interpolation="nearest",
        vmin=low,
        vmax=high,
        cmap="cividis" if limits == (0, 1) else "PuOr",
        extent=(0.5, T + 0.5, H + 0.5, 0.5),
    )
    axes.set(title=title, xlabel="time step", ylabel="hidden unit")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(False)
    return image
