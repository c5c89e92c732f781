"""grulib.torch_layers: parity with grulib.gru in float64, gradients included, the classifier's lengths, and errors."""

import numpy as np
import pytest
import torch
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from grulib.torch_layers import GRUCell, GRUClassifier, GRULayer, LanguageModel, PooledClassifier, layer_to_gru

RESETS = ("before", "after")


def layers(D, H, bias):
    return [
        nn.GRU(D, H, bias=bias, batch_first=True, dtype=torch.float64),
        GRULayer(D, H, reset="before", bias=bias).double(),
        GRULayer(D, H, reset="after", bias=bias).double(),
    ]


@settings(max_examples=60)
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 8), st.integers(1, 4), st.integers(1, 5)),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_layers_compute_what_grulib_computes(sizes, bias, seed):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    x = torch.randn(B, T, D, dtype=torch.float64)
    h0, grad = torch.randn(B, H, dtype=torch.float64), torch.randn(B, T, H, dtype=torch.float64)
    for layer in layers(D, H, bias):
        x.grad, h0.grad = None, None
        x.requires_grad_(), h0.requires_grad_()
        outputs = layer(x, h0[None])[0] if isinstance(layer, nn.GRU) else layer(x, h0)
        outputs.backward(grad)
        gru = layer_to_gru(layer)
        expected, cache = gru.forward(x.detach().numpy(), h0.detach().numpy())
        gradients = gru.backward(cache, grad.numpy())
        np.testing.assert_allclose(outputs.detach().numpy(), expected, rtol=0, atol=1e-14)
        np.testing.assert_allclose(x.grad.numpy(), gradients.x, rtol=0, atol=1e-12)
        np.testing.assert_allclose(h0.grad.numpy(), gradients.h0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_the_cell_is_document_es_but_for_its_z(bias):
    """Document E's class, written out: its z is the share of the new state, so the update gate's sign turns."""
    torch.manual_seed(0)
    cell = GRUCell(3, 4, reset="before", bias=bias).double()
    x, h = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 4, dtype=torch.float64)
    joint = torch.cat((x, h), 1)
    reset, update = torch.sigmoid(cell.reset_gate(joint)), torch.sigmoid(-cell.update_gate(joint))
    candidate = torch.tanh(cell.candidate(torch.cat((x, reset * h), 1)))
    expected = (1 - update) * h + update * candidate
    torch.testing.assert_close(cell(x, h), expected, rtol=0, atol=1e-15)
    assert sum(isinstance(m, nn.Linear) for m in cell.modules()) == 3


@pytest.mark.parametrize("reset", RESETS)
def test_initial_state_is_zero_by_default(reset):
    layer, x = GRULayer(3, 4, reset=reset), torch.randn(2, 5, 3)
    assert torch.equal(layer(x), layer(x, torch.zeros(2, 4)))


def test_to_numpy_copies():
    layer = nn.GRU(3, 4, batch_first=True)
    gru, x = layer_to_gru(layer), np.ones((1, 2, 3), np.float32)
    once = gru.forward(x)[0]
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1.0)
    np.testing.assert_array_equal(gru.forward(x)[0], once)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_classifier_answers_each_sequence_alone(num_layers):
    torch.manual_seed(0)
    model = GRUClassifier(3, 4, 6, num_layers).double()
    lengths = torch.tensor([5, 1, 7, 3])
    x = torch.randn(4, 7, 3, dtype=torch.float64)
    logits = model(x, lengths)
    assert logits.shape == (4, 6)
    all_states, _ = model.gru(x)  # of the last layer
    torch.testing.assert_close(model(x), model.head(all_states[:, -1]), rtol=0, atol=1e-14)
    for i, length in enumerate(lengths):
        torch.testing.assert_close(logits[i : i + 1], model(x[i : i + 1, :length]), rtol=0, atol=1e-14)
        x[i, length:] = 99.0  # padding
    assert torch.equal(model(x, lengths), logits)


def test_classifier_learns_through_the_true_last_step_only():
    torch.manual_seed(0)
    model = GRUClassifier(3, 4, 2)
    x = torch.randn(2, 6, 3, requires_grad=True)
    model(x, torch.tensor([2, 6])).sum().backward()
    assert (x.grad[0, 2:] == 0).all() and (x.grad[0, :2] != 0).any() and (x.grad[1] != 0).any(dim=1).all()


