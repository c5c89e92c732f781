"""The study's models: a plain RNN, a GRU or an LSTM of a given number of weights, with what its task needs around it."""

import math

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from grulib.checks import check_array, check_bool, check_lengths, check_name, check_size, check_symbols
from grulib.mingru import MinGRU, scan_loop
from grulib.torch_layers import GRULayer, pool

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}  # of weights in each unit
DIGIT_READERS = {"GRU": (32,), "minGRU": (155,), "minGRU, two layers": (39, 39)}  # units of each layer; minGRU has no U


def units(kind, D, budget):
    """The number of units for a budget of parameters, with two biases for each block: H (D + H + 2) = budget / blocks, rounded.

    Raises TypeError or ValueError for another kind than "RNN", "GRU" and "LSTM", and for a budget that is no int or less
    than one unit.
    """
    check_name("kind", kind, BLOCKS)
    check_size("D", D)
    check_size("budget", budget)
    if budget < BLOCKS[kind] * (D + 3):
        raise ValueError(f"budget must be at least {BLOCKS[kind] * (D + 3)}, one unit of {kind}, got {budget}")
    s = D + 2
    return round((math.sqrt(s**2 + 4 * budget / BLOCKS[kind]) - s) / 2)


def recurrent(kind, D, budget, keeping=False):
    """A layer of PyTorch, initialised as PyTorch does it, or so that it keeps more: a plain RNN with an orthogonal matrix, else `keep_more`."""
    check_name("kind", kind, BLOCKS)
    check_bool("keeping", keeping)
    layer = getattr(nn, kind)(D, units(kind, D, budget), batch_first=True)
    if keeping and kind == "RNN":
        nn.init.orthogonal_(layer.weight_hh_l0)
    elif keeping:
        keep_more(layer)
    return layer


def keep_more(layer, bias=2.0):
    """Add a bias to the gate that keeps, an LSTM's forget gate or a GRU's update gate: it begins near sigmoid(2) = 0.88, not 0.5."""
    with torch.no_grad():
        if isinstance(layer, GRULayer):
            layer.cell.update_gate.bias += bias
        elif not isinstance(layer, nn.RNN):
            layer.bias_ih_l0[layer.hidden_size : 2 * layer.hidden_size] += bias  # of i, f, g, o or r, z, n the second


class Reader(nn.Module):
    """Recurrent layer, choice of states, linear layer: x (B, T, D), or indices (B, T) if there are symbols, to outputs.

    how: "each" for all states (B, T, H), or a way to `grulib.torch_layers.pool` them, (B, H).
    """

    def __init__(self, kind, D, budget, outputs, how, symbols=None, keeping=False):
        check_name("how", how, ("each", "last", "largest"))
        check_size("D", D)
        check_size("outputs", outputs)
        if symbols is not None:
            check_size("symbols", symbols)
        super().__init__()
        self.embedding = nn.Embedding(symbols, D) if symbols else nn.Identity()
        self.layer = recurrent(kind, D, budget, keeping)
        self.head = nn.Linear(self.layer.hidden_size, outputs)
        self.how = how

    def forward(self, x, lengths):
        if isinstance(self.embedding, nn.Embedding):
            check_symbols("x", x, self.embedding.num_embeddings)
        else:
            check_array(
                "x", x, (torch.Tensor, nn.Parameter), ("B", "T", self.layer.input_size), (self.head.weight.dtype,)
            )
        check_lengths(lengths, (torch.Tensor,), (torch.int64,), *x.shape[:2])
        states, _ = self.layer(self.embedding(x))  # (B, T, H); padding comes after the end, and changes nothing before
        return self.head(states if self.how == "each" else pool(states, lengths, self.how))


class Translator(nn.Module):
    """Encoder and decoder of one kind: x (B, T), lengths (B,) and words so far y (B, S) to logits of the next (B, S, words)."""

    def __init__(self, kind, D, budget, words, target_words, keeping=False):
        check_size("D", D)
        check_size("words", words)
        check_size("target_words", target_words)
        super().__init__()
        self.source, self.target = nn.Embedding(words, D), nn.Embedding(target_words, D)
        self.encoder, self.decoder = (recurrent(kind, D, budget, keeping) for _ in range(2))
        self.head = nn.Linear(self.decoder.hidden_size, target_words)

    def encode(self, x, lengths):
        """The encoder's state, for the LSTM a pair of them, at the end of each sequence."""
        check_symbols("x", x, self.source.num_embeddings)
        check_lengths(lengths, (torch.Tensor,), (torch.int64,), *x.shape)
        return self.encoder(pack_padded_sequence(self.source(x), lengths, batch_first=True, enforce_sorted=False))[1]

    def decode(self, state, y):
        states, state = self.decoder(self.target(y), state)
        return self.head(states), state

    def forward(self, x, lengths, y):
        return self.decode(self.encode(x, lengths), y)[0]


class DigitReader(nn.Module):
    """Rows of an image to logits of ten digits: x (B, T, 8) to (B, 10). The three kinds have nearly equally many parameters."""

    def __init__(self, kind):
        check_name("kind", kind, DIGIT_READERS)
        super().__init__()
        self.layers, D = nn.ModuleList(), 8
        for H in DIGIT_READERS[kind]:
            self.layers.append(nn.GRU(D, H, batch_first=True) if kind == "GRU" else MinGRU(D, H, scan=scan_loop))
            D = H
        self.head = nn.Linear(D, 10)

    def forward(self, x, lengths):
        check_lengths(lengths, (torch.Tensor,), (torch.int64,), *x.shape[:2])
        for layer in self.layers:
            x = layer(x)
            x = x[0] if isinstance(layer, nn.GRU) else x  # (B, T, H)
        return self.head(pool(x, lengths, "last"))
