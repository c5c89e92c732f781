"""The exercises of the chapter on the audit: deciding claims, perplexity, joining steps, counting, and who hears whom."""

import numpy as np

from grulib.exercises.kinds import Choice, Function, Misconception, Value


def _text_case(seed, N, V, levels=(0.0,)):
    """Logits about these levels, which the rows take in turn."""
    rng = np.random.default_rng(seed)
    return {"logits": np.resize(levels, (N, 1)) + rng.normal(size=(N, V)), "targets": rng.integers(0, V, N)}


def _log_p(logits, targets):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))[np.arange(len(targets)), targets]


def _perplexity(logits, targets):
    return np.exp(-_log_p(logits, targets).mean())


@np.errstate(all="ignore")
def _mean_of_inverses(logits, targets):
    return np.exp(-_log_p(logits, targets)).mean()


@np.errstate(all="ignore")
def _perplexity_of_the_sum(logits, targets):
    return np.exp(-_log_p(logits, targets).sum())


@np.errstate(all="ignore")
def _logarithm_of_p(logits, targets):
    return np.exp(-np.log(np.exp(_log_p(logits, targets))).mean())


def _perplexity_with_one_shift(logits, targets, shift):
    """One number taken off all logits, which does not keep each row's exponentials in range."""
    with np.errstate(all="ignore"):
        p = np.exp(logits - shift)
        p = p / p.sum(axis=1, keepdims=True)
        return np.exp(-np.log(p[np.arange(len(targets)), targets]).mean())


def _join_case(seed, *shape):
    return {name: a for name, a in zip(("a1", "b1", "a2", "b2"), np.random.default_rng(seed).normal(size=(4, *shape)))}


def _hears_case(seed, H, reset, r, z, zeros=0.0):
    rng = np.random.default_rng(seed)
    U = rng.normal(size=(H, H)) * (rng.random((H, H)) >= zeros)
    return {"U": U, "r": np.array(r), "z": np.array(z), "reset": reset}


def _hears(U, r, z, reset, blend=True, z_matters=True, turned=False):
    before = (reset == "before") != turned
    scaled = U * r if before else U * r[:, None]
    candidate = (scaled != 0) & (z != 1)[:, None] if z_matters else scaled != 0
    return candidate | np.diag(z != 0) if blend else candidate


