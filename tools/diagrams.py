"""Draw the book's diagrams: python tools/diagrams.py writes book/_static/diagrams/*.svg, all in one visual language.

Each file is a picture by itself, in Jupyter and in print. In the built book its style sheet gives way to the page's
(extensions/pictures.py), so that colours follow the theme. A shape's class says what it stands for; all take their
colour from it. In texts "_" begins a subscript of one letter or of what stands in braces.
"""

import re
from html import escape
from pathlib import Path

import numpy as np

from grulib.convert.notations import to_gru

FOLDER = Path(__file__).parents[1] / "book" / "_static" / "diagrams"
# The darker tones of the book's colours, as in book/_static/book.css for a light page.
STYLE = """svg{color:#222832;font-family:sans-serif}.paper{fill:#fff}.muted{color:#6b6b6b}
.reset{color:#b34a10}.update{color:#1f66a8}.candidate{color:#0a7354}.old{color:#666}.new{color:#a83a7b}
.faint{opacity:.45}.gru{color:#6a4fb5}.lstm{color:#855c00}.rnn{color:#0f7080}.hot{color:#b5303c}"""


def picture(width, height, title, *parts):
    """A file: its size in pixels of a page, what it shows in a few words, and shapes."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{width}" height="{height}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def of(kind, shapes):
    """Shapes in the colour of a kind."""
    return f'<g class="{kind}">{shapes}</g>' if kind else shapes


def text(x, y, words, kind="", size=15, anchor="middle", weight=""):
    parts = re.split(r"_(\{[^}]*\}|\w)", words)
    spans = escape(parts[0])
    for low, following in zip(parts[1::2], parts[2::2]):
        spans += f'<tspan dy="4" font-size="{round(size * 0.75)}">{escape(low.strip("{}"))}</tspan>'
        spans += f'<tspan dy="-4">{escape(following)}</tspan>' if following else ""
    bold = f' font-weight="{weight}"' if weight else ""
    return of(
        kind,
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{bold} fill="currentColor">{spans}</text>',
    )


def line(points, kind="", dashed=False, width=1.6):
    """A polyline through "x,y x,y ..."."""
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return of(kind, f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="{width}"{dashes}/>')


def arrow(points, kind="", dashed=False, width=1.6):
    """A polyline with a head at its end."""
    (x0, y0), (x1, y1) = (tuple(map(float, p.split(","))) for p in points.split()[-2:])
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    size = 4 + 2.4 * width
    back = x1 - size * dx, y1 - size * dy
    corners = [(x1, y1), *((back[0] - s * size * dy / 2, back[1] + s * size * dx / 2) for s in (1, -1))]
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    stem = " ".join([*points.split()[:-1], f"{back[0]:.1f},{back[1]:.1f}"])
    return line(stem, kind, dashed, width) + of(kind, f'<polygon points="{head}" fill="currentColor"/>')


def box(x, y, width, height, words="", kind="", size=15, fill=0.0):
    """A rounded box around (x, y); fill is how strongly its colour shows inside."""
    inside = f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width}" height="{height}" rx="6"'
    shape = f'{inside} class="paper"/>{inside} fill="currentColor" fill-opacity="{fill}" stroke="currentColor" stroke-width="1.8"/>'
    lines = words.split("\n")
    first = y + 0.36 * size - 0.6 * size * (len(lines) - 1)
    labels = "".join(text(x, round(first + 1.2 * size * i, 1), word, size=size) for i, word in enumerate(lines) if word)
    return of(kind, shape + labels)


def node(x, y, sign, kind=""):
    """An operation entry by entry."""
    circle = f'<circle cx="{x}" cy="{y}" r="13" class="paper"/><circle cx="{x}" cy="{y}" r="13" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    return of(kind, circle) + text(x, y + 6, sign, kind, 17)


def dot(x, y, kind=""):
    return of(kind, f'<circle cx="{x}" cy="{y}" r="3.2" fill="currentColor"/>')


def cells(x, y, words, kind="", width=34, height=28, size=14, fill=0.12):
    """A row of boxes with a word each, from (x, y) to the right."""
    middles = (x + width * (i + 0.5) for i in range(len(words)))
    return "".join(box(m, y, width - 4, height, word, kind, size, fill) for m, word in zip(middles, words))


def state_line(y, start, times, plus, end):
    """The state's way through a product and a sum, from x = start to x = end."""
    return [
        arrow(f"{start},{y} {times - 13},{y}", "old"),
        node(times, y, "⊙"),
        arrow(f"{times + 13},{y} {plus - 13},{y}"),
        node(plus, y, "+"),
        arrow(f"{plus + 13},{y} {end},{y}", "new"),
    ]


