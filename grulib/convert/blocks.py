"""Arrays of weights as block matrices of the GRU's pieces, written in words.

A GRU has up to twelve *pieces*: for each gate g of r, z, n

    W_g (H, D)  weights of the input        b_g (H,)  bias beside W_g x
    U_g (H, H)  weights of the state        c_g (H,)  bias beside U_g h

In words, a space puts blocks side by side, a semicolon begins a new row, and ' transposes: PyTorch's weight_ih is
"W_r; W_z; W_n", Keras's kernel "W_z' W_r' W_n'", and document A's W_z, which acts on [h, x], is "U_z W_z". All pieces
of an array are transposed or none. A single column of biases is a flat array. The chapter "Notations" reads them.
"""

import re
from collections import Counter

import numpy as np

from grulib.checks import check_str


class Block:
    """One array: `grid` has its pieces in rows, `turned` says whether they are transposed, `pieces` lists them.

    Raises TypeError or ValueError for words that are none, or make no array whose parts belong to one gate each.
    """

    def __init__(self, words):
        check_str("words", words)
        self.grid = [row.split() for row in words.split(";")]
        self.pieces = [piece for row in self.grid for piece in row]
        self.turned = "'" in words
        mark = "'" if self.turned else ""
        if not all(self.grid) or not all(re.fullmatch(f"[WUbc]_[rzn]{mark}", piece) for piece in self.pieces):
            raise ValueError(
                f"words must be rows of W_g, U_g, b_g or c_g for g in r, z, n, all with ' or none, got {words!r}"
            )
        self.grid = [[piece.removesuffix("'") for piece in row] for row in self.grid]
        self.pieces = [piece.removesuffix("'") for piece in self.pieces]
        self.kinds = {piece[0] for piece in self.pieces}
        self.is_bias = self.kinds <= {"b", "c"}
        self._check_fit(words)
        rows = Counter(self._letters(row[0])[0] for row in self.grid)
        columns = Counter(self._letters(piece)[1] for piece in self.grid[0])
        self.counts = [rows] if columns == {"1": 1} else [rows, columns]  # of H, D and 1 in the length of each axis

    @property
    def bands(self):
        """The pieces of each row, or of each column if they are transposed."""
        return list(zip(*self.grid)) if self.turned else self.grid

    @property
    def axes(self):
        """The lengths of the axes in letters: ["3H", "D"]."""
        return [
            "+".join(str(n) if x == "1" else f"{n}{x}".removeprefix("1") for x, n in c.items()) for c in self.counts
        ]

    def shape(self, D, H):
        """The shape for D inputs and H units."""
        lengths = {"D": D, "H": H, "1": 1}
        return tuple(sum(n * lengths[x] for x, n in axis.items()) for axis in self.counts)

    def split(self, array, D, H):
        """The array, of that shape, to a dictionary of copies of its pieces."""
        lengths, pieces = {"D": D, "H": H, "1": 1}, {}
        table = array.reshape(len(array), -1)
        heights = [lengths[self._letters(row[0])[0]] for row in self.grid]
        widths = [lengths[self._letters(piece)[1]] for piece in self.grid[0]]
        for row, band in zip(self.grid, np.split(table, np.cumsum(heights)[:-1], axis=0)):
            for piece, block in zip(row, np.split(band, np.cumsum(widths)[:-1], axis=1)):
                pieces[piece] = (block.ravel() if self.is_bias else block.T if self.turned else block).copy()
        return pieces

    def join(self, pieces):
        """The array, from a dictionary that has its pieces."""
        columns = [[pieces[piece].reshape(len(pieces[piece]), -1) for piece in row] for row in self.grid]
        table = np.block([[block.T if self.turned else block for block in row] for row in columns])
        return table.ravel() if len(self.counts) == 1 else table

    def lines(self, array):
        """The array cut into what belongs to one gate each, pairs of pieces and part.

        A part of a matrix is a band of rows, or of columns if it is transposed; a part of biases is one bias.
        """
        if self.is_bias:
            return zip(([piece] for piece in self.pieces), np.split(array.ravel(), len(self.pieces)))
        return zip(self.bands, np.split(array, len(self.bands), axis=1 if self.turned else 0))

    def _check_fit(self, words):
        if len(set(self.pieces)) < len(self.pieces):
            raise ValueError(f"words must have each piece once, got {words!r}")
        if not self.is_bias and not self.kinds.isdisjoint("bc"):
            raise ValueError(f"words must have matrices or biases, not both, got {words!r}")
        sizes = [[self._letters(piece) for piece in row] for row in self.grid]
        widths = [[width for _, width in row] for row in sizes]
        if any(len({height for height, _ in row}) > 1 for row in sizes) or widths != [widths[0]] * len(widths):
            raise ValueError(f"words must have rows of pieces of one height, and of the same widths, got {words!r}")
        if self.is_bias and not self.turned and len(widths[0]) > 1:
            raise ValueError(f"words must have biases above each other, or with ' beside each other, got {words!r}")
        if not self.is_bias and any(len({piece[2] for piece in band}) > 1 for band in self.bands):
            raise ValueError(f"words must have one gate in each row (with ' in each column), got {words!r}")

    def _letters(self, piece):
        """The two lengths of a piece as it stands in the array."""
        lengths = {"W": ("H", "D"), "U": ("H", "H"), "b": ("H", "1"), "c": ("H", "1")}[piece[0]]
        return lengths[::-1] if self.turned else lengths
