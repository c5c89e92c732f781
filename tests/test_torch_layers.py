"""grulib.torch_layers: parity with grulib.gru in float64, gradients included, the classifier's lengths, and errors."""

import warnings

import numpy as np
import pytest
import torch
from helpers import refused
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from grulib.torch_layers import GRUCell, GRUClassifier, GRULayer, LanguageModel, PooledClassifier, layer_to_gru, pool

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


def cell(x, h):
    return GRUCell(3, 4, reset="after")(x, h)


def layer(x, h0=None):
    return GRULayer(3, 4, reset="before")(x, h0)


def classifier(x, lengths=None):
    return GRUClassifier(3, 4, 2)(x, lengths)


def language(x, h=None):
    return LanguageModel(5, 3)(x, h)


def pooled(x, lengths):
    return PooledClassifier(9)(x, lengths)


X, H, LENGTHS, SYMBOLS = (
    torch.zeros(2, 5, 3),
    torch.zeros(2, 4),
    torch.tensor([5, 5]),
    torch.ones(2, 2, dtype=torch.int64),
)
TWO = torch.tensor([1, 2])
BAD_INPUTS = [
    (cell, (X, H), ValueError, "x must have shape (B, 3), every length at least 1, got (2, 5, 3)"),
    (cell, (X[:, 0], H[:1]), ValueError, "h must have shape (2, 4)"),
    (cell, (X[:, 0].double(), H), TypeError, "x must have dtype torch.float32, got torch.float64"),
    (cell, (X[:, 0], H.double()), TypeError, "h must have dtype torch.float32, got torch.float64"),
    (layer, (X.numpy(),), TypeError, "x must be a Tensor of shape (B, T, 3), got ndarray"),
    (layer, (X.double(),), TypeError, "x must have dtype torch.float32, got torch.float64"),
    (layer, (X.half(),), TypeError, "x must have dtype torch.float32, got torch.float16"),
    (layer, (X.cfloat(),), TypeError, "x must have dtype torch.float32, got torch.complex64"),
    (layer, (X + torch.nan,), ValueError, "x must be finite"),
    (
        layer,
        (X.to_sparse(),),
        TypeError,
        "x must be a dense tensor with numbers in it, got one of layout torch.sparse_coo",
    ),
    (layer, (X.to("meta"),), TypeError, "x must be a dense tensor with numbers in it, got one of layout"),
    (layer, (X, H.double()), TypeError, "h0 must have dtype torch.float32, got torch.float64"),
    (layer, (X, H[None]), ValueError, "h0 must have shape (2, 4)"),
    (classifier, (X - torch.inf,), ValueError, "x must be finite"),
    (classifier, (X.double(),), TypeError, "x must have dtype torch.float32, got torch.float64"),
    (classifier, (X[:, :0],), ValueError, "x must have shape (B, T, 3), every length at least 1, got (2, 0, 3)"),
    (classifier, (X, [5, 5]), TypeError, "lengths must be a Tensor of shape (2,), got list"),
    (classifier, (X, LENGTHS.float()), TypeError, "lengths must have dtype torch.int64"),
    (classifier, (X, LENGTHS[:1]), ValueError, "lengths must have shape (2,)"),
    (classifier, (X, torch.tensor([0, 5])), ValueError, "lengths must lie from 1 to T=5, got 0 to 5"),
    (classifier, (X, torch.tensor([-1, 5])), ValueError, "lengths must lie from 1 to T=5, got -1 to 5"),
    (classifier, (X, torch.tensor([1, 6])), ValueError, "lengths must lie from 1 to T=5, got 1 to 6"),
    (language, (torch.tensor([[0, 5]]),), ValueError, "x must lie from 0 to 4, got"),
    (language, (torch.tensor([[0, -1]]),), ValueError, "x must lie from 0 to 4, got"),
    (language, (torch.zeros(1, 2),), TypeError, "x must have dtype torch.int64"),
    (language, (SYMBOLS[:1], torch.zeros(1, 2, 3)), ValueError, "h must have shape (1, 1, 3)"),
    (pooled, (SYMBOLS, torch.tensor([1, 3])), ValueError, "lengths must lie from 1 to T=2, got 1 to 3"),
    (pooled, (SYMBOLS.float(), TWO), TypeError, "x must have dtype torch.int64"),
    (pooled, (torch.tensor([[1, 9]]), TWO[:1]), ValueError, "x must lie from 0 to 8, got"),
    (pooled, (torch.tensor([[1, -1]]), TWO[:1]), ValueError, "x must lie from 0 to 8, got"),
    (PooledClassifier(9, E=3).judge, (X[:, :2, :2], TWO), ValueError, "embedded must have shape (B, T, 3)"),
    (pool, (X, LENGTHS, "first"), ValueError, "how must be 'last', 'mean' or 'largest', got 'first'"),
    (pool, (X[0], LENGTHS, "last"), ValueError, "states must have shape (B, T, H)"),
    (pool, (X.long(), LENGTHS, "mean"), TypeError, "states must have dtype torch.float32 or torch.float64 or"),
    (pool, (X, LENGTHS + 1, "mean"), ValueError, "lengths must lie from 1 to T=5, got 6 to 6"),
]


@pytest.mark.parametrize("model, arguments, error, message", BAD_INPUTS)
def test_bad_inputs_are_named(model, arguments, error, message):
    refused(error, message, lambda: model(*arguments))


def test_nested_and_quantized_tensors_are_named():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own: one is a prototype, the other goes
        nested = torch.nested.nested_tensor([torch.zeros(5, 3)] * 2)
        quantized = torch.quantize_per_tensor(X, 1, 0, torch.qint8)
    refused(TypeError, "x must be a dense tensor with numbers in it, got a nested one", lambda: layer(nested))
    refused(TypeError, "x must have dtype torch.float32, got torch.qint8", lambda: layer(quantized))


