"""One look for all figures, how they are shown, a heat map of gates over time, and the diagram of the GRU cell.

Figures are drawn dark on white; the book's style sheet inverts them in dark mode and turns the hues back.
"""

import hashlib
import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import SVG, Image, display
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from grulib.checks import check_array, check_instance, check_reset, check_str, shown
from grulib.page import BLACK, BLUE, GREEN, GRID, ORANGE, PINK, RED, SKY, WHITE


def use_style():
    """Set matplotlib's defaults for the book: width 7 inches, one font, colours and line styles that differ together."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.figsize": (7.0, 3.2),
            "figure.dpi": 144,
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=[BLUE, RED, GREEN, ORANGE, PINK, SKY, BLACK])
            + cycler(linestyle=["-", "--", "-.", ":", "-", "--", "-."]),
            "grid.color": GRID,
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
    display(Image(picture.getvalue()))


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
    axes.grid(False)
    return image


def draw_cell(reset):
    """The GRU cell as an SVG picture: what each gate reads, and where it acts; reset is "before" or "after"."""
    check_reset(reset)
    if reset == "before":
        term = _node(220, 250, "⊙") + _line("220,50 220,236") + _line("175,250 206,250", RED)
        term += _line("234,250 262,250") + _box(285, 250, 46, "U", "n") + _line("308,250 335,250")
        term += _text(248, 240, "r⊙h", 13)
    else:
        term = _line("220,50 220,118") + _box(220, 140, 78, "U", "n", " h + c", "n") + _line("220,162 220,236")
        term += _node(220, 250, "⊙") + _line("175,250 206,250", RED) + _line("234,250 335,250")
    parts = [
        # the state, from left to right
        _line("46,50 546,50")
        + _line("574,50 646,50")
        + _line("674,50 724,50")
        + _text(30, 55, "h")
        + _text(742, 55, "h′"),
        _node(560, 50, "⊙") + _node(660, 50, "+") + _text(612, 42, "z⊙h", 13),
        # the input
        f'<polyline points="46,340 480,340" stroke="{BLACK}"/>' + _text(30, 345, "x"),
        _line("130,340 130,272") + _line("380,340 380,272") + _line("480,340 480,308", arrow=False),
        f'<path d="M480,308 a8,8 0 0 1 0,-16" stroke="{BLACK}"/>' + _line("480,292 480,272"),
        # reset gate, candidate, update gate
        _line("130,50 130,228")
        + _box(130, 250, 90, "r = σ(·)", colour=RED)
        + _text(138, 296, "reset gate", 12, RED, "start"),
        term,
        _box(380, 250, 90, "n = tanh(·)", colour=GREEN) + _text(372, 296, "candidate", 12, GREEN, "end"),
        _line("480,50 480,228")
        + _box(480, 250, 76, "z = σ(·)", colour=BLUE)
        + _text(488, 296, "update gate", 12, BLUE, "start"),
        # the blend
        _line("518,250 560,250 560,64", BLUE)
        + _line("560,190 587,190", BLUE)
        + _text(570, 150, "z", 14, BLUE, "start"),
        _box(610, 190, 46, "1 − z", colour=BLUE) + _line("633,190 646,190", BLUE) + _node(660, 190, "⊙"),
        f'<polyline points="425,250 433,250 433,316 660,316" stroke="{GREEN}"/>' + _line("660,316 660,204", GREEN),
        _line("660,176 660,64") + _text(668, 120, "(1−z)⊙n", 13, anchor="start"),
        *(f'<circle cx="{x}" cy="{y}" r="3" fill="{c}"/>' for x, y, c in _JUNCTIONS),
    ]
    return SVG(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 770 370" width="770" role="img" fill="none" '
        f'stroke-width="1.6" font-family="sans-serif"><title>GRU cell, reset {reset} the recurrent product</title>'
        f'<rect width="770" height="370" fill="{WHITE}"/>' + "\n".join(parts) + "</svg>"
    )


_JUNCTIONS = [
    (130, 50, BLACK),
    (220, 50, BLACK),
    (480, 50, BLACK),
    (130, 340, BLACK),
    (380, 340, BLACK),
    (560, 190, BLUE),
]


def _line(points, colour=BLACK, arrow=True):
    """A polyline through "x,y x,y ...", with an arrow head at its end."""
    line = f'<polyline points="{points}" stroke="{colour}"/>'
    if not arrow:
        return line
    (x0, y0), (x1, y1) = (tuple(map(int, p.split(","))) for p in points.split()[-2:])
    dx, dy = np.sign(x1 - x0), np.sign(y1 - y0)
    corners = f"{x1},{y1} {x1 - 8 * dx - 4 * dy},{y1 - 8 * dy - 4 * dx} {x1 - 8 * dx + 4 * dy},{y1 - 8 * dy + 4 * dx}"
    return line + f'<polygon points="{corners}" fill="{colour}"/>'


def _node(x, y, sign):
    """An elementwise operation, drawn as a circle."""
    return f'<circle cx="{x}" cy="{y}" r="14" fill="{WHITE}" stroke="{BLACK}"/>' + _text(x, y + 6, sign, 18)


def _box(x, y, width, text, *rest, colour=BLACK):
    """A box around a text whose further parts alternate between subscript and plain."""
    spans = "".join(
        f'<tspan dy="{4 if i % 2 == 0 else -4}" font-size="{11 if i % 2 == 0 else 15}">{part}</tspan>'
        for i, part in enumerate(rest)
    )
    corner = f'x="{x - width // 2}" y="{y - 22}" width="{width}" height="44" rx="6"'
    return f'<rect {corner} fill="{WHITE}" stroke="{colour}" stroke-width="2"/>' + _text(x, y + 5, text + spans, 15)


def _text(x, y, text, size=16, colour=BLACK, anchor="middle"):
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{text}</text>'
