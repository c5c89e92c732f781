"""The chapters' own models with other seeds: A language model, Sentiment, Translation.

Their settings were chosen with seed 0 on the validation part, in the chapters. Each function of APPLICATIONS takes a seed, which it gives to
PyTorch and to `fit`, and returns what is measured on the test part.
"""

import math
from collections import Counter
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grulib import data
from grulib.torch_layers import LanguageModel, PooledClassifier
from grulib.training import fit, shuffled

PAD, BEGIN, END = 0, 1, 2


def train(model, batches, loss, epochs, rate, seed, warm_up=0.2, validate=None):
    """Adam with one cycle of the rate, as the chapters train."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    steps = epochs * sum(1 for _ in batches(torch.Generator()))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=warm_up)
    fit(
        model,
        optimizer,
        batches,
        loss,
        epochs=epochs,
        seed=seed,
        max_norm=1.0,
        scheduler=scheduler,
        validate=validate and partial(validate, model),
    )
    return model


def letters(H, epochs, rate, seed):
    """Test perplexity of a language model on The Time Machine, of the epoch that was best on the validation part."""
    return perplexity(language_model(H, epochs, rate, seed), data.text().test)


def perplexity(model, part):
    """Of a `LanguageModel` on a part of a text, int64 (N,), read from the beginning."""
    return math.exp(_loss_on(torch.tensor(part), model))


def language_model(H, epochs, rate, seed):
    """A `LanguageModel` trained on The Time Machine. Raises ValueError where the text can't be had."""
    text = data.text()
    if text.note:
        raise ValueError(text.note)
    torch.manual_seed(seed)
    model, state = LanguageModel(len(text.symbols), H), None
    first, validation = map(torch.tensor, text[:2])
    N = (len(first) - 1) // 32
    x, y = first[: 32 * N].view(32, N), first[1 : 32 * N + 1].view(32, N)

    def batches(generator):
        for start in range(0, N - 31, 32):
            yield x[:, start : start + 32], y[:, start : start + 32], start == 0

    def loss(batch):
        nonlocal state
        x, y, is_first = batch
        logits, state = model(x, None if is_first else state.detach())
        return cross_entropy(logits.flatten(0, 1), y.flatten())

    return train(model, batches, loss, epochs, rate, seed, 0.1, partial(_loss_on, validation))


def _loss_on(part, model):
    with torch.no_grad():
        return cross_entropy(model(part[None, :-1])[0][0].double(), part[1:]).item()


def reviews(seed):
    """Accuracy on the test part, of the chapter's classifier after two epochs."""
    split = data.reviews()
    counts = Counter(c for text in split.train.x for c in text[:100])
    symbols = {c: i for i, c in enumerate((c for c, n in counts.most_common() if n >= 3), start=2)}
    parts = []
    for part in (split.train, split.test):
        x, lengths = data.pad([np.array([symbols.get(c, 1) for c in text[:100]]) for text in part.x])
        parts.append([torch.tensor(array) for array in (x, lengths, part.y)])
    torch.manual_seed(seed)
    model = PooledClassifier(len(symbols) + 2)

    def loss(batch):
        x, lengths, y = batch
        return binary_cross_entropy_with_logits(model(x, lengths), y.float())

    train(model, by_length(parts[0], 32), loss, 2, 0.006, seed)
    x, lengths, y = parts[1]
    with torch.no_grad():
        return ((model.eval()(x, lengths) > 0) == y).double().mean().item()


def by_length(tensors, batch_size, group=20):
    """Batches of similar lengths for `fit`, from x (N, T), lengths (N,) and y (N,)."""
    x, lengths, y = tensors

    def batches(generator):
        found = []
        for rows in torch.randperm(len(x), generator=generator).split(batch_size * group):
            found += rows[lengths[rows].argsort()].split(batch_size)
        for i in torch.randperm(len(found), generator=generator):
            rows = found[i]
            yield x[rows, : lengths[rows].max()], lengths[rows], y[rows]

    return batches


