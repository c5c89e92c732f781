"""What a task of the study is."""

from typing import NamedTuple

import torch

UNITS = ("RNN", "GRU", "LSTM")


def adam(kind, parameters, rate):
    return torch.optim.Adam(parameters, lr=rate)


class Task(NamedTuple):
    """A data set, how to make a model for it, its loss, and what is measured on the test part."""

    model: object  # kind, keeping to module; keeping as for `models.recurrent`
    parts: tuple  # of lists of tensors: train, validation, test; the test part is whatever `error` takes
    loss: object  # model, batch to tensor ()
    error: object  # model, test part to a float, lower is better, or to a list of them
    batch_size: int
    epochs: int  # the most; the weights of the best one on the validation part are kept
    optimizer: object = adam  # kind, parameters, rate to an optimizer
    beginnings: tuple = (False, True)  # the values of keeping that are tried


def wrong(model, part):
    """Share of wrong answers, where an answer is the class with the highest logit."""
    x, lengths, y = part
    return (model(x, lengths).argmax(dim=1) != y).double().mean().item()