def test_classifier_asks_for_no_device():
    """Whatever it makes on the way is made from its inputs, so that a default device elsewhere changes nothing."""
    model, x, lengths = GRUClassifier(3, 4, 2), torch.randn(2, 5, 3), torch.tensor([2, 5])
    expected = model(x), model(x, lengths), GRULayer(3, 4, reset="after")(x).shape
    with torch.device("meta"):  # a device without memory: anything made here would fail to meet x
        assert torch.equal(model(x), expected[0]) and torch.equal(model(x, lengths), expected[1])
    layer = GRULayer(3, 4, reset="after")
    with torch.device("meta"):
        assert layer(x).shape == expected[2]


@pytest.mark.parametrize("make", [GRUCell, GRULayer])
def test_bad_arguments_of_cell_and_layer_are_named(make):
    refused(TypeError, "input_size must be an int, got 1.5", lambda: make(1.5, 4, reset="after"))
    refused(ValueError, "hidden_size must be at least 1, got 0", lambda: make(3, 0, reset="after"))
    refused(ValueError, "reset must be 'before' or 'after', got 'none'", lambda: make(3, 4, reset="none"))
    refused(TypeError, "bias must be True or False, got 'no'", lambda: make(3, 4, reset="after", bias="no"))


def test_bad_inputs_are_named():
    cell, layer, model = GRUCell(3, 4, reset="after"), GRULayer(3, 4, reset="before"), GRUClassifier(3, 4, 2)
    x, h = torch.zeros(2, 5, 3), torch.zeros(2, 4)
    refused(ValueError, "x must have shape (B, 3), every length at least 1, got (2, 5, 3)", lambda: cell(x, h))
    refused(ValueError, "h must have shape (2, 4)", lambda: cell(x[:, 0], h[:1]))
    refused(TypeError, "x must be a Tensor of shape (B, T, 3), got ndarray", lambda: layer(x.numpy()))
    refused(TypeError, "x must have dtype torch.float32, got torch.float64", lambda: layer(x.double()))
    refused(ValueError, "x must be finite", lambda: layer(x + torch.nan))
    refused(ValueError, "x must be finite", lambda: model(x - torch.inf))
    refused(TypeError, "x must have dtype torch.float32, got torch.float64", lambda: cell(x[:, 0].double(), h))
    refused(TypeError, "h must have dtype torch.float32, got torch.float64", lambda: cell(x[:, 0], h.double()))
    refused(TypeError, "h0 must have dtype torch.float32, got torch.float64", lambda: layer(x, h.double()))
    refused(TypeError, "x must have dtype torch.float32, got torch.float64", lambda: model(x.double()))
    assert layer(nn.Parameter(x)).shape == (2, 5, 4)  # a parameter is a tensor too
    refused(ValueError, "h0 must have shape (2, 4)", lambda: layer(x, h[None]))
    refused(ValueError, "x must have shape (B, T, 3), every length at least 1, got (2, 0, 3)", lambda: model(x[:, :0]))
    refused(TypeError, "lengths must be a Tensor of shape (2,), got list", lambda: model(x, [5, 5]))
    refused(TypeError, "lengths must have dtype torch.int64", lambda: model(x, torch.ones(2)))
    refused(ValueError, "lengths must have shape (2,)", lambda: model(x, torch.tensor([5])))
    refused(ValueError, "lengths must lie from 1 to T=5, got 0 to 5", lambda: model(x, torch.tensor([0, 5])))
    refused(ValueError, "lengths must lie from 1 to T=5, got 1 to 6", lambda: model(x, torch.tensor([1, 6])))


def test_bad_sizes_of_the_classifier_are_named():
    for position, name in enumerate(["input_size", "hidden_size", "num_classes", "num_layers"]):
        sizes = [3, 4, 2, 1]
        sizes[position] = 0
        refused(ValueError, f"{name} must be at least 1, got 0", lambda sizes=sizes: GRUClassifier(*sizes))