# The cell, which grows with the text of the chapter on the equations.


def blend(z_from, n_from, z_of="old"):
    """The state's line, and how z and n come to it from below; z is the share of the old state, or of the new one."""
    shares = {
        "old": [
            text(520, 42, "z ⊙ h", size=13),
            arrow(f"470,{z_from} 470,63", "update"),
            box(518, 140, 46, 30, "1 − z", "update", 14),
            arrow("541,140 557,140", "update"),
            text(578, 104, "(1 − z) ⊙ n", size=13, anchor="start"),
        ],
        "new": [
            text(520, 32, "(1 − z) ⊙ h", size=13),
            line(f"470,{z_from} 470,114", "update"),
            box(470, 99, 46, 30, "1 − z", "update", 14),
            arrow("470,84 470,63", "update"),
            arrow("518,140 557,140", "update"),
            text(578, 104, "z ⊙ n", size=13, anchor="start"),
        ],
    }
    return [
        text(20, 55, "h", "old", 17),
        *state_line(50, 34, 470, 570, 622),
        text(638, 55, "h′", "new", 17),
        dot(470, 140, "update"),
        arrow("470,140 495,140", "update") if z_of == "old" else line("470,140 518,140", "update"),
        *shares[z_of],
        node(570, 140, "⊙"),
        arrow("570,127 570,63", "candidate"),
        arrow(f"570,{n_from} 570,153", "candidate"),
    ]


def candidate(reset):
    """What is read: nothing of a reset gate, or the state through it, before or after the recurrent product."""
    parts = [
        text(20, 305, "x", size=17),
        line("34,300 288,300"),
        dot(288, 300),
        arrow("288,300 288,222"),
        box(288, 200, 88, 44, "n = tanh(·)", "candidate", 14, 0.12),
        text(282, 240, "candidate", "candidate", 13, "end"),
        line("332,200 343,200 343,260 570,260 570,200", "candidate"),
        dot(160, 50, "old"),
    ]
    if reset == "after":
        parts += [arrow("160,50 160,98", "old"), box(160, 120, 104, 44, "U_n h + c_n", size=14)]
        parts += [arrow("160,142 160,187"), node(160, 200, "⊙", "reset"), arrow("173,200 244,200")]
    elif reset == "before":
        parts += [arrow("160,50 160,187", "old"), node(160, 200, "⊙", "reset"), arrow("173,200 190,200")]
        parts += [box(208, 200, 36, 34, "U_n", size=14), arrow("226,200 244,200")]
    else:
        parts += [line("160,50 160,200", "old"), arrow("160,200 190,200", "old")]
        parts += [box(208, 200, 36, 34, "U_n", size=14), arrow("226,200 244,200")]
    return parts


UPDATE_GATE = [
    dot(396, 50, "old"),
    arrow("396,50 396,178", "old"),
    line("288,300 396,300 396,267"),
    '<path d="M396,267 a7,7 0 0 1 0,-14" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    arrow("396,253 396,222"),
    box(396, 200, 84, 44, "z = σ(·)", "update", 14, 0.12),
    text(402, 240, "update gate", "update", 13, "start"),
    line("438,200 470,200", "update"),
]
RESET_GATE = [
    dot(90, 50, "old"),
    arrow("90,50 90,178", "old"),
    dot(90, 300),
    arrow("90,300 90,222"),
    box(90, 200, 84, 44, "r = σ(·)", "reset", 14, 0.12),
    text(96, 240, "reset gate", "reset", 13, "start"),
    arrow("132,200 147,200", "reset"),
]


