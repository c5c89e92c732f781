"""The exercises of the chapter on language models: perplexity, discounts, temperature, reading in order, a state that is not detached."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _discounted(counts, shorter, d, symbols=None, total=None):
    gained = d * (np.count_nonzero(counts) if symbols is None else symbols)
    return (np.maximum(counts - d, 0) + gained * shorter) / (counts.sum() if total is None else total)


def _counts(seed, counts, d):
    return {
        "counts": np.array(counts),
        "shorter": _normalised(np.random.default_rng(seed).uniform(size=len(counts))),
        "d": d,
    }


def _normalised(q):
    return q / q.sum()


def _batches(text, B, T, N=None, down=False):
    N = (len(text) - 1) // B if N is None else N
    x, y = (part.reshape(N, B).T if down else part.reshape(B, N) for part in (text[: N * B], text[1 : N * B + 1]))
    return [(x[:, k : k + T], y[:, k : k + T]) for k in range(0, N - T + 1, T)]


def _shifted_in_rows(text, B, T):
    N = len(text) // B
    rows = text[: N * B].reshape(B, N)
    return [(rows[:, k : k + T], rows[:, k + 1 : k + T + 1]) for k in range(0, N - T, T)]


def _consecutive_pieces(text, B, T):
    pieces = [(text[i : i + T], text[i + 1 : i + T + 1]) for i in range(0, len(text) - T, T)]
    groups = [pieces[i : i + B] for i in range(0, len(pieces) - B + 1, B)]
    return [tuple(np.array(part) for part in zip(*group)) for group in groups]


EXERCISES = [
    Value(
        id="language.1",
        parts=("first", "second"),
        reference=(4.0, 2.0),
        decimals=3,
        misconceptions=(
            Misconception((32 / 9, ...), "That is one over the mean probability. The mean is over logarithms."),
            Misconception((4.5, ...), "That is the mean of 1/p. The mean is over logarithms."),
            Misconception(
                (np.log(4), ...), "That is the cross-entropy, the mean of -ln p. Perplexity is e to its power."
            ),
            Misconception(
                (..., np.log(2)), "The second is the cross-entropy, the mean of -ln p. Perplexity is e to its power."
            ),
            Misconception((2.0, ...), "That is the mean number of bits. Perplexity is 2 to its power."),
            Misconception(
                (256.0, ...), "That is one over the product. Take its fourth root: the mean is over characters."
            ),
            Misconception((2.0, 4.0), "The two have changed places."),
            Misconception(
                (1 / 256, ...), "That is the probability of the text. Perplexity is one over its fourth root."
            ),
            Misconception(
                (..., 1 / 16), "That is the probability of the text. Perplexity is one over its fourth root."
            ),
            Misconception((np.exp(2), ...), "You take e to the power of bits. Both have to have the same base."),
            Misconception((0.25, ...), "That is the geometric mean of the probabilities. Perplexity is its inverse."),
            Misconception((..., 1.0), "That is the mean number of bits. Perplexity is 2 to its power."),
            Misconception((..., 4.75), "That is the mean of 1/p. The mean is over logarithms."),
            Misconception((..., 16.0), "The three characters that were right count too: the mean is over all four."),
            Misconception((..., 0.5), "That is the geometric mean of the probabilities. Perplexity is its inverse."),
        ),
        hints=(
            "exp of the mean of -ln p is one over the geometric mean of the p.",
            "In powers of two the first has exponents 1, 3, 2, 2; the second 0, 0, 0, 4.",
        ),
    ),
    Function(
        id="language.2",
        reference=_discounted,
        cases=[_counts(1, [3, 0], 0.5), _counts(2, [2, 0, 1, 0], 0.75), _counts(3, [5, 1, 0, 2, 0, 1, 0], 0.6)],
        misconceptions=(
            Misconception(
                lambda counts, shorter, d: np.maximum(counts - d, 0) / counts.sum(),
                "What is taken away is not given back: the sum is below 1.",
            ),
            Misconception(
                lambda counts, shorter, d: (counts - d + d * len(counts) * shorter) / counts.sum(),
                "You take the discount off zeros too. Only what was seen can give.",
            ),
            Misconception(
                lambda counts, shorter, d: _discounted(counts, shorter, d, symbols=len(counts)),
                "m counts the symbols that followed at least once, not all symbols: your sum is above 1.",
            ),
            Misconception(
                lambda counts, shorter, d: _discounted(counts, shorter, d, symbols=1),
                "The discount is taken from each symbol that was seen: d is gained m times.",
            ),
            Misconception(
                lambda counts, shorter, d: _discounted(counts, np.full(len(counts), 1 / len(counts)), d),
                "You give the same to all symbols. The shorter context says who gets how much.",
            ),
            Misconception(
                lambda counts, shorter, d: _discounted(counts, shorter, d, total=np.maximum(counts - d, 0).sum()),
                "Divide by the sum of the counts as they were.",
            ),
            Misconception(
                lambda counts, shorter, d: (counts - d + d * np.count_nonzero(counts) * shorter) / counts.sum(),
                "Symbols that were never seen can't give anything: np.maximum(counts - d, 0).",
            ),
            Misconception(
                lambda counts, shorter, d: (
                    np.maximum(counts - d, 0) / counts.sum() + d * np.count_nonzero(counts) * shorter
                ),
                "What was gained is divided by the sum of the counts, too.",
            ),
            Misconception(
                lambda counts, shorter, d: (
                    np.where(counts > 0, np.maximum(counts - d, 0), d * np.count_nonzero(counts) * shorter)
                    / counts.sum()
                ),
                "The shorter context gives to all symbols, not only to those that were never seen.",
            ),
        ),
        hints=(
            "np.count_nonzero(counts) is m, and d * m is what was taken away.",
            "np.maximum(counts - d, 0), plus the gain times shorter, all by counts.sum().",
        ),
    ),
    Function(
        id="language.3",
        reference=lambda p, temperature: _normalised(p ** (1 / temperature)),
        cases=[
            {"p": np.array([0.8, 0.2]), "temperature": 0.5},
            {"p": np.array([0.5, 0.3, 0.2]), "temperature": 3.0},
            {"p": _normalised(np.random.default_rng(1).uniform(0.1, 1, 6)), "temperature": 0.25},
        ],
        misconceptions=(
            Misconception(lambda p, temperature: p ** (1 / temperature), "These do not add up to 1."),
            Misconception(
                lambda p, temperature: _normalised(p**temperature),
                "The other way round: a low temperature should sharpen.",
            ),
            Misconception(
                lambda p, temperature: _normalised(p / temperature),
                "Dividing probabilities by a number and normalising gives them back. The logits are divided.",
            ),
            Misconception(lambda p, temperature: p / temperature, "The logits are divided, not the probabilities."),
            Misconception(
                lambda p, temperature: _normalised(np.exp(p / temperature)),
                "You treat p as logits. Its logarithm is, up to a constant.",
            ),
            Misconception(
                lambda p, temperature: np.log(p) / temperature, "Those are the logits. The softmax is still to come."
            ),
            Misconception(
                lambda p, temperature: _normalised(np.exp(p * temperature)),
                "You treat p as logits, and multiply by the temperature. Logits, log p, are divided by it.",
            ),
        ),
        hints=("The logits are log p, up to a constant that cancels.", "exp(log(p) / t) is a power of p."),
    ),
    Function(
        id="language.4",
        reference=_batches,
        cases=[
            {"text": np.arange(7) + 10, "B": 2, "T": 1},
            {"text": np.arange(18) + 10, "B": 2, "T": 3},
            {"text": np.random.default_rng(0).integers(1, 50, 41), "B": 3, "T": 4},
        ],
        misconceptions=(
            Misconception(
                _consecutive_pieces,
                "The rows of your batch follow each other in the text, so a row's state comes from another place.",
            ),
            Misconception(
                lambda text, B, T: _batches(text, B, T, down=True),
                "Your text runs down the columns. Each row should be a piece of the text: reshape(B, N), not reshape(N, B).T.",
            ),
            Misconception(
                lambda text, B, T: [(x, x) for x, _ in _batches(text, B, T)], "y should be one character later than x."
            ),
            Misconception(
                lambda text, B, T: [(y, x) for x, y in _batches(text, B, T)],
                "x and y have changed places: x comes first.",
            ),
            Misconception(
                lambda text, B, T: [(x, np.concatenate([x[:, 1:], x[:, :1]], axis=1)) for x, _ in _batches(text, B, T)],
                "The last of each y should be the character that follows in the text, not the row's first.",
            ),
            Misconception(
                _shifted_in_rows,
                "The last character of each of your rows has no next one: cut y from the text, one character later, and not from the rows.",
            ),
            Misconception(
                lambda text, B, T: _batches(text, B, T)[:-1],
                "The last batch is missing: it has T columns as the others.",
            ),
            Misconception(
                lambda text, B, T: _batches(text, B, T, N=(len(text) - 1) // (B * T) * T),
                "Your rows could be longer: cut what does not fill a batch off the end of each row, not of the text.",
            ),
        ),
        hints=(
            "Each of the B rows is a long piece of the text; a batch takes the next T columns of all rows.",
            "A long row has L = (len(text) - 1) // B characters; x is text[: L * B] as (B, L), y the same one later.",
        ),
    ),
    Choice(
        id="language.5",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "It would be, if the graph of the first batch were still there."),
            Misconception("c", "So it would be if the backward pass kept its graph. It frees it."),
            Misconception("d", "Gradients do not become zero by a longer way back."),
        ),
        hints=("What does backward do with the graph when it is done?", "Try it: two calls on five characters each."),
    ),
]
