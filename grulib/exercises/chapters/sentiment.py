"""The exercises of the chapter on sentiment: padding, a masked mean, duplicates, what padding costs."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception


def _real(outputs, lengths):
    """Which steps are real, as (B, T, 1)."""
    return (np.arange(outputs.shape[1]) < lengths[:, None])[:, :, None]


def _masked_sum(outputs, lengths):
    return np.where(_real(outputs, lengths), outputs, 0).sum(axis=1)


def _masked_mean(outputs, lengths):
    return _masked_sum(outputs, lengths) / lengths[:, None]


def _outputs(seed, B, T, H, lengths, padding):
    outputs = np.random.default_rng(seed).normal(size=(B, T, H))
    lengths = np.array(lengths)
    outputs[np.arange(T) >= lengths[:, None]] = padding
    return {"outputs": outputs, "lengths": lengths}


def _without_strip(texts, labels):
    found = {}
    for text, label in zip(texts, labels):
        found.setdefault(text, set()).add(label)
    kept = {text: min(labels) for text, labels in found.items() if len(labels) == 1}
    return list(kept), list(kept.values())


def _kept(texts, labels):
    return _without_strip([text.strip() for text in texts], labels)


def _first_label(texts, labels):
    kept = {}
    for text, label in zip(texts, labels):
        kept.setdefault(text.strip(), label)
    return list(kept), list(kept.values())


def _only_unrepeated(texts, labels):
    stripped = [text.strip() for text in texts]
    kept = [(text, label) for text, label in zip(stripped, labels) if stripped.count(text) == 1]
    return [text for text, _ in kept], [label for _, label in kept]


def _batches(lengths, batch_size):
    return [lengths[i : i + batch_size] for i in range(0, len(lengths), batch_size)]


def _computed(lengths, batch_size):
    """The number of steps that a batch's longest text makes all of its rows take, over all batches."""
    return sum(len(batch) * max(batch) for batch in _batches(lengths, batch_size))


def _share(lengths, batch_size):
    return float(1 - sum(lengths) / _computed(lengths, batch_size))