def cell(stage, reset=None):
    given = [text(470, 224, "z", "update", 17), text(570, 224, "n", "candidate", 17)]
    if stage == 1:
        return picture(660, 240, "Step 1 of the GRU: the blend", *blend(204, 204), *given)
    if stage == 2:
        parts = [*blend(204, 260), *candidate(None), given[0]]
        return picture(660, 320, "Step 2 of the GRU: a candidate that sees the whole state", *parts)
    if stage == 3:
        parts = [*blend(200, 260), *candidate(None), *UPDATE_GATE]
        return picture(660, 320, "Step 3 of the GRU: the update gate", *parts)
    parts = [*blend(200, 260), *candidate(reset), *UPDATE_GATE, *RESET_GATE]
    return picture(660, 320, f"The GRU, reset {reset} the recurrent product", *parts)


def cell_of_e():
    parts = [*blend(200, 260, "new"), *candidate("before"), *UPDATE_GATE, *RESET_GATE]
    return picture(660, 320, "The GRU of document E's equations, z the share of the new state", *parts)


def chart_e():
    """Document E's flow chart, its boxes and arrows drawn anew."""
    arrows = [
        "190,44 110,74", "190,44 270,74", "110,106 70,134", "110,106 150,134", "270,106 230,134", "270,106 310,134",
        "70,162 103,193", "150,162 117,193", "110,218 110,240", "110,272 110,293", "230,162 230,306 123,306",
        "110,319 110,340", "230,306 230,340", "110,372 110,395", "230,372 230,408 123,408", "110,421 110,444",
    ]  # fmt: skip
    return picture(
        380,
        484,
        "Document E's flow chart",
        *map(arrow, arrows),
        box(190, 28, 80, 32, "input"),
        box(110, 90, 120, 32, "reset gate", "reset", 14, 0.12),
        box(270, 90, 120, 32, "update gate", "update", 14, 0.12),
        *(box(x, 148, 46, 28, word, "old" if word == "h" else "") for x, word in zip((70, 150, 230, 310), "hxhx")),
        node(110, 206, "⊙"),
        box(110, 256, 110, 32, "candidate", "candidate", 14, 0.12),
        node(110, 306, "⊙"),
        box(110, 356, 110, 32, "new state", "new", 14, 0.12),
        box(230, 356, 70, 32, "1 − z", "update", 14, 0.12),
        node(110, 408, "⊙"),
        box(110, 460, 90, 32, "output"),
    )


def ways_back():
    """The cell in grey, and the four ways of a gradient from h′ to h."""

    def way(kind, number, x, y, *paths):
        badge = f'<circle cx="{x}" cy="{y}" r="11" class="paper"/><circle cx="{x}" cy="{y}" r="11" fill="none" stroke="currentColor" stroke-width="2"/>'
        return (
            "".join(arrow(path, kind, width=3) for path in paths) + of(kind, badge) + text(x, y + 5, number, kind, 14)
        )

    parts = [*blend(200, 260), *candidate("before"), *UPDATE_GATE, *RESET_GATE]
    grey = re.sub(r'<g class="\w+">|</g>', "", "".join(parts))
    return picture(
        660,
        330,
        "The four ways of a gradient back through the GRU",
        of("muted faint", grey),
        way("old", "1", 290, 50, "622,50 585,50", "556,50 485,50", "456,50 36,50"),
        way("candidate", "2", 460, 260, "570,64 570,126", "570,154 570,260 343,260 343,200 334,200", "244,200 228,200"),
        arrow("190,200 175,200", "candidate", width=3),
        arrow("160,186 160,54", "candidate", width=3),
        way("update", "3", 470, 170, "470,64 470,200 440,200", "396,178 396,54"),
        way("reset", "4", 112, 160, "146,200 134,200", "90,178 90,54"),
        text(290, 32, "z", "old", 14),
        text(460, 288, "(1 − z)(1 − n²), U_n, r", "candidate", 14),
        text(280, 120, "(h − n) z (1 − z), U_z", "update", 14),
        text(20, 322, "what r scales, r (1 − r), U_r", "reset", 14, "start"),
    )


