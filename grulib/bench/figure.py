"""The picture of a file of runs."""

import numpy as np

from grulib.page import BRICK, GREY, STEEL


def draw_speed(axes, runs):
    """Draw time of grulib.fast by that of nn.GRU for each shape, a point for each run; runs as `grulib.bench.runs` gives them.

    A point is the median over a run's turns, its line leads from the lower to the upper quartile.
    """
    shapes = list(dict.fromkeys(shape for shape, _ in runs))
    for pass_, label, marker, colour, shift in (
        ("forward", "forward, no gradient", "o", STEEL, -0.15),
        ("both", "forward and backward", "^", BRICK, 0.15),
    ):
        groups = [runs[shape, pass_] for shape in shapes]
        chosen = np.concatenate(groups)
        beside = 0.25 * ((np.arange(len(groups[0])) + 0.5) / len(groups[0]) - 0.5)  # one run beside the other
        x = np.concatenate([place + shift + beside for place in range(len(shapes))])
        axes.vlines(x, chosen["ratio_low"], chosen["ratio_high"], color=colour, linewidth=1)
        axes.plot(x, chosen["ratio"], marker, color=colour, markersize=5, label=label)
    axes.axhline(1, color=GREY, linewidth=1)
    axes.set(
        ylim=(0, None),
        ylabel="time, grulib.fast / nn.GRU",
        xlabel="steps × sequences, inputs → units",
        xticks=range(len(shapes)),
    )
    labels = [f"{T} × {B}, {D} → {H}" for T, B, D, H in shapes]
    axes.set_xticklabels(labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.legend()