def _full_batches_only(lengths, batch_size):
    return _share(lengths[: len(lengths) // batch_size * batch_size], batch_size)


def _last_batch_filled(lengths, batch_size):
    return float(1 - sum(lengths) / sum(batch_size * max(batch) for batch in _batches(lengths, batch_size)))


def _strip_too_late(texts, labels):
    kept, label_of = _without_strip(texts, labels)
    return _first_label(kept, label_of)


def _last_label(texts, labels):
    kept = {text.strip(): label for text, label in zip(texts, labels)}
    return list(kept), list(kept.values())


def _majority(texts, labels):
    found = {}
    for text, label in zip(texts, labels):
        found.setdefault(text.strip(), []).append(label)
    return list(found), [int(sum(label) > len(label) / 2) for label in found.values()]


EXERCISES = [
    Choice(
        id="sentiment.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "A zero input still moves the state: biases and the recurrent product go on."),
            Misconception("c", "Rows of a batch never influence each other."),
            Misconception("d", "Padding does not set a state to zero; the unit goes on reading."),
        ),
        hints=("What does a GRU do with an input of zeros?", "Each row is computed for itself, for all 5 steps."),
    ),
    Function(
        id="sentiment.2",
        reference=_masked_mean,
        cases=[
            _outputs(1, 2, 2, 1, [1, 2], 9.0),
            _outputs(2, 3, 4, 2, [4, 2, 1], np.nan),
            _outputs(3, 3, 5, 3, [3, 5, 2], 5.0),
        ],
        misconceptions=(
            Misconception(
                lambda outputs, lengths: outputs.mean(axis=1), "That is the mean over all steps, padding included."
            ),
            Misconception(
                lambda outputs, lengths: _masked_sum(outputs, lengths) / outputs.shape[1],
                "Padding is left out of the sum, but you divide by T.",
            ),
            Misconception(
                _masked_sum,
                "That is the sum. Divide by the lengths.",
            ),
            Misconception(
                lambda outputs, lengths: outputs[np.arange(len(outputs)), lengths - 1], "That is the last real state."
            ),
            Misconception(
                lambda outputs, lengths: outputs[:, : lengths.min()].mean(axis=1),
                "You cut all rows to the shortest. Each row has its own length.",
            ),
            Misconception(
                lambda outputs, lengths: (outputs * _real(outputs, lengths)).sum(axis=1) / lengths[:, None],
                "You multiply the padding by 0. NaN times 0 is NaN: np.where leaves it out.",
            ),
            Misconception(
                lambda outputs, lengths: _masked_sum(outputs, lengths + 1) / lengths[:, None],
                "One step of padding is in your sum: the real ones are 0 to length - 1.",
            ),
            Misconception(
                lambda outputs, lengths: _masked_sum(outputs, lengths) / lengths.sum(),
                "Each row is divided by its own length, not by the sum of all.",
            ),
        ),
        hints=(
            "np.arange(T) < lengths[:, None] is True at real steps.",
            "np.where sets the rest to 0; sum over steps, divide by the lengths as a column.",
        ),
    ),
    Function(
        id="sentiment.3",
        reference=_kept,
        parts=("texts", "labels"),
        cases=[
            {"texts": ["a", "b", "a"], "labels": [1, 0, 1]},
            {"texts": ["x", "y ", "y", "x"], "labels": [0, 1, 1, 1]},
            {"texts": ["p ", "q", "p", "r", "r", "r"], "labels": [1, 0, 0, 0, 1, 1]},
            {"texts": ["no good", "nogood", "No good"], "labels": [0, 1, 1]},
            {"texts": ["g", "c", " d", "e", "c", "c ", "b"], "labels": [1, 0, 0, 1, 0, 0, 0]},
        ],
        misconceptions=(
            Misconception(_first_label, "A text with two labels keeps its first one in yours. Drop it altogether."),
            Misconception(_without_strip, "Spaces at the ends make two texts of one in yours."),
            Misconception(_last_label, "A text with two labels keeps its last one in yours. Drop it altogether."),
            Misconception(_majority, "A text with two labels gets the more frequent one in yours. Drop it altogether."),
            Misconception(
                _strip_too_late,
                "You strip after you have looked for texts with two labels. What differs by a space only is one text from the start.",
            ),
            Misconception(
                lambda texts, labels: _kept([text.replace(" ", "") for text in texts], labels),
                "Only spaces at the ends go. Those inside belong to the text.",
            ),
            Misconception(
                lambda texts, labels: _kept([text.lower() for text in texts], labels),
                "Capitals belong to the text: only spaces at the ends go.",
            ),
            Misconception(_only_unrepeated, "A text that repeats with the same label should stay, once."),
            Misconception(
                lambda texts, labels: tuple(map(list, zip(*sorted(zip(*_kept(texts, labels)))))),
                "The texts should stay in the order of their first appearance.",
            ),
        ),
        hints=(
            "Collect for each stripped text the set of its labels; dictionaries keep the order.",
            "Keep those whose set has one element.",
        ),
    ),
    Function(
        id="sentiment.4",
        reference=_share,
        cases=[
            {"lengths": [1, 3], "batch_size": 2},
            {"lengths": [4, 1, 2, 2, 5], "batch_size": 2},
            {"lengths": [7, 3, 9, 1, 2, 8, 8, 5], "batch_size": 3},
        ],
        misconceptions=(
            Misconception(
                lambda lengths, batch_size: 1 - _share(lengths, batch_size),
                "That is the share of real steps. Padding is the rest.",
            ),
            Misconception(
                lambda lengths, batch_size: float(1 - sum(lengths) / (len(lengths) * max(lengths))),
                "You make all texts as long as the longest of all. Each batch has its own longest.",
            ),
            Misconception(_full_batches_only, "The last, smaller batch is missing."),
            Misconception(
                _last_batch_filled, "The last batch has fewer rows: nothing is computed for rows that are not there."
            ),
            Misconception(
                lambda lengths, batch_size: _share(sorted(lengths), batch_size),
                "You sort first. The given order is meant.",
            ),
            Misconception(
                lambda lengths, batch_size: 1 / (1 / _share(lengths, batch_size) - 1),
                "That is padding by real steps. Divide by all steps that are computed.",
            ),
            Misconception(
                lambda lengths, batch_size: float(
                    np.mean([_share(batch, batch_size) for batch in _batches(lengths, batch_size)])
                ),
                "That is the mean of the batches' shares. Add up steps over all batches first, then divide.",
            ),
            Misconception(
                lambda lengths, batch_size: 100 * _share(lengths, batch_size), "That is in per cent. A share is wanted."
            ),
            Misconception(
                lambda lengths, batch_size: _computed(lengths, batch_size) - sum(lengths),
                "That is the number of steps of padding. Divide by all steps that are computed.",
            ),
        ),
        hints=("A batch computes its number of rows times its longest length.", "1 - sum(lengths) / computed."),
    ),
]
