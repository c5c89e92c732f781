/* The GRU in plain JavaScript: one step, a sequence, and the way back. The twin of grulib/gru.py, tested against it.

   A GRU is { W, U, b, c, reset }: W holds 3H rows of D numbers and U 3H rows of H, for r, z and n in turn; b has 3H
   numbers; c has H and is there for reset "after". x and h are vectors; there is no batch. */
window.gru = (() => {
  const sigmoid = (a) => {
    const e = Math.exp(-Math.abs(a)); // at most 1, so nothing overflows
    return (a >= 0 ? 1 : e) / (1 + e);
  };
  const zeros = (size) => new Float64Array(size);
  const dot = (a, b) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  };
  // what a row of weights hands back to what it read: to += by * row
  const add = (to, by, row) => {
    for (let i = 0; i < row.length; i++) to[i] += by * row[i];
  };

  /* One step from x and h: the gates r and z, the candidate n, the new state, and m, which is r * h or U_n h + c. */
  function step({ W, U, b, c, reset }, x, h) {
    const H = h.length;
    const [r, z, n, m, next] = [zeros(H), zeros(H), zeros(H), zeros(H), zeros(H)];
    for (let i = 0; i < H; i++) {
      r[i] = sigmoid(dot(W[i], x) + b[i] + dot(U[i], h));
      z[i] = sigmoid(dot(W[H + i], x) + b[H + i] + dot(U[H + i], h));
      m[i] = reset === "after" ? dot(U[2 * H + i], h) + c[i] : r[i] * h[i];
    }
    for (let i = 0; i < H; i++) {
      n[i] = Math.tanh(dot(W[2 * H + i], x) + b[2 * H + i] + (reset === "after" ? r[i] * m[i] : dot(U[2 * H + i], m)));
      next[i] = (1 - z[i]) * n[i] + z[i] * h[i];
    }
    return { x, h, r, z, n, m, next };
  }

  /* A sequence: T steps, each with all that the way back needs. */
  function forward(gru, xs, h0) {
    let h = h0 || zeros(gru.U[0].length);
    return xs.map((x) => {
      const taken = step(gru, x, h);
      h = taken.next;
      return taken;
    });
  }

  /* The gradients of a loss by W, U, b, c, by each input and by the first state; gradOutputs has dL/d(next) for each step,
     and what is missing is zero. They are added to `sums`, a GRU of zeros if none is given. */
  function backward(gru, steps, gradOutputs, sums = zerosLike(gru)) {
    const { W, U, reset } = gru;
    const H = U[0].length;
    const [dPre, dM, dX] = [zeros(3 * H), zeros(H), []];
    let dH = zeros(H);
    for (let t = steps.length - 1; t >= 0; t--) {
      const { x, h, r, z, n, m } = steps[t];
      if (gradOutputs[t]) add(dH, 1, gradOutputs[t]);
      const dOld = zeros(H);
      for (let i = 0; i < H; i++) {
        dPre[2 * H + i] = dH[i] * (1 - z[i]) * (1 - n[i] ** 2);
        dPre[H + i] = dH[i] * (h[i] - n[i]) * z[i] * (1 - z[i]);
        dOld[i] = dH[i] * z[i];
        dM[i] = dPre[2 * H + i] * r[i];
      }
      if (reset === "before") {
        dM.fill(0);
        for (let i = 0; i < H; i++) add(dM, dPre[2 * H + i], U[2 * H + i]);
      }
      for (let i = 0; i < H; i++) {
        dPre[i] = (reset === "after" ? dPre[2 * H + i] * m[i] : dM[i] * h[i]) * r[i] * (1 - r[i]);
        if (reset === "before") dOld[i] += dM[i] * r[i];
        else add(dOld, dM[i], U[2 * H + i]);
      }
      const dInput = zeros(x.length);
      for (let i = 0; i < 3 * H; i++) {
        sums.b[i] += dPre[i];
        add(sums.W[i], dPre[i], x);
        add(dInput, dPre[i], W[i]);
        if (i < 2 * H) {
          add(sums.U[i], dPre[i], h);
          add(dOld, dPre[i], U[i]);
        } else if (reset === "before") add(sums.U[i], dPre[i], m);
        else {
          add(sums.U[i], dM[i - 2 * H], h);
          sums.c[i - 2 * H] += dM[i - 2 * H];
        }
      }
      dX[t] = dInput;
      dH = dOld;
    }
    return { ...sums, x: dX, h0: dH };
  }

  const zerosLike = ({ W, U, b, c, reset }) => ({
    W: W.map((row) => zeros(row.length)),
    U: U.map((row) => zeros(row.length)),
    b: zeros(b.length),
    c: c ? zeros(c.length) : null,
    reset,
  });

  return { sigmoid, step, forward, backward, zerosLike, dot, add, zeros };
})();
