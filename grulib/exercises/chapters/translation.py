"""The exercises of the chapter on translation: a greedy mistake, attention with a mask, teacher forcing, exact match."""

import numpy as np

from grulib.exercises.kinds import Function, Misconception, Value


def _softmax(scores):
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


def _attention(scores, memory, length, masked=-np.inf):
    weights = _softmax(np.where(np.arange(len(scores)) < length, scores, masked))
    return weights, weights @ memory


def _masked_late(scores, memory, length):
    weights = _softmax(scores) * (np.arange(len(scores)) < length)
    return weights, weights @ memory


def _unmasked(scores, memory, length):
    weights = _softmax(scores)
    return weights, weights @ memory


@np.errstate(invalid="ignore")
def _largest_of_all(scores, memory, length):
    weights = np.exp(scores - scores.max()) * (np.arange(len(scores)) < length)
    weights = weights / weights.sum()
    return weights, weights @ memory


@np.errstate(all="ignore")
def _overflowing(scores, memory, length):
    weights = np.exp(np.where(np.arange(len(scores)) < length, scores, -np.inf))
    weights = weights / weights.sum()
    return weights, weights @ memory


def _one_too_many(scores, memory, length):
    return _attention(scores, memory, length + 1)


def _mean_of_real(scores, memory, length):
    weights = (np.arange(len(scores)) < length) / length
    return weights, weights @ memory


def _scores(seed, T, M, length, shift=0.0):
    rng = np.random.default_rng(seed)
    return {"scores": shift + rng.normal(size=T), "memory": rng.normal(size=(T, M)), "length": length}


def _match(written, right, end):
    is_end = right == end
    after = np.cumsum(is_end, axis=1) - is_end > 0
    return float(np.mean(((written == right) | after).all(axis=1)))


def _to_the_last_end(written, right, end):
    is_end = right == end
    after = np.cumsum(is_end, axis=1) == is_end.sum(axis=1, keepdims=True)
    return float(np.mean(((written == right) | (after & ~is_end)).all(axis=1)))


def _without_end(written, right, end):
    after = np.cumsum(right == end, axis=1) > 0
    return float(np.mean(((written == right) | after).all(axis=1)))


def _share_of_words(written, right, end):
    is_end = right == end
    real = np.cumsum(is_end, axis=1) - is_end == 0
    return float((written == right)[real].mean())


