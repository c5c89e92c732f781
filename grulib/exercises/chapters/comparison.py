"""The exercises of the chapter that compares GRU, LSTM and plain RNN: sizes, budgets, parity by hand, fair comparisons."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _count(blocks, D, layers, H, biases=1):
    return blocks * H * (D + H + biases) + (layers - 1) * blocks * H * (2 * H + biases)


def _largest(blocks, D, layers, budget, count=_count):
    H = 1
    while count(blocks, D, layers, H + 1) <= budget:
        H += 1
    return H


def _rounded(blocks, D, layers, budget):
    a, b = blocks * (2 * layers - 1), blocks * (D + layers)
    return round((np.sqrt(b**2 + 4 * a * budget) - b) / (2 * a))


def _parity_weights(k=20.0, U=((1, -1), (1, -1)), b=(-1, -3), v=(1.0, -1.0)):
    return lambda: (np.full(2, 2 * k), k * np.array(U, float), k * np.array(b, float), np.array(v))


def _answers(weights, bits):
    """1 where the network of these weights says odd after a bit, 0 where even (N, T)."""
    W, U, b, v = (np.asarray(part, float) for part in weights)
    h, odd = np.zeros((len(bits), 2)), []
    for x in bits.T:
        h = np.tanh(x[:, None] * W + h @ U.T + b)
        odd.append(np.where(np.isnan(h @ v), np.nan, h @ v > 1))
    return np.stack(odd, axis=1)


_BITS = np.random.default_rng(0).integers(0, 2, (6, 40)).astype(float)

EXERCISES = [
    Value(
        id="comparison.1",
        parts=("saved", "most_units"),
        reference=(15200, 118),
        misconceptions=(
            Misconception((15100, ...), "PyTorch has two biases for each block."),
            Misconception((15000, ...), "The biases are missing."),
            Misconception((45600, ...), "That is the GRU's number. What is saved is the difference."),
            Misconception((60800, ...), "That is the LSTM's number. What is saved is the difference."),
            Misconception((..., 133), "The parameters grow with the square of H: a third more units is too much."),
            Misconception((..., 119), "With 119 units it comes nearest, and has more than the LSTM had."),
            Misconception((..., 115), "The root of 4/3 is right for large H. The inputs make it a little more: count."),
        ),
        hints=(
            "A block has H (D + H + 2) parameters; the LSTM has four, the GRU three.",
            "Try 117, 118 and 119 units.",
        ),
    ),
    Function(
        id="comparison.2",
        reference=_largest,
        cases=[
            {"blocks": 1, "D": 1, "layers": 1, "budget": 10},
            {"blocks": 3, "D": 7, "layers": 1, "budget": 512},
            {"blocks": 3, "D": 7, "layers": 1, "budget": 540},
            {"blocks": 3, "D": 7, "layers": 1, "budget": 1000},
            {"blocks": 3, "D": 300, "layers": 1, "budget": 19_978},
            {"blocks": 4, "D": 50, "layers": 3, "budget": 90_000},
            {"blocks": 3, "D": 300, "layers": 2, "budget": 123_456},
        ],
        misconceptions=(
            Misconception(lambda *a: _largest(*a) + 1, "That is the first number of units that is too large."),
            Misconception(
                lambda blocks, D, layers, budget: _largest(blocks, D, 1, budget), "Only one layer is counted."
            ),
            Misconception(
                lambda blocks, D, layers, budget: _largest(blocks, D, 1, budget // layers),
                "Only the first layer has D inputs; the others read H.",
            ),
            Misconception(
                lambda *a: _largest(*a, count=lambda blocks, D, layers, H: _count(blocks, D, layers, H, 0)),
                "The biases are missing.",
            ),
            Misconception(
                lambda *a: _largest(*a, count=lambda blocks, D, layers, H: _count(blocks, D, layers, H, 2)),
                "One bias for each block here, not two.",
            ),
            Misconception(
                lambda *a: _largest(*a, count=lambda blocks, D, layers, H: _count(blocks, D, layers, H, 1 / H)),
                "You count one number as a block's bias. It has one for each of its H units.",
            ),
            Misconception(
                lambda blocks, D, layers, budget: _largest(blocks, D, layers, budget - 1),
                "A budget that is met exactly is not exceeded: at most means <=.",
            ),
            Misconception(_rounded, "You round to the nearest whole number, which may be over the budget: round down."),
            Misconception(
                lambda blocks, D, layers, budget: _largest(1, D, layers, budget),
                "You count one block. There are as many as blocks says.",
            ),
        ),
        hints=(
            "The first layer has blocks * H * (D + H + 1), each other blocks * H * (H + H + 1).",
            "Count up H until the next one is over the budget.",
        ),
    ),
    Function(
        id="comparison.3",
        reference=_parity_weights(),
        cases=[{}],
        use=lambda weights: _answers(weights, _BITS),
        misconceptions=(
            Misconception(
                _parity_weights(v=(2.0, 0.0)),
                "Your output says whether at least one of bit and old parity is 1. Both makes even.",
            ),
            Misconception(
                _parity_weights(v=(-1.0, 1.0)),
                "Your output is never above 1, so it never says odd. Is its sign right, are biases and units right, and are the weights so large that tanh is near -1 or 1?",
            ),
            Misconception(
                _parity_weights(U=((0, 0), (0, 0))), "Your network does not remember: it says what the last bit is."
            ),
        ),
        hints=(
            "One unit for: at least one of bit and old parity. One for: both. Parity is the first without the second.",
            "With h of -1 and 1 the old parity is (h1 - h2) / 2. A large factor makes tanh a step.",
        ),
    ),
    Choice(
        id="comparison.4",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "With equal units one of them has more parameters."),
            Misconception("c", "X was tuned twenty times as much."),
            Misconception("d", "One run may be luck."),
        ),
        hints=("Ask for each: equal size, equal tuning, several seeds?", "It is only one of the four."),
    ),
]