def unrolled():
    parts = [
        box(62, 90, 60, 50, "tanh", "rnn", 14, 0.12),
        line("92,80 112,80 112,40 12,40 12,90 20,90", "rnn"),
        arrow("12,90 32,90", "rnn"),
        text(62, 32, "h, one step later", "rnn", 13),
        arrow("62,160 62,115"),
        text(62, 178, "x", size=16),
        text(150, 97, "=", size=22),
        text(188, 95, "h_0", "rnn", 16),
        arrow("204,90 228,90", "rnn"),
    ]
    for i in range(4):
        x = 258 + 100 * i
        parts += [
            box(x, 90, 60, 50, "tanh", "rnn", 14, 0.12),
            arrow(f"{x},160 {x},115"),
            text(x, 178, f"x_{i + 1}", size=16),
        ]
        parts += [arrow(f"{x + 30},90 {x + 70},90", "rnn"), text(x + 50, 80, f"h_{i + 1}", "rnn", 15)]
        parts += [text(x + 8, 142, "W", "muted", 13, "start"), text(x + 50, 110, "U", "muted", 13)]
    return picture(640, 192, "A recurrent network, and the same network unrolled over four steps", *parts)


def fading():
    """What is left of a gradient: a bar for each step back, for three factors."""
    parts = []
    for row, (factor, kind, words) in enumerate(
        [(0.55, "rnn", "0.55"), (0.9, "update", "0.90"), (1.12, "hot", "1.12")]
    ):
        base = 80 + 90 * row
        parts.append(text(12, base - 8, f"factor {words}", kind, 14, "start"))
        for k in range(9):
            height = min(66, 26 * factor**k)
            x = 560 - 52 * k
            parts.append(
                of(
                    kind,
                    f'<rect x="{x}" y="{base - height:.1f}" width="34" height="{height:.1f}" fill="currentColor" fill-opacity="0.75"/>',
                )
            )
        parts.append(line(f"130,{base} 600,{base}", "muted", width=1))
    parts += [
        text(577, 284, "loss", size=13),
        text(161, 284, "8 steps back", size=13),
        arrow("530,280 230,280", "muted"),
    ]
    return picture(620, 296, "A gradient on its way back: it fades, stays, or grows", *parts)


def worked_example():
    """Document A's three steps, in this book's notation."""
    W = {"W_z": [[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]], "W_r": [[0.9, 0.8, 0.7, 0.6], [0.5, 0.4, 0.3, 0.2]]}
    arrays = {name: np.array(rows) for name, rows in (W | {"W": W["W_z"]}).items()}
    inputs = np.array([[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]])  # (B, T, D)
    _, cache = to_gru(arrays, "A").forward(inputs)
    parts = [text(30, 96, "h_0", "old", 15), text(30, 118, "0, 0", "old", 13)]

    def pair(values, digits):
        return ", ".join(f"{value:.{digits}f}" for value in values)

    for i, x in enumerate(inputs[0]):
        r, z, n, h = cache.r[i, 0], cache.z[i, 0], cache.n[i, 0], cache.h[i + 1, 0]
        left = 62 + 232 * i
        middle = left + 72
        parts += [box(middle, 100, 124, 112), arrow(f"{left - 16},100 {left + 10},100", "old" if i == 0 else "new")]
        for row, (name, values, kind) in enumerate([("r", r, "reset"), ("z", z, "update"), ("n", n, "candidate")]):
            parts.append(text(middle, 72 + 32 * row, f"{name}: {pair(values, 4)}", kind, 12))
        parts += [arrow(f"{middle},200 {middle},157"), text(middle, 218, f"x_{i + 1}: {pair(x, 1)}", size=14)]
        parts += [text(left + 168, 92, f"h_{i + 1}", "new", 15), text(left + 174, 126, pair(h, 4), "new", 11)]
        parts.append(
            line(f"{left + 134},100 {left + 206},100", "new")
            if i < 2
            else arrow(f"{left + 134},100 {left + 206},100", "new")
        )
    return picture(740, 232, "The worked example: three steps with their numbers", *parts)


