/* Trained networks in the page: their arrays as PyTorch names and shapes them, and what each computes with gru.js.
   python -m grulib.live trains them; the tests compare them with PyTorch's. */
window.nets = (() => {
  const { dot, forward, step } = gru;

  /* Whole numbers of 16 bits, in base 64, and what one of them is worth: a vector, or a list of rows. */
  function unpacked({ shape: [rows, columns], worth, whole }) {
    const bytes = Uint8Array.from(atob(whole), (letter) => letter.charCodeAt(0));
    const numbers = Float64Array.from(new Int16Array(bytes.buffer), (k) => worth * k);
    if (!columns) return numbers;
    return Array.from({ length: rows }, (_, i) => numbers.subarray(i * columns, (i + 1) * columns));
  }

  const unpackedAll = ({ arrays }) => Object.fromEntries(Object.entries(arrays).map(([name, packed]) => [name, unpacked(packed)]));

  /* PyTorch has two biases for each gate. They are added up; where the reset gate stands between them they are b_n and c_n. */
  function fromTorch(arrays, layer, direction = "") {
    const [W, U, input, hidden] = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => arrays[`${layer}.${name}_l0${direction}`]);
    const H = U[0].length;
    return { W, U, b: input.map((b, i) => (i < 2 * H ? b + hidden[i] : b)), c: hidden.subarray(2 * H), reset: "after" };
  }

  const linear = (W, b, x) => Float64Array.from(W, (row, i) => dot(row, x) + (b ? b[i] : 0));

  function softmax(logits, temperature = 1) {
    const largest = Math.max(...logits);
    const exps = logits.map((logit) => Math.exp((logit - largest) / temperature));
    const sum = exps.reduce((a, b) => a + b);
    return exps.map((e) => e / sum);
  }

  const largest = (values) => values.indexOf(Math.max(...values));

  /* A language model: `next(h)` has the logits of the symbol after the state h. A gate is held by a bias of 50 and no weights. */
  function language(entry) {
    const arrays = unpackedAll(entry);
    const symbols = [...entry.symbols];
    const cell = fromTorch(arrays, "gru");
    const H = cell.U[0].length;
    const oneHot = symbols.map((_, k) => Float64Array.from(symbols, (_, i) => +(i === k)));
    return {
      symbols,
      cell,
      read: (text, used = cell) => forward(used, [...text].map((letter) => oneHot[symbols.indexOf(letter)])),
      step: (letter, h, used = cell) => step(used, oneHot[symbols.indexOf(letter)], h || gru.zeros(H)),
      next: (h) => linear(arrays["output.weight"], arrays["output.bias"], h),
      held: (gate, at) => {
        const from = gate === "r" ? 0 : H;
        const kept = (i) => i < from || i >= from + H;
        const rows = (matrix) => matrix.map((row, i) => (kept(i) ? row : gru.zeros(row.length)));
        return { ...cell, W: rows(cell.W), U: rows(cell.U), b: cell.b.map((b, i) => (kept(i) ? b : at ? 50 : -50)) };
      },
    };
  }

  /* A reader of digits: from eight rows of eight numbers to the probabilities of the ten digits after each row. */
  function digits(entry) {
    const arrays = unpackedAll(entry);
    const cell = fromTorch(arrays, "gru");
    return (rows) => forward(cell, rows).map(({ next }) => softmax(linear(arrays["output.weight"], arrays["output.bias"], next)));
  }

  /* A translator with attention. `encode(symbols)` gives a memory; `write(memory)` the most probable symbols, one by one, until the end,
     each with its weights over the source. Index 0 is padding, 1 begins, 2 ends. */
  function dates(entry) {
    const arrays = unpackedAll(entry);
    const [source, target] = [[...entry.source], [...entry.target]];
    const [ahead, back, decoder] = [fromTorch(arrays, "encoder"), fromTorch(arrays, "encoder", "_reverse"), fromTorch(arrays, "decoder")];
    const END = 2;

    function encode(text) {
      const x = [...text].map((letter) => arrays["source.weight"][source.indexOf(letter) + 3]);
      const one = forward(ahead, x).map(({ next }) => next);
      const other = forward(back, x.toReversed()).map(({ next }) => next).reverse();
      const outputs = one.map((h, t) => Float64Array.of(...h, ...other[t])); // T of 2H
      const ends = Float64Array.of(...one.at(-1), ...other[0]);
      return {
        outputs,
        keys: outputs.map((output) => linear(arrays["keys.weight"], null, output)), // T of H
        h: linear(arrays["bridge.weight"], arrays["bridge.bias"], ends).map(Math.tanh),
      };
    }

    /* One symbol more: logits, weights over the source, and the decoder's state. */
    function decode({ outputs, keys }, h, symbol) {
      const { next } = step(decoder, arrays["target.weight"][symbol], h);
      const weights = softmax(Float64Array.from(keys, (key) => dot(key, next)));
      const context = gru.zeros(outputs[0].length);
      outputs.forEach((output, t) => gru.add(context, weights[t], output));
      return { logits: linear(arrays["output.weight"], arrays["output.bias"], Float64Array.of(...next, ...context)), weights, h: next };
    }

    function write(memory, most = 16) {
      const written = [];
      let [h, symbol] = [memory.h, 1];
      while (symbol !== END && written.length < most) {
        const said = decode(memory, h, symbol);
        [h, symbol] = [said.h, largest(said.logits)];
        written.push({ ...said, symbol, letter: target[symbol - 3] || "" });
      }
      return written;
    }

    return { source, encode, decode, write };
  }

  return { language, digits, dates, softmax, largest };
})();
