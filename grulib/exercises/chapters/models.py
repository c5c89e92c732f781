"""The exercises of the chapter Models of other people: what arrays don't say, counting, names in a state_dict, and differences."""

import re

from grulib.exercises.kinds import Choice, Function, Misconception

_TENSORS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _names(prefix, layers, directions):
    ends = ("", "_reverse")[:directions]
    return [f"{prefix}{name}_l{n}{end}" for n in range(layers) for end in ends for name in _TENSORS]


def _found(names, prefix, pattern=r"weight_hh_l(\d+)(_reverse)?"):
    matches = [re.fullmatch(re.escape(prefix) + pattern, name) for name in names]
    return [match.groups() for match in matches if match]


def _shape(names, prefix):
    found = _found(names, prefix)
    layers = len({layer for layer, _ in found})
    return layers, len(found) // layers


_MODEL = [*_names("encoder.gru.", 3, 2), *_names("gru.", 1, 1), "head.weight", "head.bias"]
_CASES = [
    {"names": _names("", 1, 1), "prefix": ""},
    {"names": [*_names("gru.", 2, 1), "head.bias"], "prefix": "gru."},
    {"names": _MODEL, "prefix": "encoder.gru."},
    {"names": _MODEL, "prefix": "gru."},
    {"names": _names("", 2, 2), "prefix": ""},
    {"names": _names("rnn.", 11, 1), "prefix": "rnn."},
]


def _parameters(D, H, layers, directions, biases, blocks=3, above=None):
    above = directions * H if above is None else above
    return sum(directions * blocks * H * ((D if n == 0 else above) + H + biases) for n in range(layers))


_SIZES = ((40, 64, 1, 2, 2), (40, 64, 1, 2, 1), (3, 5, 1, 1, 0), (7, 4, 3, 1, 2), (7, 4, 3, 2, 2), (12, 12, 2, 2, 1))

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
    Function(
        id="models.2",
        reference=_parameters,
        cases=[dict(zip(("D", "H", "layers", "directions", "biases"), sizes)) for sizes in _SIZES],
        misconceptions=(
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, biases, above=H),
                "A layer above reads both directions of the one below: directions * H numbers.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, biases, above=D),
                "Only the lowest layer reads the D inputs. What do the others read?",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, biases, blocks=4),
                "You count four blocks, as an LSTM has. A GRU has three.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, biases, blocks=1),
                "That is one gate. There are three blocks: r, z and n.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, 0),
                "You left out the biases: 3H numbers for each of them.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, biases / 3),
                "A bias has 3H entries, one for each row of the weights.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, directions, 2),
                "You count two biases always. How many there are is an argument.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, layers, 1, biases),
                "Each direction has weights of its own.",
            ),
            Misconception(
                lambda D, H, layers, directions, biases: _parameters(D, H, 1, directions, biases),
                "Each layer has weights of its own.",
            ),
        ),
        hints=(
            "One direction of one layer: 3H rows, each with what it reads, H for the state, and its biases.",
            "The lowest layer reads D numbers, every other directions * H.",
        ),
    ),
    Function(
        id="models.3",
        parts=("layers", "directions"),
        reference=_shape,
        cases=_CASES,
        misconceptions=(
            Misconception(
                lambda names, prefix: (len(_found(names, prefix)), _shape(names, prefix)[1]),
                "You count a layer once for each of its directions.",
            ),
            Misconception(
                lambda names, prefix: (_shape(names, prefix)[0], len(_found(names, prefix))),
                "You count the directions of all layers together. Each layer has one or two.",
            ),
            Misconception(
                lambda names, prefix: (_shape(names, prefix)[0], 1),
                "A name that ends in _reverse is a second direction.",
            ),
            Misconception(
                lambda names, prefix: (_shape(names, prefix)[0] - 1, _shape(names, prefix)[1]),
                "Layers are numbered from 0: the largest number is one less than how many there are.",
            ),
            Misconception(
                lambda names, prefix: _shape(
                    [name[name.index("weight_hh") :] for name in names if "weight_hh" in name], ""
                ),
                "You count other GRUs of the model as well: only names that begin with the prefix belong to this one.",
            ),
            Misconception(
                lambda names, prefix: _shape(names, prefix)[::-1], "Your pair is turned: how many layers comes first."
            ),
            Misconception(
                lambda names, prefix: (sum(name.startswith(prefix) for name in names), _shape(names, prefix)[1]),
                "You count every name. A layer has several arrays: look at one of them.",
            ),
            Misconception(
                lambda names, prefix: (
                    len({layer[-1] for layer, _ in _found(names, prefix)}),
                    _shape(names, prefix)[1],
                ),
                "A layer's number may have two digits.",
            ),
            Misconception(
                lambda names, prefix: (
                    len({layer for layer, _ in _found(names, prefix)}),
                    1 + any(name.endswith("_reverse") for name in names),
                ),
                "There is a backward direction in the model, but is it in this GRU?",
            ),
        ),
        hints=(
            'Look at the names prefix + "weight_hh_l...": one for each layer and direction.',
            "Collect the numbers behind weight_hh_l in a set, with and without _reverse.",
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
