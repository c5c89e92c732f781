"""Plain RNN, GRU and LSTM on five tasks with equally many recurrent weights, for the chapter "GRU, LSTM, plain RNN".

`python -m grulib.study FILE.json` trains all of it, in forty minutes of one core divided by your cores, and writes what came out.
"""

import hashlib
import itertools
import json
import math
import multiprocessing
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence

from grulib import data, files
from grulib.checks import check_size
from grulib.runtime import use_one_thread
from grulib.training import fit, shuffled

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
TUNING_SEEDS, SEEDS = (6, 7), (1, 2, 3, 4, 5)
PAD, BEGIN, END = 0, 1, 2


def units(kind, D, budget):
    """The number of units for a budget of parameters, with two biases for each block: H (D + H + 2) = budget / blocks, rounded.

    Raises TypeError or ValueError for another kind than "RNN", "GRU" and "LSTM", and for a budget that is no int or less
    than one unit.
    """
    _check_name("kind", kind, BLOCKS)
    check_size("D", D)
    check_size("budget", budget)
    if budget < BLOCKS[kind] * (D + 3):
        raise ValueError(f"budget must be at least {BLOCKS[kind] * (D + 3)}, one unit of {kind}, got {budget}")
    s = D + 2
    return round((math.sqrt(s**2 + 4 * budget / BLOCKS[kind]) - s) / 2)


def recurrent(kind, D, budget):
    """A layer of PyTorch, initialised as PyTorch does it."""
    return getattr(nn, kind)(D, units(kind, D, budget), batch_first=True)


class Reader(nn.Module):
    """Recurrent layer, choice of states, linear layer: x (B, T, D), or indices (B, T) if there are symbols, to outputs.

    states: "each" (B, T, H), "last" (B, H), the one at the end of each sequence, or "highest" (B, H), over its steps.
    """

    def __init__(self, kind, D, budget, outputs, states, symbols=None):
        _check_name("states", states, ("each", "last", "highest"))
        super().__init__()
        self.embedding = nn.Embedding(symbols, D) if symbols else nn.Identity()
        self.layer = recurrent(kind, D, budget)
        self.head = nn.Linear(self.layer.hidden_size, outputs)
        self.states = states

    def forward(self, x, lengths):
        states, _ = self.layer(self.embedding(x))  # (B, T, H); padding comes after the end, and changes nothing before
        if self.states == "last":
            states = states[torch.arange(len(x)), lengths - 1]
        elif self.states == "highest":
            padding = torch.arange(x.shape[1]) >= lengths[:, None]
            states = states.masked_fill(padding[:, :, None], -torch.inf).amax(dim=1)
        return self.head(states)


class Translator(nn.Module):
    """Encoder and decoder of one kind: x (B, T), lengths (B,) and words so far y (B, S) to logits of the next (B, S, words)."""

    def __init__(self, kind, D, budget, words, target_words):
        super().__init__()
        self.source, self.target = nn.Embedding(words, D), nn.Embedding(target_words, D)
        self.encoder, self.decoder = recurrent(kind, D, budget), recurrent(kind, D, budget)
        self.head = nn.Linear(self.decoder.hidden_size, target_words)

    def encode(self, x, lengths):
        """The encoder's state, for the LSTM a pair of them, at the end of each sequence."""
        return self.encoder(pack_padded_sequence(self.source(x), lengths, batch_first=True, enforce_sorted=False))[1]

    def decode(self, state, y):
        states, state = self.decoder(self.target(y), state)
        return self.head(states), state

    def forward(self, x, lengths, y):
        return self.decode(self.encode(x, lengths), y)[0]


class Task(NamedTuple):
    """A data set, how to make a model for it, its loss, and what is measured on the test part."""

    model: object  # kind to module
    parts: tuple  # of lists of tensors: train, validation, test
    loss: object  # model, batch to tensor ()
    error: object  # model, part to float, lower is better
    batch_size: int
    epochs: int  # the most; the weights of the best one on the validation part are kept