def test_a_parameter_is_a_tensor_and_a_numpy_int_a_size():
    assert layer(nn.Parameter(X)).shape == (2, 5, 4)
    assert layer(X.clone().requires_grad_()).shape == (2, 5, 4)
    three, four = np.int64(3), np.int64(4)
    assert GRULayer(three, four, reset="after")(X).shape == GRULayer(three, four, reset="before")(X).shape == (2, 5, 4)
    assert GRUClassifier(three, four, np.int64(2), np.int64(2))(X).shape == (2, 2)
    assert LanguageModel(four, three)(SYMBOLS)[0].shape == (2, 2, 4)
    assert PooledClassifier(four, three, three)(SYMBOLS, TWO).shape == (2,)


def sizes(make, **options):
    """For each size of a model: what is refused of it."""
    names = [name for name, value in options.items() if type(value) is int]
    return [
        (make, options | {name: bad}, error, message.format(name))
        for name in names
        for bad, error, message in [
            (0, ValueError, "{} must be at least 1, got 0"),
            (-1, ValueError, "{} must be at least 1, got -1"),
            (1.5, TypeError, "{} must be an int, got 1.5"),
            (True, TypeError, "{} must be an int, got True"),
            (None, TypeError, "{} must be an int, got None"),
            (np.int32(3), TypeError, "{} must be an int, got np.int32(3)"),
            (10**30, ValueError, "{} must be below 2**31, got 1000"),
            (10**5000, ValueError, "{} must be below 2**31, got int without a repr"),
        ]
    ]


BAD_OPTIONS = [
    *sizes(GRUCell, input_size=3, hidden_size=4, reset="after"),
    *sizes(GRULayer, input_size=3, hidden_size=4, reset="before"),
    *sizes(GRUClassifier, input_size=3, hidden_size=4, num_classes=2, num_layers=1),
    *sizes(LanguageModel, V=9, H=3),
    *sizes(PooledClassifier, V=9, E=3, H=3),
    *(
        (make, {"input_size": 3, "hidden_size": 4, "reset": "after"} | change, error, message)
        for make in (GRUCell, GRULayer)
        for change, error, message in [
            ({"reset": "none"}, ValueError, "reset must be 'before' or 'after', got 'none'"),
            ({"bias": "no"}, TypeError, "bias must be True or False, got 'no'"),
        ]
    ),
    (PooledClassifier, {"V": 9, "dropout": np.nan}, ValueError, "dropout must lie from 0 to below 1, got nan"),
    (PooledClassifier, {"V": 9, "dropout": 1}, ValueError, "dropout must lie from 0 to below 1, got 1"),
    (PooledClassifier, {"V": 9, "dropout": "0"}, TypeError, "dropout must be a number, got '0'"),
]


@pytest.mark.parametrize("make, options, error, message", BAD_OPTIONS)
def test_bad_options_of_models_are_named(make, options, error, message):
    refused(error, message, lambda: make(**options))


KINDS = "layer must be a GRUCell, a GRULayer or a torch.nn.GRU, got "
BAD_LAYERS = [
    (nn.LSTM(1, 1), TypeError, KINDS + "LSTM"),
    (nn.Tanh(), TypeError, KINDS + "Tanh"),
    (None, TypeError, KINDS + "NoneType"),
    (
        GRULayer(1, 1, reset="after").half(),
        TypeError,
        "layer.reset_gate.weight must have dtype float32 or float64, got torch.float16",
    ),
    (nn.GRU(1, 1, device="meta"), TypeError, "layer.weight_ih_l0 must be a dense tensor with numbers in it"),
    (nn.GRU(1, 1, 2), ValueError, "got num_layers=2, bidirectional=False"),
    (nn.GRU(1, 1, bidirectional=True), ValueError, "got num_layers=1, bidirectional=True"),
]


@pytest.mark.parametrize("bad, error, message", BAD_LAYERS)
def test_bad_layers_are_named(bad, error, message):
    refused(error, message, lambda: layer_to_gru(bad))


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


def test_pooled_classifier_of_a_batch_is_that_of_each_text_alone():
    torch.manual_seed(0)
    model = PooledClassifier(9, 4, 3).double().eval()
    x, lengths = torch.randint(1, 9, (4, 6)), torch.tensor([6, 1, 3, 4])
    alone = torch.cat([model(row[None, :n], torch.tensor([n])) for row, n in zip(x, lengths)])
    torch.testing.assert_close(model(x, lengths), alone, rtol=0, atol=1e-14)
    states = model.gru(model.embedding(x[:1]))[0]
    torch.testing.assert_close(model(x[:1], lengths[:1]), model.head(states.amax(dim=1))[:, 0], rtol=0, atol=1e-14)


def test_pooled_classifier_drops_what_it_reads_and_what_it_has_pooled(monkeypatch):
    model = PooledClassifier(9, dropout=0.4)
    assert (model.dropout.p, PooledClassifier(9).dropout.p) == (0.4, 0.2)
    assert (model.embedding.weight.shape, model.head.in_features) == ((9, 48), 64)
    assert (model.embedding.weight[0] == 0).all() and model.embedding.padding_idx == 0
    shapes = []
    monkeypatch.setattr(model.dropout, "forward", lambda x: shapes.append(tuple(x.shape)) or x)
    model(torch.ones(2, 3, dtype=torch.int64), torch.tensor([3, 1]))
    assert shapes == [(2, 3, 48), (2, 64)]
