/* A scan: the states of h = a h + b, from steps that are joined pair by pair, round after round, against the loop. */
live.figure("scan", (root, words) => {
  const { make, number, text, rect, line } = live;
  const settings = { T: 8 };
  let [round, reach, a, b, from] = [0, 1, [], [], []];
  const answer = live.spoken("p", "verdict");
  const next = live.button(words.next, () => {
    if (reach < settings.T) join();
  });
  const { holder, paint } = live.picture(660, 300, words.picture);

  /* z and n of each step as a minGRU has them, from the inputs alone: a = z, b = (1 − z) n. */
  function begin() {
    const z = Array.from({ length: settings.T }, (_, t) => gru.sigmoid(1.5 + Math.sin(3 * t)));
    a = [z];
    b = [z.map((share, t) => (1 - share) * Math.tanh(2 * Math.cos(5 * t)))];
    [round, reach, from] = [0, 1, []];
    draw();
  }

  /* Step t takes in all that was joined at t - reach: a pair of steps is one step with a' = a₂ a₁, b' = a₂ b₁ + b₂. */
  function join() {
    const [as, bs] = [a[round], b[round]];
    a.push(as.map((value, t) => (t < reach ? value : value * as[t - reach])));
    b.push(bs.map((value, t) => (t < reach ? value : as[t] * bs[t - reach] + value)));
    from.push(reach);
    [round, reach] = [round + 1, 2 * reach];
    draw();
  }

  function draw() {
    const { T } = settings;
    const rounds = Math.ceil(Math.log2(T));
    const [left, wide, high] = [70, 580, 250 / (rounds || 1)];
    const [x, y] = [(t) => left + (wide * (t + 0.5)) / T, (k) => 24 + k * high];
    const shapes = [];
    for (let k = 0; k <= rounds; k++) {
      shapes.push(text(left - 12, y(k) + 5, k ? window.words.fill(words.round, { k }) : words.steps, "muted", "end", 12));
      for (let t = 0; t < T; t++) {
        if (k > round) {
          shapes.push(`<circle class="muted" cx="${x(t)}" cy="${y(k)}" r="4" fill="none" stroke="currentColor" stroke-opacity="0.5"/>`);
          continue;
        }
        if (k && t >= from[k - 1]) shapes.unshift(line([[x(t - from[k - 1]), y(k - 1)], [x(t), y(k)]], "update", 1.6));
        if (k) shapes.unshift(line([[x(t), y(k - 1)], [x(t), y(k)]], "muted", 1));
        const done = t < 2 ** k;
        shapes.push(`<circle class="${done ? "new" : "update"}" cx="${x(t)}" cy="${y(k)}" r="${done ? 7 : 5}" fill="currentColor"/>`);
      }
    }
    shapes.push(...b[round].map((value, t) => (t < 2 ** round && T <= 16 ? text(x(t), 296, number(value), "new", "middle", 12) : "")));
    paint(shapes.join(""));
    let [h, worst] = [0, 0];
    for (let t = 0; t < Math.min(T, 2 ** round); t++) {
      h = a[0][t] * h + b[0][t];
      worst = Math.max(worst, Math.abs(h - b[round][t]));
    }
    answer.textContent = window.words.fill(words.answer, { rounds: round, ready: Math.min(T, 2 ** round), T, worst: worst < 1e-15 ? "0" : worst.toExponential(0).replace("e-", "e−") });
    next.disabled = reach >= T;
  }

  root.append(holder, answer, make("div", { className: "controls" },
    live.slider(words.length, { min: 2, max: 32, step: 1, value: settings.T, digits: 0 }, (value) => {
      settings.T = value;
      begin();
    }),
    next, live.button(words.again, begin)));
  begin();
  join();
});