def test_bad_modules_are_named():
    refused(
        TypeError,
        "layer must be a GRUCell, a GRULayer or a torch.nn.GRU, got LSTM",
        lambda: layer_to_gru(nn.LSTM(1, 1)),
    )
    refused(
        TypeError, "layer must be a GRUCell, a GRULayer or a torch.nn.GRU, got Tanh", lambda: layer_to_gru(nn.Tanh())
    )
    half = GRULayer(1, 1, reset="after").half()
    refused(
        TypeError,
        "layer.reset_gate.weight must have dtype float32 or float64, got torch.float16",
        lambda: layer_to_gru(half),
    )
    refused(ValueError, "got num_layers=2, bidirectional=False", lambda: layer_to_gru(nn.GRU(1, 1, 2)))
    refused(ValueError, "got num_layers=1, bidirectional=True", lambda: layer_to_gru(nn.GRU(1, 1, bidirectional=True)))


def test_language_model_is_its_parts_and_carries_its_state():
    torch.manual_seed(0)
    model = LanguageModel(5, 3).double()
    x = torch.randint(5, (2, 7))
    logits, h = model(x)
    first, state = model(x[:, :4])
    second, last = model(x[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), logits, rtol=0, atol=1e-14)
    torch.testing.assert_close(last, h, rtol=0, atol=1e-14)
    states, _ = layer_to_gru(model.gru).forward(np.eye(5)[x])
    expected = states @ model.output.weight.detach().numpy().T + model.output.bias.detach().numpy()
    np.testing.assert_allclose(logits.detach().numpy(), expected, rtol=0, atol=1e-14)


def test_language_model_refuses_what_is_no_symbol():
    model = LanguageModel(5, 3)
    for bad in (5, -1):
        refused(ValueError, "x must lie from 0 to 4, got", lambda: model(torch.tensor([[0, bad]])))
    refused(TypeError, "x must have dtype torch.int64", lambda: model(torch.zeros(1, 2)))
    refused(ValueError, "H must be at least 1, got 0", lambda: LanguageModel(5, 0))


def test_pooled_classifier_of_a_batch_is_that_of_each_text_alone():
    torch.manual_seed(0)
    model = PooledClassifier(9, 4, 3).double().eval()
    x, lengths = torch.randint(1, 9, (4, 6)), torch.tensor([6, 1, 3, 4])
    alone = torch.cat([model(row[None, :n], torch.tensor([n])) for row, n in zip(x, lengths)])
    torch.testing.assert_close(model(x, lengths), alone, rtol=0, atol=1e-14)
    states = model.gru(model.embedding(x[:1]))[0]
    torch.testing.assert_close(model(x[:1], lengths[:1]), model.head(states.amax(dim=1))[:, 0], rtol=0, atol=1e-14)


def test_pooled_classifier_refuses_wrong_arguments():
    model = PooledClassifier(9)
    refused(
        ValueError,
        "lengths must lie from 1 to T=2, got 1 to 3",
        lambda: model(torch.ones(2, 2, dtype=torch.int64), torch.tensor([1, 3])),
    )
    refused(TypeError, "x must have dtype torch.int64", lambda: model(torch.ones(2, 2), torch.tensor([1, 2])))
    refused(ValueError, "E must be at least 1, got 0", lambda: PooledClassifier(9, E=0))
    for bad in (9, -1):
        x = torch.tensor([[1, bad]])
        refused(ValueError, "x must lie from 0 to 8, got", lambda: model(x, torch.tensor([1])))
    for name in ("V", "H"):
        sizes = {"V": 9, "H": 3} | {name: 0}
        refused(ValueError, f"{name} must be at least 1, got 0", lambda: PooledClassifier(**sizes))
        refused(ValueError, f"{name} must be at least 1, got 0", lambda: LanguageModel(**sizes))
    h = torch.zeros(1, 2, 3)
    refused(ValueError, "h must have shape (1, 1, 3)", lambda: LanguageModel(9, 3)(torch.tensor([[1]]), h))


def test_pooled_classifier_drops_what_it_reads_and_what_it_has_pooled(monkeypatch):
    model = PooledClassifier(9, dropout=0.4)
    assert (model.dropout.p, PooledClassifier(9).dropout.p) == (0.4, 0.2)
    assert (model.embedding.weight.shape, model.head.in_features) == ((9, 48), 64)
    assert (model.embedding.weight[0] == 0).all() and model.embedding.padding_idx == 0
    shapes = []
    monkeypatch.setattr(model.dropout, "forward", lambda x: shapes.append(tuple(x.shape)) or x)
    model(torch.ones(2, 3, dtype=torch.int64), torch.tensor([3, 1]))
    assert shapes == [(2, 3, 48), (2, 64)]