class Pairs:
    """Pairs of sequences as indices, with the vocabularies of the training part."""

    def __init__(self, split):
        self.source, self.target = (
            {w: i for i, w in enumerate(sorted({w for pair in split.train for w in pair[side]}), start=3)}
            for side in (0, 1)
        )
        self.train, self.validation, self.test = map(self.encode, split)

    def encode(self, pairs):
        """Sources x (N, T) and lengths (N,), targets y (N, S) with BEGIN and END."""
        x, lengths = data.pad([np.array([self.source[w] for w in a]) for a, _ in pairs])
        y, _ = data.pad([np.array([BEGIN, *(self.target[w] for w in b), END]) for _, b in pairs])
        return [torch.tensor(array) for array in (x, lengths, y)]


class Translator(nn.Module):
    """GRU encoder in both directions, GRU decoder, dot-product attention if wanted; the chapter "Translation" builds it up."""

    def __init__(self, task, H, attention, E=32):
        super().__init__()
        self.source = nn.Embedding(len(task.source) + 3, E)
        self.target = nn.Embedding(len(task.target) + 3, E)
        self.encoder = nn.GRU(E, H, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * H, H)
        self.decoder = nn.GRU(E, H, batch_first=True)
        self.keys = nn.Linear(2 * H, H, bias=False) if attention else None
        self.output = nn.Linear(3 * H if attention else H, len(task.target) + 3)

    def encode(self, x, lengths):
        packed = pack_padded_sequence(self.source(x), lengths, batch_first=True, enforce_sorted=False)
        outputs, h = self.encoder(packed)  # h (2, B, H)
        outputs, _ = pad_packed_sequence(outputs, batch_first=True)
        real = torch.arange(outputs.shape[1]) < lengths[:, None]
        return (outputs, real), torch.tanh(self.bridge(h.transpose(0, 1).flatten(1)))[None]

    def decode(self, memory, h, y):
        q, h = self.decoder(self.target(y), h)
        if self.keys:
            outputs, real = memory
            scores = q @ self.keys(outputs).transpose(1, 2)  # (B, S, T)
            weights = scores.masked_fill(~real[:, None], -math.inf).softmax(dim=2)
            q = torch.cat([q, weights @ outputs], dim=2)  # (B, S, 3H)
        return self.output(q), h

    def loss(self, batch):
        x, lengths, y = batch
        memory, h = self.encode(x[:, : lengths.max()], lengths)
        logits, _ = self.decode(memory, h, y[:, :-1])
        return cross_entropy(logits.flatten(0, 1), y[:, 1:].flatten(), ignore_index=PAD)

    def exact(self, part):
        """The share of targets that are written without a mistake, END included, each word the most probable one."""
        x, lengths, y = part
        right = torch.ones(len(x), dtype=torch.bool)
        with torch.no_grad():
            memory, h = self.encode(x, lengths)
            word = y[:, :1]
            for expected in y.T[1:]:
                logits, h = self.decode(memory, h, word)
                word = logits.argmax(dim=2)  # (N, 1)
                right &= (word[:, 0] == expected) | (expected == PAD)
        return right.double().mean().item()


def numbers(H, attention, epochs, seed):
    """The share of the test part's numbers that are written exactly."""
    task, model = translator(data.number_words(), H, attention, epochs, seed)
    return model.exact(task.test)


def dates(H, attention, epochs, seed):
    """The share of the test part's dates that are written exactly."""
    task, model = translator(data.dates(), H, attention, epochs, seed)
    return model.exact(task.test)


def translator(split, H, attention, epochs, seed):
    """The `Pairs` of a `Split` of pairs, and a `Translator` trained on them."""
    task = Pairs(split)
    torch.manual_seed(seed)
    model = Translator(task, H, attention)
    return task, train(model, shuffled(task.train, 64), model.loss, epochs, 0.01, seed)


APPLICATIONS = {"letters": letters, "reviews": reviews, "numbers": numbers, "dates": dates}
SETTINGS = {
    "letters": {
        "128 units": {"H": 128, "epochs": 5, "rate": 0.02},
        "256 units": {"H": 256, "epochs": 5, "rate": 0.02},
        "256 units, longer": {"H": 256, "epochs": 8, "rate": 0.02},
    },
    "reviews": {"GRU": {}},
    "numbers": {"one vector": {"H": 96, "attention": False, "epochs": 12}},
    "dates": {
        "one vector": {"H": 64, "attention": False, "epochs": 4},
        "one vector, 12 epochs": {"H": 64, "attention": False, "epochs": 12},
        "one vector, 24 epochs": {"H": 64, "attention": False, "epochs": 24},
        "attention": {"H": 64, "attention": True, "epochs": 4},
    },
}