def notations_map():
    parts = [box(370, 150, 130, 260, "this book\n\nz keeps\nthe old state\n\nr, z, n\n\nboth resets", "gru", 14, 0.12)]
    left = [
        (50, "documents A, B, E\n[h, x], z of the new", "cut, sign of z", "update"),
        (150, "document C\nreset after, no biases", "as it is", ""),
        (250, "document D\nreset before, x W", "transpose", ""),
    ]
    right = [
        (35, "PyTorch, cuDNN\nr, z, n, two biases", "add biases of r, z", ""),
        (112, "Keras\nz, r, n, x W", "reorder, transpose", ""),
        (188, "ONNX\nz, r, n", "reorder", ""),
        (265, "Flax\napart, x W", "transpose", ""),
    ]
    for y, words, what, kind in left:
        parts += [
            box(90, y, 166, 46, words, size=13),
            arrow(f"173,{y} 304,{y}", kind),
            text(238, y - 8, what, kind, 12),
        ]
    for y, words, what, kind in right:
        parts += [
            box(652, y, 150, 46, words, size=13),
            arrow(f"577,{y} 436,{y}", kind),
            text(506, y - 8, what, kind, 12),
        ]
    return picture(740, 300, "Who writes the GRU how, and what it takes to come home", *parts)


def stack():
    parts = []
    for layer, y in enumerate((190, 90)):
        for t in range(4):
            x = 130 + 120 * t
            parts += [box(x - 24, y, 42, 36, "GRU", "gru", 12, 0.12), box(x + 24, y, 42, 36, "GRU", "new", 12, 0.12)]
            parts += [
                arrow(f"{x - 24},{y + 40} {x - 24},{y + 19}"),
                arrow(f"{x + 24},{y + 40} {x + 24},{y + 19}"),
                line(f"{x - 24},{y + 40} {x + 24},{y + 40}"),
            ]
            parts.append(line(f"{x},{y + 40} {x},{y + 54 if layer == 0 else y + 64}"))
            if t < 3:
                parts += [
                    arrow(f"{x - 3},{y - 10} {x + 75},{y - 10}", "gru"),
                    arrow(f"{x + 117},{y + 10} {x + 45},{y + 10}", "new"),
                ]
            if layer == 0:
                parts.append(text(x, 262, f"x_{t + 1}", size=15))
                parts.append(line(f"{x - 24},172 {x - 24},154 {x + 24},154 {x + 24},172"))
            else:
                parts += [
                    line(f"{x - 24},72 {x - 24},54 {x + 24},54 {x + 24},72"),
                    arrow(f"{x},54 {x},32"),
                    text(x, 24, f"[→h_{t + 1}, ←h_{t + 1}]", size=12),
                ]
    parts += [text(40, 195, "layer 1", "muted", 13), text(40, 95, "layer 2", "muted", 13)]
    return picture(600, 276, "Two layers, each in both directions", *parts)


def encoder_decoder():
    source, target = ["forty", "two", "<end>"], ["quarante", "deux", "<end>"]
    parts = []
    for i, word in enumerate(source):
        x = 60 + 90 * i
        parts += [box(x, 100, 56, 40, "GRU", "gru", 13, 0.12), arrow(f"{x},158 {x},121"), text(x, 176, word, size=13)]
        parts.append(arrow(f"{x + 28},100 {x + (62 if i < 2 else 76)},100", "gru"))
    for i, word in enumerate(target):
        x = 370 + 110 * i
        before = ["<begin>", *target][i]
        parts += [box(x, 100, 60, 40, "GRU", "new", 13, 0.12), arrow(f"{x},158 {x},121"), text(x, 176, before, size=13)]
        parts += [arrow(f"{x},80 {x},50"), text(x, 40, word, "new", 14)]
        if i < 2:
            parts.append(arrow(f"{x + 30},100 {x + 80},100", "new"))
    parts += [text(150, 210, "encoder reads", "gru", 14), text(480, 210, "decoder writes", "new", 14)]
    parts += [
        box(306, 100, 20, 60, "", "update", 12, 0.25),
        text(306, 60, "one vector", "update", 13),
        arrow("316,100 340,100", "update"),
    ]
    return picture(640, 226, "An encoder reads the sentence into one vector, a decoder writes from it", *parts)


