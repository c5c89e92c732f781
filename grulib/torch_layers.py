"""The GRU in PyTorch: the cell of three linear layers, a layer that runs it over a sequence, and three models.

Equations and names are those of `grulib.gru`. The chapter "Practice in PyTorch" builds cell, layer and classifier up.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from grulib.checks import (
    check_array,
    check_bool,
    check_lengths,
    check_name,
    check_reset,
    check_share,
    check_size,
    check_symbols,
)
from grulib.convert.notations import to_gru
from grulib.convert.pytorch import to_array


class GRUCell(nn.Module):
    """One step: inputs x (B, D) and states h (B, H) to new states (B, H).

    Three linear layers, as in document E, with z the share of the old state. A layer reads x and h side by side, but
    for the candidate of reset="after", whose two products meet only after the reset gate.
    """

    def __init__(self, input_size, hidden_size, *, reset, bias=True):
        check_size("input_size", input_size)
        check_size("hidden_size", hidden_size)
        check_reset(reset)
        check_bool("bias", bias)
        super().__init__()
        self.input_size, self.hidden_size, self.reset = input_size, hidden_size, reset
        joint_size = input_size + hidden_size
        self.reset_gate = nn.Linear(joint_size, hidden_size, bias=bias)
        self.update_gate = nn.Linear(joint_size, hidden_size, bias=bias)
        if reset == "before":
            self.candidate = nn.Linear(joint_size, hidden_size, bias=bias)
        else:
            self.candidate = nn.Linear(input_size, hidden_size, bias=bias)
            self.candidate_state = nn.Linear(hidden_size, hidden_size, bias=bias)

    def forward(self, x, h):
        dtype = self.reset_gate.weight.dtype
        _check_tensor("x", x, ("B", self.input_size), dtype)
        _check_tensor("h", h, (len(x), self.hidden_size), dtype)
        return self.step(x, h)

    def step(self, x, h):
        """`forward` without the checks, for a loop that has made them once."""
        joint = torch.cat([x, h], dim=1)  # (B, D+H)
        r = torch.sigmoid(self.reset_gate(joint))
        z = torch.sigmoid(self.update_gate(joint))
        if self.reset == "before":
            n = torch.tanh(self.candidate(torch.cat([x, r * h], dim=1)))
        else:
            n = torch.tanh(self.candidate(x) + r * self.candidate_state(h))
        return (1 - z) * n + z * h


class GRULayer(nn.Module):
    """A `GRUCell` over a sequence: x (B, T, D) and h0 (B, H), zeros if None, to all states (B, T, H)."""

    def __init__(self, input_size, hidden_size, *, reset, bias=True):
        super().__init__()
        self.cell = GRUCell(input_size, hidden_size, reset=reset, bias=bias)

    def forward(self, x, h0=None):
        dtype = self.cell.reset_gate.weight.dtype
        _check_tensor("x", x, ("B", "T", self.cell.input_size), dtype)
        if h0 is None:
            h0 = x.new_zeros(len(x), self.cell.hidden_size)
        _check_tensor("h0", h0, (len(x), self.cell.hidden_size), dtype)
        h, outputs = h0, []
        for x_t in x.unbind(dim=1):
            h = self.cell.step(x_t, h)
            outputs.append(h)
        return torch.stack(outputs, dim=1)


class GRUClassifier(nn.Module):
    """Document A's classifier: `nn.GRU`, then a linear layer on the last state of the last layer.

    x (B, T, D) and lengths (B,), int64 from 1 to T, all T if None, to logits (B, num_classes). What stands in x after
    a sequence's length must be finite and has no influence. Runs on the device of its parameters.
    """

    def __init__(self, input_size, hidden_size, num_classes, num_layers=1):
        check_size("input_size", input_size)
        check_size("hidden_size", hidden_size)
        check_size("num_classes", num_classes)
        check_size("num_layers", num_layers)
        super().__init__()
        self.gru = nn.GRU(int(input_size), int(hidden_size), int(num_layers), batch_first=True)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, lengths=None):
        _check_tensor("x", x, ("B", "T", self.gru.input_size), self.head.weight.dtype)
        if lengths is None:
            lengths = torch.full((len(x),), x.shape[1], device="cpu")
        else:
            _check_lengths(lengths, *x.shape[:2])
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, h_last = self.gru(packed)  # (num_layers, B, H): the states after each sequence's own last step
        return self.head(h_last[-1])


class LanguageModel(nn.Module):
    """`nn.GRU` over one-hot symbols, then a linear layer at each step: document D's language model.

    x (B, T), int64 from 0 to V - 1, and h (1, B, H), zeros if None, to logits (B, T, V) of the next symbols and the last
    state (1, B, H). The chapter "A language model" builds it up.
    """

    def __init__(self, V, H):
        check_size("V", V)
        check_size("H", H)
        super().__init__()
        self.gru = nn.GRU(int(V), int(H), batch_first=True)
        self.output = nn.Linear(H, V)

    def forward(self, x, h=None):
        V = self.output.out_features
        check_symbols("x", x, V)
        if h is not None:
            _check_tensor("h", h, (1, len(x), self.gru.hidden_size), self.output.weight.dtype)
        one_hot = nn.functional.one_hot(x, V).to(self.output.weight.dtype)  # (B, T, V)
        outputs, h = self.gru(one_hot, h)
        return self.output(outputs), h


class PooledClassifier(nn.Module):
    """Embedding, `nn.GRU`, the largest value of each unit over a text's symbols, one logit.

    x (B, T), int64 from 0 to V - 1, and lengths (B,), int64 from 1 to T, to logits (B,). Symbol 0 is for padding: its
    embedding is zero and stays so. What stands in x after a text's length has no influence in evaluation. The chapter "Sentiment" builds it up.
    """

    def __init__(self, V, E=48, H=64, dropout=0.2):
        for name, size in (("V", V), ("E", E), ("H", H)):
            check_size(name, size)
        check_share("dropout", dropout)
        super().__init__()
        self.embedding = nn.Embedding(V, E, padding_idx=0)
        self.gru = nn.GRU(int(E), int(H), batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(H, 1)

    def forward(self, x, lengths):
        check_symbols("x", x, self.embedding.num_embeddings)
        return self.judge(self.embedding(x), lengths)

    def judge(self, embedded, lengths):
        """`forward` from the embedded symbols (B, T, E) on, for methods that change these."""
        _check_tensor("embedded", embedded, ("B", "T", self.gru.input_size), self.head.weight.dtype)
        _check_lengths(lengths, *embedded.shape[:2])
        packed = pack_padded_sequence(self.dropout(embedded), lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)  # (B, longest, H)
        pooled = _pool(outputs, lengths, "largest")  # (B, H)
        return self.head(self.dropout(pooled))[:, 0]


def pool(states, lengths, how):
    """One vector for each sequence from the states (B, T, H) of its first lengths (B,) steps: (B, H).

    how: "last", the state of its last step; "mean" or "largest", of each unit over its steps. Lengths are int64 from 1 to
    T; what stands after them has no influence. Raises TypeError or ValueError for anything else.
    """
    check_name("how", how, ("last", "mean", "largest"))
    floats = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
    check_array("states", states, (torch.Tensor, nn.Parameter), ("B", "T", "H"), floats)
    _check_lengths(lengths, *states.shape[:2])
    return _pool(states, lengths, how)


def _pool(states, lengths, how):
    B, T, _ = states.shape
    lengths = lengths.to(states.device)
    if how == "last":
        return states[torch.arange(B, device=states.device), lengths - 1]
    padding = (torch.arange(T, device=states.device) >= lengths[:, None])[:, :, None]  # (B, T, 1)
    if how == "mean":
        return states.masked_fill(padding, 0).sum(dim=1) / lengths[:, None]
    return states.masked_fill(padding, -torch.inf).amax(dim=1)


def layer_to_gru(layer):
    """The `grulib.gru.GRU` that computes what a GRUCell, a GRULayer or a one-layer, one-direction `nn.GRU` computes.

    Parameters, float32 or float64, are copied. PyTorch's two biases of r and z act only as a sum and are added. Raises
    TypeError or ValueError for another layer.
    """
    if isinstance(layer, GRULayer):
        layer = layer.cell
    if isinstance(layer, nn.GRU):
        if layer.num_layers != 1 or layer.bidirectional:
            raise ValueError(
                f"layer must have one layer and one direction, got num_layers={layer.num_layers}, "
                f"bidirectional={layer.bidirectional}"
            )
        source = "PyTorch"
    elif type(layer) is GRUCell:
        source = f"GRUCell {layer.reset}"
    else:
        raise TypeError(f"layer must be a GRUCell, a GRULayer or a torch.nn.GRU, got {type(layer).__name__}")
    arrays = {name.removesuffix("_l0"): to_array(f"layer.{name}", p) for name, p in layer.named_parameters()}
    return to_gru(arrays, source)


def _check_tensor(name, tensor, shape, dtype):
    check_array(name, tensor, (torch.Tensor, nn.Parameter), shape, (dtype,))


def _check_lengths(lengths, B, T):
    check_lengths(lengths, (torch.Tensor,), (torch.int64,), B, T)
