"""The study's tasks that ask for memory, each a function without arguments that is named after it, and how soon one of them is learnt."""

from functools import cache

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from grulib import data
from grulib.checks import check_name, check_positive, check_seed
from grulib.study.models import Reader, keep_more
from grulib.study.task import Task, adam, wrong
from grulib.torch_layers import GRULayer

RANGES = ((1, 8), (9, 16), (17, 32), (33, 64))  # of the numbers of a's that are counted; training has the first
OPTIMISERS = {
    "SGD": torch.optim.SGD,
    "Adagrad": torch.optim.Adagrad,
    "RMSprop": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
    "SGD, keeping": torch.optim.SGD,  # the update gate begins near 0.88
}
SCALES = dict.fromkeys(OPTIMISERS, 1.0) | {
    "SGD": 1000.0
}  # of the rates tried: from PyTorch's beginning SGD learns nothing below 3
LEARNERS = {
    "RNN": lambda: nn.RNN(4, 16, batch_first=True),
    "RNN, orthogonal": lambda: nn.RNN(4, 16, batch_first=True),
    "LSTM": lambda: nn.LSTM(4, 16, batch_first=True),
    "LSTM, keeping": lambda: nn.LSTM(4, 16, batch_first=True),
    "GRU": lambda: nn.GRU(4, 16, batch_first=True),
    "GRU, keeping": lambda: nn.GRU(4, 16, batch_first=True),
    "GRU, reset before": lambda: GRULayer(4, 16, reset="before"),
    "GRU, reset before, keeping": lambda: GRULayer(4, 16, reset="before"),
}
MOST_UPDATES = 1600


def drawn(make, *sizes):
    """Three parts of a task that is drawn: lists [x, lengths, y]; make is one of `grulib.data`, sizes the numbers of sequences."""
    parts = []
    for seed, N in enumerate(sizes):
        x, y = make(N, torch.Generator().manual_seed(seed))
        parts.append([x, torch.full((N,), x.shape[1]), y])
    return tuple(parts)


def apart(make):
    """Three parts without a sequence in common, 3/5, 1/5 and 1/5 of the different ones among 20,000 that make draws: lists [x, lengths, y]."""
    x, y = make(20_000, torch.Generator().manual_seed(0))
    _, first = np.unique(x.flatten(1).numpy(), axis=0, return_index=True)
    rows = np.random.default_rng(0).permutation(first)
    ends = np.array([3, 4]) * len(rows) // 5
    return tuple([x[part], torch.full((len(part),), x.shape[1]), y[part]] for part in np.split(rows, ends))


def _loss_of_each(model, batch):
    x, lengths, y = batch  # y (B, T), -1 where nothing is asked
    return cross_entropy(model(x, lengths).flatten(0, 1), y.flatten(), ignore_index=-1)


def _wrong_of_each(model, part):
    x, lengths, y = part
    return (model(x, lengths).argmax(dim=2) != y)[y >= 0].double().mean().item()


@cache
def copying():
    """Four symbols, six empty steps, then the four again; share of wrong symbols in new sequences after 500 updates."""
    return Task(
        lambda kind, keeping: Reader(kind, 5, 2500, 4, "each", keeping=keeping),
        apart(lambda N, generator: data.copying(N, 4, generator)),
        _loss_of_each,
        _wrong_of_each,
        batch_size=32,
        epochs=100,
    )


@cache
def adding():
    """The sum of two marked numbers of twelve; the share of its variance that is not explained, after 250 updates."""

    def loss(model, batch):
        x, lengths, y = batch
        return ((model(x, lengths)[:, -1, 0] - y) ** 2).mean()

    return Task(
        lambda kind, keeping: Reader(kind, 2, 2500, 1, "each", keeping=keeping),
        drawn(lambda N, generator: data.adding(N, 12, generator), 1600, 1000, 2000),
        loss,
        lambda model, part: (loss(model, part) / part[2].var()).item(),
        batch_size=32,
        epochs=5,
    )


@cache
def parity():
    """After each of ten bits, whether the number of ones is odd; share of wrong answers in new sequences after 260 updates."""
    return Task(
        lambda kind, keeping: Reader(kind, 1, 2500, 2, "each", keeping=keeping),
        apart(lambda N, generator: data.parity(N, 10, generator)),
        _loss_of_each,
        _wrong_of_each,
        batch_size=32,
        epochs=13,
    )


@cache
def counting():
    """As many b's as a's, after training with up to 8; shares of wrong answers for the numbers in RANGES, after 1000 updates."""

    def part(N, low, high):
        return drawn(lambda N, generator: data.counting(N, low, high, generator), N)[0]

    train, validation, _ = drawn(lambda N, generator: data.counting(N, *RANGES[0], generator), 3200, 1000, 1)
    return Task(
        lambda kind, keeping: Reader(kind, 2, 600, 2, "last", keeping=keeping),
        (train, validation, [part(2000, low, high) for low, high in RANGES]),
        lambda model, batch: cross_entropy(model(*batch[:2]), batch[2]),
        lambda model, test: [wrong(model, part) for part in test],
        batch_size=32,
        epochs=10,
    )


@cache
def optimisers():
    """Recall of a symbol over 20 steps by a GRU that five optimisers train, their rates times SCALES; share of wrong symbols after 200 updates."""
    return Task(
        lambda kind, _: Reader("GRU", 4, 1056, 4, "last", keeping="keeping" in kind),  # 16 units
        drawn(lambda N, generator: data.recall(N, 20, generator), 6400, 1000, 2000),
        lambda model, batch: cross_entropy(model(*batch[:2]), batch[2]),
        wrong,
        batch_size=32,
        epochs=1,
        optimizer=lambda kind, parameters, rate: OPTIMISERS[kind](parameters, lr=SCALES[kind] * rate),
        beginnings=(False,),
    )


def updates_to_learn(kind, rate, seed):
    """The number of updates, a multiple of 25, after which more than nine of ten symbols are recalled over 20 steps; None if 1600 are too few.

    kind: a key of LEARNERS, 16 units each. "orthogonal" and "keeping" say how it begins, otherwise as PyTorch does it. Adam, new sequences in
    each batch of 32, gradient norms clipped to 1. Seeds PyTorch's global generator. Raises TypeError or ValueError for other arguments.
    """
    check_name("kind", kind, LEARNERS)
    check_positive("rate", rate)
    check_seed(seed)
    torch.manual_seed(seed)
    layer, head = LEARNERS[kind](), nn.Linear(16, 4)
    if "orthogonal" in kind:
        nn.init.orthogonal_(layer.weight_hh_l0)
    if "keeping" in kind:
        keep_more(layer)

    def logits(x):
        states = layer(x)  # (B, T, H), of PyTorch's layers with the last one
        return head((states if isinstance(layer, GRULayer) else states[0])[:, -1])

    parameters = [*layer.parameters(), *head.parameters()]
    optimizer, generator = adam(kind, parameters, rate), torch.Generator().manual_seed(seed)
    held_out, symbols = data.recall(500, 20, torch.Generator().manual_seed(2**31))
    for update in range(1, MOST_UPDATES + 1):
        x, y = data.recall(32, 20, generator)
        optimizer.zero_grad()
        cross_entropy(logits(x), y).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if update % 25 == 0:
            with torch.no_grad():
                if (logits(held_out).argmax(dim=1) == symbols).double().mean() > 0.9:
                    return update
    return None
