"""The exercises of the chapter beyond the loop: what can be scanned, parity, eight bits, unequal shares, averaging."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value
from grulib.gru import GRU


def _signs(weights, bits):
    """The signs (N, T) of the states that weights give for bits (N, T) of -1 and 1, from h = -1."""
    W, U, b = (np.asarray(a, dtype=np.float64) for a in weights)
    gru = GRU(W, U, b, reset="after")
    outputs, _ = gru.forward(bits[:, :, None], np.full((len(bits), 1), -1.0))
    return np.sign(np.where(abs(outputs[:, :, 0]) < 1e-3, 0, outputs[:, :, 0]))


def _parity(z=-30.0, n=-8.0):
    return lambda: (np.array([[0.0], [z], [0.0]]), np.array([[0.0], [0.0], [n]]), np.zeros(3))


def _bits(seed, N, T):
    return {"bits": np.random.default_rng(seed).choice([-1.0, 1.0], (N, T))}


def _quantize(w, largest=127, rounding=np.round):
    scale = abs(w).max() / largest
    return np.clip(rounding(w / scale), -128, 127).astype(np.int8), scale


def _in_eight_bits(result, w):
    q, scale = result
    return {"values": np.asarray(q, np.float64), "is of np.int8": getattr(q, "dtype", None) == np.int8}, scale


def _shares(seed, sizes, P):
    return {"gradients": np.random.default_rng(seed).normal(size=(len(sizes), P)), "sizes": np.array(sizes)}


EXERCISES = [
    Choice(
        id="beyond.1",
        letters="abcd",
        reference="ac",
        misconceptions=(
            Misconception(
                "a", "That one is right, and there is another: a tanh that h does not pass through does no harm."
            ),
            Misconception(
                "c", "That one is right, and there is another: an earlier input is known as well as the present one."
            ),
            Misconception(
                "abc", "In b the candidate reads the old state, through a tanh. Without h it can't be computed."
            ),
            Misconception(
                "acd", "In d a tanh stands between one state and the next: two steps are no step of the same form."
            ),
            Misconception("b", "In b the candidate reads the old state. What can be computed before h is there?"),
            Misconception("d", "In d a tanh stands between one state and the next, so the recurrence is not linear."),
            Misconception("abcd", "In some of them h passes a tanh on its way to the next h. In which?"),
            Misconception("ad", "a is one. In d a tanh stands between one state and the next."),
            Misconception("cd", "c is one. In d a tanh stands between one state and the next."),
            Misconception("ab", "a is one. In b the candidate reads the old state, through a tanh."),
            Misconception("bc", "c is one. In b the candidate reads the old state, through a tanh."),
            Misconception("bd", "In b the candidate reads the old state, and in d a tanh stands between the states."),
        ),
        hints=(
            "Which of them can be written h' = a h + b with a and b from the inputs alone?",
            "For each letter, ask: if I know all inputs, do I know a and b?",
        ),
    ),
    Function(
        id="beyond.2",
        reference=_parity(),
        cases=[{}],
        use=lambda weights: _signs(weights, _bits(1, 8, 200)["bits"]),
        misconceptions=(
            Misconception(
                _parity(z=30.0),
                "Your update gate keeps the state at +1 and replaces it at -1. z is the share of the old state.",
            ),
            Misconception(
                _parity(n=8.0),
                "Nothing ever changes sides: your candidate has the sign of the old state, or does not hear it.",
            ),
            Misconception(
                _parity(n=-0.5),
                "Your candidate shrinks at each one, and is soon lost near 0. Make its slope larger than 1.",
            ),
            Misconception(
                lambda: (np.zeros((3, 1)), np.array([[0.0], [0.0], [-20.0]]), np.array([0.0, -30.0, 0.0])),
                "Your state changes sides at every bit, also at -1. The update gate has to hear the bit.",
            ),
            Misconception(
                lambda: (np.array([[0.0], [-2.0], [0.0]]), np.array([[0.0], [0.0], [-2.0]]), np.zeros(3)),
                "The idea is right. But gate and candidate are too soft, and the state is lost: use larger numbers.",
            ),
            Misconception(_parity(z=0.0), "Your update gate does not see the bit: it is 1/2 for both."),
        ),
        hints=(
            "A bit of -1 should keep the state: z near 1. A bit of +1 should replace it: z near 0.",
            "The candidate should be near -h: tanh(U_n h / 2) with a large negative U_n, as r is 1/2.",
        ),
    ),
    Function(
        id="beyond.3",
        reference=_quantize,
        parts=("q", "scale"),
        use=_in_eight_bits,
        cases=[
            {"w": np.array([[1.0, -0.5]])},
            {"w": np.array([[0.3, -2.0, 0.013], [1.99, 0.7, -0.21]])},
            {"w": np.random.default_rng(3).normal(size=(4, 5))},
        ],
        misconceptions=(
            Misconception(
                lambda w: _quantize(w, 128), "128 does not fit into 8 bits with a sign. The largest should become 127."
            ),
            Misconception(lambda w: _quantize(w, 127, np.trunc), "That cuts off. Round to the nearest integer."),
            Misconception(lambda w: _quantize(w, 127, np.floor), "That rounds down. Round to the nearest integer."),
            Misconception(
                lambda w: (np.round(w / w.max() * 127).clip(-128, 127).astype(np.int8), w.max() / 127),
                "The entry of largest size may be negative: w.max() misses it.",
            ),
            Misconception(
                lambda w: (_quantize(w)[0], 127 / abs(w).max()),
                "Your scale is upside down: q * scale should be near w.",
            ),
            Misconception(
                lambda w: (np.round(w).astype(np.int8), 1.0), "Without a scale all weights below 1/2 become 0."
            ),
            Misconception(
                lambda w: (_quantize(w)[0].astype(np.float64), _quantize(w)[1]),
                "The numbers are right, but they are not stored in 8 bits: what is the dtype of q?",
            ),
        ),
        hints=("The scale is the size of the largest entry, over 127.", "np.round, and then astype(np.int8)."),
    ),
    Function(
        id="beyond.4",
        reference=lambda gradients, sizes: sizes @ gradients / sizes.sum(),
        cases=[_shares(1, [1, 3], 1), _shares(2, [20, 30, 14], 4), _shares(3, [5, 1, 1, 9], 3)],
        misconceptions=(
            Misconception(
                lambda gradients, sizes: gradients.mean(axis=0),
                "The plain mean gives a small share the weight of a large one.",
            ),
            Misconception(
                lambda gradients, sizes: gradients.sum(axis=0),
                "That is the sum of means. A mean over all sequences is wanted.",
            ),
            Misconception(
                lambda gradients, sizes: sizes @ gradients,
                "That is the gradient of the summed loss. Divide by all sequences.",
            ),
            Misconception(
                lambda gradients, sizes: sizes @ gradients / len(sizes),
                "You divide by the number of processes. The mean is over sequences.",
            ),
            Misconception(
                lambda gradients, sizes: (1 / sizes) @ gradients / (1 / sizes).sum(),
                "The other way round: a larger share counts more.",
            ),
            Misconception(
                lambda gradients, sizes: (gradients / sizes[:, None]).sum(axis=0),
                "The gradients are means already: do not divide by the sizes once more.",
            ),
        ),
        hints=(
            "Undo each mean: size times gradient is a sum over sequences.",
            "Add the sums, and divide by the number of all sequences.",
        ),
    ),
    Value(
        id="beyond.5",
        parts=("milliseconds_of_averaging", "share"),
        reference=(6.0, 0.8),
        decimals=3,
        misconceptions=(
            Misconception((8.0, 0.75), "A ring does not send it twice in full, but (N - 1) / N of it twice."),
            Misconception((4.0, ...), "That sends the gradient once. A ring sends 2 (N - 1) / N times the gradient."),
            Misconception((8.0, ...), "A ring does not send it twice in full: 2 (N - 1) / N."),
            Misconception((1.5, ...), "A parameter has 4 bytes."),
            Misconception((12.0, ...), "The factor is 2 (N - 1) / N: divide by the number of processes."),
            Misconception((3.0, ...), "It goes round twice: once to add up, once to hand out."),
            Misconception((..., 0.2), "That is the share of averaging. The share of computing is asked for."),
            Misconception((..., 0.75), "24 ms are computing; the whole is 24 ms and the averaging."),
            Misconception((..., 0.25), "That is averaging by computing. The share is computing by the whole."),
            Misconception((..., 80.0), "A share is asked for, not per cent."),
            Misconception((..., 4.0), "That is computing by averaging. The share is computing by the whole."),
        ),
        hints=("2 · 3/4 · 4 MB, at 1 GB/s.", "Computing / (computing + averaging)."),
    ),
]