def attention():
    letters = list("12 may 1999")
    weights = [0, 0, 0, 0, 0, 0, 0.04, 0.3, 0.5, 0.12, 0.04]
    parts = []
    for i, (letter, weight) in enumerate(zip(letters, weights)):
        x = 50 + 46 * i
        parts += [box(x, 170, 34, 34, "", "gru", 12, 0.12), text(x, 216, letter.replace(" ", "␣"), size=15)]
        parts.append(line(f"{x},152 280,86", "update" if weight > 0.02 else "muted", width=max(0.6, 9 * weight)))
        if i < 10:
            parts.append(arrow(f"{x + 17},170 {x + 29},170", "gru", width=1.2))
    parts += [
        box(280, 66, 130, 40, "sum of states", "update", 14, 0.12),
        arrow("345,66 420,66", "update"),
        box(470, 66, 100, 40, "decoder", "new", 14, 0.12),
        arrow("470,46 470,26", "new"),
        text(488, 26, "writes 9", "new", 13, "start"),
        arrow("470,112 470,87", "new"),
        text(482, 112, "has written 1", "new", 13, "start"),
        text(16, 110, "how well each place", "muted", 12, "start"),
        text(16, 126, "fits the question", "muted", 12, "start"),
    ]
    return picture(580, 232, "Attention: what the decoder reads is a weighted sum over all places", *parts)