EXERCISES = [
    Choice(
        id="audit.1",
        letters="abcd",
        reference="b",
        misconceptions=(
            Misconception("a", "With z = 0 the new state is the candidate. Does the candidate see the old state?"),
            Misconception(
                "c", "In this book z is the share of the old state. With z = 0 nothing of it is kept directly."
            ),
            Misconception("d", "The input does not decide whether the candidate sees the old state. What does?"),
        ),
        hints=("Put z = 0 into the blend. What is left?", "Which gate stands between the old state and the candidate?"),
    ),
    Function(
        id="audit.2",
        reference=_perplexity,
        cases=[
            _text_case(1, 1, 2),
            _text_case(2, 2, 3),
            _text_case(3, 7, 5),
            _text_case(4, 4, 3, (1000.0,)),
            _text_case(5, 4, 3, (1000.0, -1000.0)),
            {
                "logits": np.array([[0.0, -800.0], [0.5, 1.0], [2.0, 0.0], [0.0, 0.0]]),
                "targets": np.array([1, 0, 0, 1]),
            },
        ],
        misconceptions=(
            Misconception(
                lambda logits, targets: -_log_p(logits, targets).mean(),
                "That is the cross-entropy. The perplexity is its exponential.",
            ),
            Misconception(
                lambda logits, targets: 2.0 ** -_log_p(logits, targets).mean(),
                "You take 2 to the power of a natural logarithm. Both have to have the same base.",
            ),
            Misconception(
                _mean_of_inverses,
                "You average 1/p. The mean is taken of the logarithms, the exponential comes last.",
            ),
            Misconception(
                _perplexity_of_the_sum,
                "You sum over the characters. The mean is wanted, or a longer text would be harder.",
            ),
            Misconception(
                _logarithm_of_p,
                "A probability can be too small for a float: it becomes 0, and its logarithm minus infinity. Take the logarithm of the sum, not of p.",
            ),
            Misconception(
                lambda logits, targets: np.exp(_log_p(logits, targets).mean()),
                "A sign is missing: that is below 1, and a perplexity is never.",
            ),
            Misconception(
                lambda logits, targets: _perplexity_with_one_shift(logits, targets, logits.max()),
                "You take the largest logit of all off every row. Each row has its own largest.",
            ),
            Misconception(
                lambda logits, targets: _perplexity_with_one_shift(logits, targets, 0.0),
                "Your exponentials overflow when logits are large. Take the largest logit off each row first.",
            ),
            Misconception(
                lambda logits, targets: np.exp(-logits[np.arange(len(targets)), targets].mean()),
                "Logits are no logarithms of probabilities yet: the softmax is missing.",
            ),
        ),
        hints=(
            "First the logarithms of the probabilities: logits minus the logarithm of the sum of their exponentials, in each row.",
            "Pick each row's target with an index of two arrays, take the mean, change its sign, and np.exp.",
        ),
    ),
    Function(
        id="audit.3",
        reference=lambda a1, b1, a2, b2: (a2 * a1, a2 * b1 + b2),
        parts=("a", "b"),
        cases=[_join_case(1, 1), _join_case(2, 3), _join_case(3, 2, 4)],
        misconceptions=(
            Misconception(
                lambda a1, b1, a2, b2: (a2 * a1, a1 * b2 + b1),
                "You put the second step into the first. b1 passes through the second step, not b2 through the first.",
            ),
            Misconception(
                lambda a1, b1, a2, b2: (a2 * a1, b1 + b2), "b1 passes through the second step, which scales it."
            ),
            Misconception(
                lambda a1, b1, a2, b2: (a1 + a2, a2 * b1 + b2), "Shares of shares multiply: h is scaled twice."
            ),
            Misconception(
                lambda a1, b1, a2, b2: (a2 * a1, a2 * (b1 + b2)), "b2 is added in the second step and not scaled by it."
            ),
            Misconception(
                lambda a1, b1, a2, b2: (a2 * b1 + b2, a2 * a1),
                "The two have changed places: a is what stands before h.",
            ),
            Misconception(lambda a1, b1, a2, b2: (a2 * a1, b1 * b2), "Put a1 h + b1 into a2 h + b2 and sort by h."),
        ),
        hints=("Write a2 (a1 h + b1) + b2.", "What stands before h is a, the rest is b."),
    ),
    Value(
        id="audit.4",
        parts=("gru_parameters", "lstm_units", "lstm_parameters"),
        reference=(576, 10, 560),
        misconceptions=(
            Misconception((540, ..., ...), "That is with one bias for each gate. PyTorch has two."),
            Misconception((504, ..., ...), "That is without biases. PyTorch has two for each gate."),
            Misconception(
                (..., ..., 520), "That is with one bias for each gate. PyTorch has two for the LSTM as well."
            ),
            Misconception((768, ..., ...), "A GRU has three blocks. Four are the LSTM's."),
            Misconception((..., 12, ...), "With as many units the LSTM has a third more parameters."),
            Misconception(
                (..., 9, ...),
                "Three quarters of the units would be right if parameters grew in proportion. Try one more.",
            ),
            Misconception((..., 11, ...), "With 11 units the LSTM has 660."),
            Misconception((589, ..., 571), "These are with the linear layer at the end, which is left out here."),
        ),
        hints=(
            "sum(p.numel() for p in layer.parameters())",
            "Each block: H rows over D inputs, H states and two biases. Three blocks, and four.",
        ),
    ),
    Function(
        id="audit.5",
        reference=_hears,
        cases=[
            _hears_case(1, 2, "after", [0.0, 1.0], [0.5, 0.5]),
            _hears_case(2, 2, "before", [0.0, 1.0], [0.5, 0.5]),
            _hears_case(3, 3, "before", [0.5, 0.0, 1.0], [0.0, 0.5, 1.0]),
            _hears_case(4, 3, "after", [0.0, 0.7, 1.0], [0.0, 1.0, 0.5]),
            _hears_case(5, 5, "after", [0.3, 0.0, 1.0, 0.0, 0.2], [0.0, 0.0, 0.5, 1.0, 1.0], 0.4),
            _hears_case(6, 5, "before", [0.3, 0.0, 1.0, 0.0, 0.2], [0.0, 0.0, 0.5, 1.0, 1.0], 0.4),
        ],
        misconceptions=(
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, reset, turned=True),
                "Rows and columns: before, r_j scales what comes from unit j, a column of U; after, r_i what goes to unit i, a row.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, "before"),
                "You treat both resets as if they came before the product.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, "after"),
                "You treat both resets as if they came after the product.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, reset, blend=False),
                "The blend is missing: a unit keeps a share z of its own old state.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, reset, z_matters=False),
                "A unit with z = 1 does not take its candidate, so it hears nobody but itself.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, reset).T,
                "Transposed: entry (i, j) is about the new state of i and the old state of j.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U.T.copy(), r, z, reset),
                "You read U turned round: entry (i, j) carries the old state of j to unit i.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, 1 - z, reset),
                "The other convention: in this book z is the share of the old state.",
            ),
            Misconception(
                lambda U, r, z, reset: _hears(U, r, z, reset) | np.eye(len(U), dtype=bool),
                "A unit with z = 0 may not hear itself: it does only if its candidate does.",
            ),
        ),
        hints=(
            "Two ways lead from an old state to a new one: through the candidate, and through the blend.",
            "Before: U * r. After: U * r[:, None]. Where is it not zero, and is the candidate taken there?",
            "The blend adds the diagonal, where z is not 0.",
        ),
    ),
]
