"""The exercises of the chapter on language models: perplexity, temperature, reading in order, a state that is not detached."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _log_p(logits, targets):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_p[np.arange(len(targets)), targets]


def _logits(seed, N, V, shift):
    rng = np.random.default_rng(seed)
    return {"logits": shift + rng.normal(size=(N, V)), "targets": rng.integers(V, size=N)}


def _normalised(q):
    return q / q.sum()


def _batches(text, B, T, N=None):
    N = (len(text) - 1) // B if N is None else N
    x, y = text[: N * B].reshape(B, N), text[1 : N * B + 1].reshape(B, N)
    return [(x[:, k : k + T], y[:, k : k + T]) for k in range(0, N - T + 1, T)]


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
            Misconception((2.0, ...), "That is the mean number of bits. Perplexity is 2 to its power."),
            Misconception(
                (256.0, ...), "That is one over the product. Take its fourth root: the mean is over characters."
            ),
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
        reference=lambda logits, targets: np.exp(-_log_p(logits, targets).mean()),
        cases=[_logits(1, 1, 2, 0.0), _logits(2, 4, 3, 0.0), _logits(3, 6, 5, 1000.0)],
        misconceptions=(
            Misconception(
                lambda logits, targets: -_log_p(logits, targets).mean(),
                "That is the cross-entropy. Perplexity is its exponential.",
            ),
            Misconception(
                lambda logits, targets: np.exp(-_log_p(logits, targets).sum()),
                "The mean over characters is wanted, not the sum.",
            ),
            Misconception(
                lambda logits, targets: np.exp(-_log_p(logits, targets)).mean(),
                "You take the mean of each character's perplexity. First the mean of the logarithms, then the exponential.",
            ),
            Misconception(
                lambda logits, targets: 2 ** -_log_p(logits, targets).mean(),
                "Natural logarithms go with exp; 2 to the power goes with logarithms of base 2.",
            ),
            Misconception(
                lambda logits, targets: np.exp(_log_p(logits, targets).mean()),
                "That is the mean probability of a character. Perplexity is its inverse: mind the sign.",
            ),
            Misconception(
                lambda logits, targets: np.exp(-logits[np.arange(len(targets)), targets].mean()),
                "Logits are not yet logarithms of probabilities: the softmax is missing.",
            ),
            Misconception(
                lambda logits, targets: np.exp(-_log_p(logits, logits.argmax(axis=1)).mean()),
                "You measure the most probable character. The one that came counts.",
            ),
        ),
        hints=(
            "The logarithm of a softmax is the logit minus the logarithm of the sum of exponentials.",
            "Take the largest logit of each row off first. logits[np.arange(N), targets] picks the right ones.",
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