@cache
def text():
    """Letters of The Time Machine in pieces of 50, each read from a state of zeros; perplexity."""
    book = data.text()
    if book.note:
        raise ValueError(book.note)
    V = len(book.symbols)

    def pieces(part):
        part = torch.tensor(part[: (len(part) - 1) // 50 * 50 + 1])
        x, y = part[:-1].view(-1, 50), part[1:].view(-1, 50)  # (N, 50)
        return [x, torch.full((len(x),), 50), y]

    def loss(model, batch):
        x, lengths, y = batch
        return cross_entropy(model(x, lengths).flatten(0, 1), y.flatten())

    return Task(
        lambda kind: Reader(kind, 16, 20_000, V, "each", symbols=V),
        tuple(map(pieces, (book.train, book.validation, book.test))),
        loss,
        lambda model, part: math.exp(loss(model, part)),
        batch_size=32,
        epochs=10,
    )


@cache
def sentiment():
    """The first 50 characters of Chinese reviews; share of wrong verdicts."""
    reviews = data.reviews()
    counts = Counter(c for review in reviews.train.x for c in review[:50])
    symbols = {c: i for i, c in enumerate((c for c, n in counts.most_common() if n >= 3), start=2)}

    def encode(part):
        x, lengths = data.pad([np.array([symbols.get(c, 1) for c in review[:50]]) for review in part.x])
        return [torch.tensor(array) for array in (x, lengths, part.y)]

    return Task(
        lambda kind: Reader(kind, 32, 12_000, 2, "highest", symbols=len(symbols) + 2),
        tuple(map(encode, reviews)),
        lambda model, batch: cross_entropy(model(*batch[:2]), batch[2]),
        wrong,
        batch_size=64,
        epochs=3,
    )


@cache
def translation():
    """English number words to French ones; share of numbers that are not written exactly."""
    pairs = data.number_words()
    words = [
        {w: i for i, w in enumerate(sorted({w for p in pairs.train for w in p[side]}), start=3)} for side in (0, 1)
    ]

    def encode(part):
        x, lengths = data.pad([np.array([words[0][w] for w in english]) for english, _ in part])
        y, _ = data.pad([np.array([BEGIN, *(words[1][w] for w in french), END]) for _, french in part])
        return [torch.tensor(array) for array in (x, lengths, y)]

    def loss(model, batch):
        x, lengths, y = batch
        logits = model(x, lengths, y[:, :-1])
        return cross_entropy(logits.flatten(0, 1), y[:, 1:].flatten(), ignore_index=PAD)

    def error(model, part):
        x, lengths, y = part
        right = torch.ones(len(x), dtype=torch.bool)
        state, word = model.encode(x, lengths), y[:, :1]
        for expected in y.T[1:]:  # greedily, each word the input of the next step
            logits, state = model.decode(state, word)
            word = logits.argmax(dim=2)  # (N, 1)
            right &= (word[:, 0] == expected) | (expected == PAD)
        return 1 - right.double().mean().item()

    return Task(
        lambda kind: Translator(kind, 32, 20_000, len(words[0]) + 3, len(words[1]) + 3),
        tuple(map(encode, pairs)),
        loss,
        error,
        batch_size=32,
        epochs=20,
    )


@cache
def forecasting():
    """Sea temperatures of the next six months from twelve; mean absolute error in degrees."""
    temperature = data.sea_temperatures()  # (732,)
    first, second = 42 * 12, 51 * 12
    mean, std = temperature[:first].mean(), temperature[:first].std()
    angle = np.arange(len(temperature)) * np.pi / 6
    features = np.stack([(temperature - mean) / std, np.sin(angle), np.cos(angle)], axis=1)  # (732, 3)

    def windows(begin, end):
        starts = range(max(begin, 12), end - 5)
        x, y = np.stack([features[t - 12 : t] for t in starts]), np.stack([features[t : t + 6, 0] for t in starts])
        return [torch.tensor(x).float(), torch.full((len(x),), 12), torch.tensor(y).float()]

    def loss(model, batch):
        x, lengths, y = batch  # (B, 12, 3), (B,), (B, 6)
        return (model(x, lengths) - y).abs().mean()

    return Task(
        lambda kind: Reader(kind, 3, 3500, 6, "last"),
        (windows(0, first), windows(first, second), windows(second, len(temperature))),
        loss,
        lambda model, part: loss(model, part).item() * std,
        batch_size=32,
        epochs=30,
    )


@cache
def voices():
    """Which of nine speakers said it; share of wrong answers."""
    vowels = data.vowels()
    frames = np.concatenate(vowels.train.x)

    def encode(part):
        x, lengths = data.pad([(u - frames.mean(axis=0)) / frames.std(axis=0) for u in part.x])
        return [torch.tensor(x).float(), torch.tensor(lengths), torch.tensor(part.y)]

    return Task(
        lambda kind: Reader(kind, 12, 9000, 9, "last"),
        tuple(map(encode, vowels)),
        lambda model, batch: cross_entropy(model(*batch[:2]), batch[2]),
        wrong,
        batch_size=27,
        epochs=25,
    )


TASKS = {task.__name__: task for task in (text, sentiment, translation, forecasting, voices)}


def wrong(model, part):
    """Share of wrong answers, where an answer is the class with the highest logit."""
    x, lengths, y = part
    return (model(x, lengths).argmax(dim=1) != y).double().mean().item()


def run(task, kind, rate, seed):
    """Train one model. Returns its lowest validation loss and its error on the test part, two floats.

    task: a key of TASKS; kind: "RNN", "GRU" or "LSTM". Adam, gradient norms clipped to 1. Seeds PyTorch's global
    generator. Raises ValueError for other names, and for the task "text" where The Time Machine can't be had.
    """
    _check_name("task", task, TASKS)
    task = TASKS[task]()
    torch.manual_seed(seed)
    model = task.model(kind)
    history = fit(
        model,
        torch.optim.Adam(model.parameters(), lr=rate),
        shuffled(task.parts[0], task.batch_size),
        lambda batch: task.loss(model, batch),
        epochs=task.epochs,
        seed=seed,
        validate=lambda: task.loss(model, task.parts[1]),
        clip=1.0,
    )
    with torch.no_grad():
        return min(history["validation"]), float(task.error(model, task.parts[2]))


def compare(pair):
    """All of one task and kind, a dict: mean validation losses for all rates, the best rate, test errors of other seeds."""
    task, kind = pair
    losses = [float(np.mean([run(task, kind, rate, seed)[0] for seed in TUNING_SEEDS])) for rate in RATES]
    rate = RATES[losses.index(min(losses))]
    errors = [run(task, kind, rate, seed)[1] for seed in SEEDS]
    return {
        "task": task,
        "kind": kind,
        "losses": [round(loss, 4) for loss in losses],
        "rate": rate,
        "errors": [round(error, 4) for error in errors],
    }


def code():
    """The SHA-256 of this file, to see whether results are of another version of it."""
    text = Path(__file__).read_text(encoding="utf-8")  # with the same line ends on every system
    return hashlib.sha256(text.encode()).hexdigest()


def write(path, results):
    """Write the results, with the code and the version of PyTorch that they are of, into a file, at once at the end."""
    content = {"code": code(), "torch": torch.__version__.split("+")[0], "results": []}
    for result in results:
        print(result, flush=True)
        content["results"].append(result)
    files.replace(path, (json.dumps(content, indent=1) + "\n").encode())


def _check_name(name, value, names):
    if value not in list(names):  # a list, since a value may be what has no hash
        raise ValueError(f"{name} must be one of {', '.join(names)}, got {value!r}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or Path(sys.argv[1]).is_dir() or not Path(sys.argv[1]).parent.is_dir():
        sys.exit("expected one argument, a file in a folder that exists, as in: python -m grulib.study book/study.json")
    with multiprocessing.Pool(initializer=use_one_thread) as pool:
        write(Path(sys.argv[1]), pool.imap(compare, itertools.product(TASKS, BLOCKS)))
