"""The study's tasks from the chapters on applications, each a function without arguments that is named after it."""

import math
from collections import Counter
from functools import cache

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from grulib import data
from grulib.study.models import DigitReader, Reader, Translator
from grulib.study.task import Task, wrong

PAD, BEGIN, END = 0, 1, 2


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
        lambda kind, keeping: Reader(kind, 16, 20_000, V, "each", V, keeping),
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
        lambda kind, keeping: Reader(kind, 32, 12_000, 2, "largest", len(symbols) + 2, keeping),
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
        lambda kind, keeping: Translator(kind, 32, 20_000, len(words[0]) + 3, len(words[1]) + 3, keeping),
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
        lambda kind, keeping: Reader(kind, 3, 3500, 6, "last", keeping=keeping),
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
        lambda kind, keeping: Reader(kind, 12, 9000, 9, "last", keeping=keeping),
        tuple(map(encode, vowels)),
        lambda model, batch: cross_entropy(model(*batch[:2]), batch[2]),
        wrong,
        batch_size=27,
        epochs=25,
    )


@cache
def digits():
    """Which digit an image of eight rows shows, read row by row; share of wrong answers."""

    def encode(part):
        return [torch.tensor(part.x).float(), torch.full((len(part.y),), 8), torch.tensor(part.y)]

    return Task(
        lambda kind, keeping: DigitReader(kind),
        tuple(map(encode, data.digits())),
        lambda model, batch: cross_entropy(model(*batch[:2]), batch[2]),
        wrong,
        batch_size=32,
        epochs=53,  # 2014 updates
        beginnings=(False,),
    )