def scan_tree():
    parts = []
    for level, y in enumerate((210, 150, 90, 30)):
        step = 2**level
        for i in range(8 // step):
            x = 60 + 70 * (step * i + (step - 1) / 2)
            first, last = step * i + 1, step * (i + 1)
            words = f"{first}" if step == 1 else f"{first}–{last}"
            parts.append(box(x, y, 48 if step < 4 else 60, 30, words, "gru" if level else "", 13, 0.12))
            if level < 3:
                up = 60 + 70 * (2 * step * (i // 2) + step - 0.5)
                parts.insert(0, line(f"{x},{y - 15} {up},{y - 45}", "muted"))
    parts += [
        text(34, 40, "three rounds for eight steps,", "muted", 13, "start"),
        text(34, 58, "ten for a thousand", "muted", 13, "start"),
    ]
    return picture(610, 238, "Eight steps joined pair by pair, in three rounds", *parts)


def truncated():
    parts = []
    for i in range(9):
        x = 40 + 66 * i
        segment = i // 3
        parts += [
            box(x, 70, 40, 36, f"h_{i + 1}", "gru", 13, 0.12),
            text(x, 132, f"x_{i + 1}", size=14),
            arrow(f"{x},118 {x},89"),
        ]
        if i < 8:
            parts.append(arrow(f"{x + 20},64 {x + 46},64", "gru"))
            if i % 3 < 2:
                parts.append(arrow(f"{x + 46},78 {x + 20},78", "hot"))
        if i % 3 == 2:
            parts += [arrow(f"{x},52 {x},34"), text(x, 24, f"L_{segment + 1}", size=14)]
    for x in (205, 403):
        parts.append(line(f"{x},20 {x},138", "muted", dashed=True))
    parts += [
        text(40, 166, "forward, through the cuts", "gru", 13, "start"),
        text(330, 166, "gradient, up to a cut", "hot", 13, "start"),
    ]
    return picture(610, 178, "Truncated backpropagation: the state crosses a cut, the gradient does not", *parts)


def language_batch():
    words = ["the_time_tra", "veller_for_s", "o_it_will_be"]
    parts = []
    for row, piece in enumerate(words):
        y = 40 + 44 * row
        for i, letter in enumerate(piece):
            kind = ("gru", "update", "candidate")[i // 4]
            parts.append(box(70 + 38 * i + 10 * (i // 4), y, 34, 32, letter.replace("_", "␣"), kind, 14, 0.12))
        parts.append(text(30, y + 5, f"row {row + 1}", "muted", 12))
    for i in range(3):
        x = 70 + 38 * (4 * i + 1.5) + 10 * i
        parts.append(text(x, 172, f"batch {i + 1}", ("gru", "update", "candidate")[i], 14))
        if i < 2:
            parts.append(arrow(f"{x + 40},168 {x + 122},168", "muted"))
    parts.append(text(310, 196, "each row's state is carried from batch to batch", "muted", 13))
    return picture(570, 206, "How a text becomes batches: rows that go on from batch to batch", *parts)


def windows():
    parts = [line("30,110 600,110", "muted", width=1)]
    heights = [20, 34, 44, 40, 26, 8, -8, -20, -24, -14, 2, 18, 30, 42, 46, 36, 22, 6]
    xs = [40 + 32 * i for i in range(len(heights))]
    parts.append(line(" ".join(f"{x},{90 - h}" for x, h in zip(xs, heights)), width=1.2))
    parts += [f'<circle cx="{x}" cy="{90 - h}" r="3.4" fill="currentColor"/>' for x, h in zip(xs, heights)]
    for row, start in enumerate((0, 1, 2)):
        y = 140 + 30 * row
        left, cut, right = 24 + 32 * start, 24 + 32 * (start + 10), 24 + 32 * (start + 14)
        parts += [box((left + cut) / 2, y, cut - left - 4, 22, "what it reads" if row == 0 else "", "gru", 13, 0.18)]
        parts += [box((cut + right) / 2, y, right - cut - 4, 22, "what it says" if row == 0 else "", "new", 13, 0.18)]
    parts.append(text(310, 236, "each window begins a month after the one before", "muted", 13))
    return picture(620, 248, "Windows over a series: what is read, and what is to be said", *parts)


def padding():
    rows = [("good room", 9), ("bad", 3), ("so so", 5)]
    parts = []
    for row, (words, length) in enumerate(rows):
        y = 36 + 36 * row
        for i in range(9):
            inside = i < length
            parts.append(
                box(
                    40 + 32 * i,
                    y,
                    28,
                    28,
                    words[i].replace(" ", "␣") if inside else "0",
                    "gru" if inside else "muted",
                    14,
                    0.15 if inside else 0,
                )
            )
        parts.append(text(340, y + 5, f"length {length}", "muted", 13, "start"))
    parts.append(text(168, 138, "padded: a rectangle, and lengths", size=13))
    for i in range(9):
        here = [words for words, length in rows if i < length]
        for row, words in enumerate(sorted(here, key=len, reverse=True)):
            parts.append(box(40 + 32 * i, 178 + 32 * row, 28, 28, words[i].replace(" ", "␣"), "gru", 14, 0.15))
        parts.append(text(40 + 32 * i, 282, str(len(here)), "muted", 13))
    parts += [
        text(340, 182, "packed: longest first,", size=13, anchor="start"),
        text(340, 200, "no step is spent on zeros", size=13, anchor="start"),
        text(340, 282, "sequences at this step", "muted", 13, "start"),
    ]
    return picture(520, 294, "Three texts, padded and packed", *parts)


def data_parallel():
    parts = [box(310, 30, 180, 34, "a batch of 64", "", 14)]
    for i, x in enumerate((150, 470)):
        parts += [
            line(f"310,47 310,58 {x},58"),
            arrow(f"{x},58 {x},78"),
            box(x, 98, 150, 38, f"process {i + 1}: 32", "gru", 14, 0.12),
        ]
        parts += [arrow(f"{x},117 {x},146"), box(x, 166, 150, 38, f"gradient {i + 1}", "candidate", 14, 0.12)]
        parts += [
            arrow(f"{x + (75 if i == 0 else -75)},166 {'249' if i == 0 else '371'},166", "candidate"),
            arrow(f"{x},185 {x},222"),
            box(x, 242, 150, 38, "same step", "gru", 14, 0.12),
        ]
    parts += [
        box(310, 166, 122, 38, "mean of both", "update", 14, 0.2),
        line("310,185 310,204 150,204", "update"),
        line("310,204 470,204", "update"),
    ]
    return picture(
        620, 272, "Data-parallel training: each process takes a part of the batch, both take the same step", *parts
    )


def lstm_gru():
    lstm = [
        text(150, 24, "LSTM", "lstm", 17, weight="bold"),
        box(160, 150, 256, 210, "", "lstm"),
        *state_line(80, 8, 75, 165, 318),
        *(text(14, 70, "c", "old", 15), text(304, 70, "c′", "new", 15)),
        *(box(75, 140, 36, 30, "f", "reset", 15, 0.12), arrow("75,125 75,93", "reset")),
        *(node(165, 130, "⊙"), arrow("165,117 165,93")),
        *(
            box(125, 185, 36, 30, "i", "update", 15, 0.12),
            line("125,170 125,130", "update"),
            arrow("125,130 152,130", "update"),
        ),
        *(
            box(205, 185, 36, 30, "g", "candidate", 15, 0.12),
            line("205,170 205,130", "candidate"),
            arrow("205,130 178,130", "candidate"),
        ),
        *(
            dot(255, 80, "new"),
            arrow("255,80 255,147", "new"),
            text(249, 112, "tanh", "muted", 12, "end"),
            node(255, 160, "⊙"),
        ),
        *(box(255, 215, 36, 30, "o", "new", 15, 0.12), arrow("255,200 255,173", "new")),
        *(arrow("268,160 318,160", "new"), text(304, 150, "h′", "new", 15)),
        text(160, 282, "three gates, two vectors handed on", "muted", 13),
    ]
    gru = [
        text(505, 24, "GRU", "gru", 17, weight="bold"),
        box(515, 150, 256, 210, "", "gru"),
        *state_line(80, 363, 450, 570, 673),
        *(text(369, 70, "h", "old", 15), text(660, 70, "h′", "new", 15)),
        *(box(450, 185, 36, 30, "z", "update", 15, 0.12), arrow("450,170 450,93", "update"), dot(450, 130, "update")),
        *(
            arrow("450,130 487,130", "update"),
            box(510, 130, 46, 26, "1 − z", "update", 13),
            arrow("533,130 557,130", "update"),
        ),
        *(node(570, 130, "⊙"), arrow("570,117 570,93", "candidate")),
        *(box(570, 185, 36, 30, "n", "candidate", 15, 0.12), arrow("570,170 570,143", "candidate")),
        *(
            box(450, 232, 36, 26, "r", "reset", 15, 0.12),
            line("468,232 570,232", "reset"),
            arrow("570,232 570,201", "reset"),
        ),
        text(515, 282, "two gates, one vector handed on", "muted", 13),
    ]
    return picture(690, 294, "The LSTM beside the GRU", *lstm, *gru)


DIAGRAMS = {
    "unrolled": unrolled(),
    "fading": fading(),
    "cell-1": cell(1),
    "cell-2": cell(2),
    "cell-3": cell(3),
    "cell-before": cell(4, "before"),
    "cell-after": cell(4, "after"),
    "cell-of-e": cell_of_e(),
    "chart-e": chart_e(),
    "ways-back": ways_back(),
    "worked-example": worked_example(),
    "notations-map": notations_map(),
    "stack": stack(),
    "encoder-decoder": encoder_decoder(),
    "attention": attention(),
    "scan-tree": scan_tree(),
    "truncated": truncated(),
    "language-batch": language_batch(),
    "windows": windows(),
    "padding": padding(),
    "data-parallel": data_parallel(),
    "lstm-gru": lstm_gru(),
}


def main():
    for name, drawing in DIAGRAMS.items():
        (FOLDER / f"{name}.svg").write_text(drawing, "utf-8")


if __name__ == "__main__":
    main()
