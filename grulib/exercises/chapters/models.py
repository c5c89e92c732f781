"""The exercises of the chapter Models of other people: what arrays don't say, counting, names in a state_dict, and differences."""

import re

from grulib.exercises.kinds import Choice, Function, Misconception, Value

_TENSORS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _names(prefix, layers, directions):
    dot = "." if prefix else ""
    ends = ("", "_reverse")[:directions]
    return [f"{prefix}{dot}{name}_l{n}{end}" for n in range(layers) for end in ends for name in _TENSORS]


def _grus(names, pattern=r"(?:(.*)\.)?weight_hh_l(\d+)(_reverse)?", both=True):
    found = {}
    for name in names:
        match = re.fullmatch(pattern, name)
        if match:
            found.setdefault(match[1] or "", set()).add((match[2], both and match[3]))
    counts = {prefix: (len({layer for layer, _ in parts}), len(parts)) for prefix, parts in found.items()}
    return {prefix: (layers, parts // layers) for prefix, (layers, parts) in counts.items()}


_CASES = [
    {"names": ["gru.weight_ih_l0", "gru.weight_hh_l0", "head.weight"]},
    {"names": _names("", 1, 2)},
    {"names": [*_names("encoder.gru", 2, 1), "head.bias"]},
    {"names": [*_names("a", 3, 2), *_names("b.c", 1, 1), "embedding.weight"]},
    {"names": ["head.weight"]},
]

EXERCISES = [
    Choice(
        id="models.1",
        letters="abcd",
        reference="bc",
        misconceptions=(
            Misconception("b", "One more: two layers with the same arrays can have other curves in their gates."),
            Misconception("c", "One more: a layer may read the sequence from its end, with the same arrays."),
            Misconception("abc", "The number of units is seen: the recurrent kernel has H rows and 3H columns."),
            Misconception("bcd", "How weights were drawn does not change what they compute now."),
            Misconception("d", "How weights were drawn is not seen, but it changes nothing that is computed."),
            Misconception("a", "The recurrent kernel has H rows: that tells the number of units."),
            Misconception("abcd", "Two of them change what is computed and can't be seen. Look at a and at d again."),
            Misconception("bd", "b is one. How weights were drawn changes nothing now. What about the gates?"),
            Misconception("cd", "c is one. How weights were drawn changes nothing now. What about the direction?"),
            Misconception("ad", "Units can be counted, and how weights were drawn is history. What is left?"),
        ),
        hints=("Which of them are lengths of an array?", "Which of them decide what the same numbers do?"),
    ),
    Value(
        id="models.2",
        parts=("in_pytorch", "in_keras"),
        reference=(40704, 40320),
        misconceptions=(
            Misconception((40320, ...), "PyTorch has two biases of 3H for each direction, also where they only add."),
            Misconception((20352, ...), "That is one direction. There are two, each with weights of its own."),
            Misconception((39936, ...), "You left out the biases."),
            Misconception((13568, ...), "That is one gate. There are three blocks of rows: r, z and n."),
            Misconception((54272, ...), "You count four blocks, as an LSTM has."),
            Misconception((..., 40704), "With reset before, Keras has one bias of 3H for each direction."),
            Misconception((..., 20160), "That is one direction of two."),
            Misconception((..., 39936), "You left out the biases: Keras has one of 3H for each direction."),
            Misconception((..., 13440), "That is one gate. There are three."),
            Misconception((65280, ...), "The backward direction reads the input, not what the forward one gives."),
        ),
        hints=(
            "For each direction: 3H rows, and D + H columns. Then the biases.",
            "2 * (3 * 64 * (40 + 64) + biases): how many biases has each of them?",
        ),
    ),
    Function(
        id="models.3",
        reference=_grus,
        cases=_CASES,
        misconceptions=(
            Misconception(
                lambda names: _grus(names, r"(.*)\.weight_hh_l(\d+)(_reverse)?"),
                "A GRU that is the model itself has no dot before its names. Its prefix is empty.",
            ),
            Misconception(
                lambda names: {p: (n * d, d) for p, (n, d) in _grus(names).items()},
                "You count a layer once for each of its directions.",
            ),
            Misconception(
                lambda names: {p: (n, n * d) for p, (n, d) in _grus(names).items()},
                "You count the directions of all layers together. Each layer has one or two.",
            ),
            Misconception(
                lambda names: _grus(names, both=False), "A name that ends in _reverse is a second direction."
            ),
            Misconception(
                lambda names: {p + ".": c for p, c in _grus(names).items()}, "The prefix ends before the dot."
            ),
            Misconception(
                lambda names: {p.split(".")[-1]: c for p, c in _grus(names).items()},
                "The prefix is all that stands before the weight's name, with its dots.",
            ),
            Misconception(
                lambda names: {p: (n - 1, d) for p, (n, d) in _grus(names).items()},
                "Layers are numbered from 0: the largest number is one less than how many there are.",
            ),
            Misconception(
                lambda names: {p: c for p, c in _grus(names).items()} | {"head": (1, 1)},
                "Only what has a weight_hh is a recurrent layer.",
            ),
            Misconception(
                lambda names: {p: (d, n) for p, (n, d) in _grus(names).items()},
                "Your pairs are turned: how many layers comes first.",
            ),
            Misconception(
                lambda names: {p: c[0] for p, c in _grus(names).items()},
                "You return the number of layers alone. Wanted is a pair: layers, and directions.",
            ),
        ),
        hints=(
            'Look at the names that have "weight_hh_l" in them: one for each layer and direction.',
            'name.partition("weight_hh_l") gives what stands before and what comes after.',
        ),
    ),
    Choice(
        id="models.4",
        letters="abcd",
        reference="c",
        misconceptions=(
            Misconception("a", "Chaos multiplies the difference at each step. Here it stands still for 900 steps."),
            Misconception("b", "A wrong order would give a difference as large as the states, from step 2 on."),
            Misconception("d", "Another reset would give a difference as large as the states, from step 2 on."),
        ),
        hints=("How large is rounding in 32 bits?", "What happens between step 100 and step 1000?"),
    ),
]