EXERCISES = [
    Value(
        id="translation.1",
        parts=("by_greedy", "by_beam"),
        reference=(0.3, 0.36),
        decimals=3,
        misconceptions=(
            Misconception((1.1, ...), "Probabilities of steps are multiplied, not added."),
            Misconception((0.6, ...), "That is the first word's alone. A sequence has the product of its words'."),
            Misconception((0.5, ...), "That is the second word's alone. A sequence has the product of its words'."),
            Misconception((..., 0.9), "That is the second word's alone. The product is with b's own 0.4."),
            Misconception((0.36, ...), "Greedy decoding takes the first word without looking ahead: a."),
            Misconception((0.54, ...), "That multiplies a's probability with what follows b."),
            Misconception((..., 0.54), "0.9 is the probability after b, and b has 0.4."),
            Misconception((..., 0.3), "The beam keeps b too, and compares whole sequences."),
            Misconception((..., 0.66), "A beam finds one sequence: its probability is not a sum over two."),
        ),
        hints=("Greedy writes a first. Multiply the two probabilities.", "The beam compares 0.6 · 0.5 with 0.4 · 0.9."),
    ),
    Function(
        id="translation.2",
        reference=_attention,
        parts=("weights", "context"),
        cases=[
            _scores(1, 2, 1, 1),
            _scores(2, 4, 3, 2),
            _scores(3, 5, 2, 3, shift=1000.0),
            _scores(4, 3, 2, 3, shift=-9.0),
            {"scores": np.array([0.0, 1.0, 1000.0]), "memory": np.array([[1.0], [2.0], [3.0]]), "length": 2},
            {"scores": np.array([-2000.0, -2001.0, 0.0]), "memory": np.array([[1.0], [2.0], [3.0]]), "length": 2},
        ],
        misconceptions=(
            Misconception(_unmasked, "Places of padding get attention too: length is not used."),
            Misconception(
                _masked_late,
                "The weights of the real places no longer add up to 1: mask the scores, before the softmax.",
            ),
            Misconception(
                lambda scores, memory, length: _attention(scores, memory, length, masked=0.0),
                "A score of 0 is a score like others, and gets weight. Minus infinity gets none.",
            ),
            Misconception(
                _largest_of_all,
                "The largest score is taken over padding too: if it stands there, all real ones become 0, and 0 / 0 is NaN.",
            ),
            Misconception(
                lambda scores, memory, length: _attention(scores, memory, length, masked=-1000.0),
                "Real scores may be below -1000, and padding then gets the weight. Minus infinity gets none.",
            ),
            Misconception(
                _overflowing, "Your exponentials overflow, or are all 0. Take the largest of the real scores off first."
            ),
            Misconception(
                lambda *arguments: _attention(*arguments)[::-1], "The two have changed places: weights come first."
            ),
            Misconception(_one_too_many, "One place of padding is attended to: the real ones are 0 to length - 1."),
            Misconception(_mean_of_real, "That is the plain mean of the real places; the scores are not used."),
        ),
        hints=(
            "Set the scores of padding to -inf, then the softmax.",
            "For large scores, take the maximum off before np.exp.",
        ),
    ),
    Function(
        id="translation.3",
        reference=lambda target, begin, end: ([begin, *target], [*target, end]),
        parts=("read", "write"),
        cases=[
            {"target": [5], "begin": 1, "end": 2},
            {"target": [4, 7, 4], "begin": 1, "end": 2},
            {"target": [9, 8, 7, 6, 5], "begin": 3, "end": 4},
        ],
        misconceptions=(
            Misconception(
                lambda target, begin, end: ([begin, *target, end], [begin, *target, end]),
                "The decoder reads what it is to write. It should read what stands before it.",
            ),
            Misconception(
                lambda target, begin, end: ([*target, end], [begin, *target]),
                "The other way round: it reads BEGIN first, and writes END last.",
            ),
            Misconception(
                lambda target, begin, end: ([begin, *target[:-1]], [*target]),
                "It never learns to stop: the last that it writes should be END.",
            ),
            Misconception(
                lambda target, begin, end: ([begin, *target, end], [*target, end]),
                "END need not be read: nothing is written after it.",
            ),
            Misconception(
                lambda target, begin, end: ([*target, end], [*target, end]),
                "The decoder reads what it is to write, and nothing tells it to begin.",
            ),
            Misconception(
                lambda target, begin, end: ([begin, *target[:-1]], [*target[1:], end]),
                "Both are one too short: the first word has to be written, and the last one read.",
            ),
            Misconception(
                lambda target, begin, end: ([begin, *target], [begin, *target]),
                "Nothing is shifted: what is written is what is read, one place later.",
            ),
            Misconception(
                lambda target, begin, end: ([*target], [*target[1:], end]),
                "Who tells it the first word? It reads BEGIN, and writes the first.",
            ),
        ),
        hints=(
            "Each word that is written becomes the next one that is read.",
            "The one list is the other, one place later.",
        ),
    ),
    Function(
        id="translation.4",
        reference=_match,
        cases=[
            {"written": np.array([[5, 2, 9], [5, 6, 2]]), "right": np.array([[5, 2, 0], [5, 7, 2]]), "end": 2},
            {
                "written": np.array([[4, 4, 2, 1], [4, 5, 6, 2], [7, 2, 2, 2], [7, 2, 8, 8], [8, 4, 7, 2]]),
                "right": np.array([[4, 4, 2, 0], [4, 5, 2, 0], [7, 2, 0, 0], [7, 8, 2, 0], [8, 4, 7, 2]]),
                "end": 2,
            },
            {
                "written": np.array([[3, 5, 5, 4], [3, 1, 9, 9], [6, 4, 4, 4]]),
                "right": np.array([[3, 5, 5, 1], [3, 1, 0, 1], [6, 1, 0, 0]]),
                "end": 1,
            },
        ],
        misconceptions=(
            Misconception(
                lambda written, right, end: float((written == right).all(axis=1).mean()),
                "What is written after END counts as a mistake in yours.",
            ),
            Misconception(_without_end, "END itself must be written: yours lets a sequence run on."),
            Misconception(_share_of_words, "That is the share of right words. Whole rows count."),
            Misconception(
                lambda written, right, end: float((written == right).mean()),
                "That is the share of right entries. Whole rows count, up to END.",
            ),
            Misconception(
                lambda written, right, end: round(_match(written, right, end) * len(right)),
                "That is a number of rows. The share is wanted.",
            ),
            Misconception(
                lambda written, right, end: 100 * _match(written, right, end), "That is in per cent. A share is wanted."
            ),
            Misconception(
                _to_the_last_end, "What follows the first END of right does not matter, whatever stands there."
            ),
        ),
        hints=(
            "Find the entries strictly after the first end of each row of right.",
            "np.cumsum(right == end, axis=1) counts the ends so far. Then .all(axis=1).mean().",
        ),
    ),
]
