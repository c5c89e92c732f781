/* A signal that fades: one unit of a plain RNN, an LSTM and a GRU, shown nothing, and what is left of a change of the first state. */
live.figure("fading", (root, words) => {
  const { make, text, line } = live;
  const settings = { T: 40, keep: 3, gain: 1.5 };
  const [left, wide, high, gap] = [64, 480, 120, 46];
  const { holder, paint } = live.picture(left + wide + 96, 2 * high + gap + 52, words.picture);
  const answer = live.spoken("p", "verdict");

  /* Each unit: one step from its state, and the derivative of the new state by the old one. */
  const units = () => {
    const { keep, gain } = settings;
    const model = { W: [[0], [0], [0]], U: [[0], [0], [gain]], b: [20, keep, 0], c: [0], reset: "after" };
    const forget = gru.sigmoid(keep);
    return {
      rnn: (h) => {
        const next = Math.tanh(gain * h);
        return [next, gain * (1 - next ** 2)];
      },
      // the memory c, with half of the candidate let in and half of the memory shown
      lstm: (c) => {
        const shown = 0.5 * Math.tanh(c);
        const g = Math.tanh(gain * shown);
        return [forget * c + 0.5 * g, forget + 0.5 * (1 - g ** 2) * gain * 0.5 * (1 - Math.tanh(c) ** 2)];
      },
      gru: (h) => {
        const steps = gru.forward(model, [[0]], [h]);
        return [steps[0].next[0], gru.backward(model, steps, [[1]]).h0[0]];
      },
    };
  };

  function course(step) {
    const [states, left] = [[0.8], [1]];
    for (let t = 0; t < settings.T; t++) {
      const [next, slope] = step(states[t]);
      states.push(next);
      left.push(left[t] * slope);
    }
    return { states, left };
  }

  function draw() {
    const courses = Object.fromEntries(Object.entries(units()).map(([name, step]) => [name, course(step)]));
    const across = (t) => left + (wide * t) / settings.T;
    const up = (value) => 24 + high * (1 - Math.max(-1, Math.min(1, value))) / 2;
    const log = (value) => 24 + high + gap + (high * Math.min(12, Math.max(0, -Math.log10(Math.abs(value) + 1e-300)))) / 12;
    const dashes = { rnn: "2 4", lstm: "8 4", gru: "" };
    const ends = Object.entries(courses).map(([name, { left: rest }]) => [log(rest[settings.T]), name]).sort((a, b) => a[0] - b[0]);
    for (let i = 1; i < ends.length; i++) ends[i][0] = Math.max(ends[i][0], ends[i - 1][0] + 15);
    const over = Math.max(0, ends[2][0] - (24 + 2 * high + gap + 8));
    const axes = [1, 0, -1].map((v) => text(left - 8, up(v) + 4, live.number(v, 0), "muted", "end", 12) + line([[left, up(v)], [left + wide, up(v)]], "muted faint", 1)).join("") +
      [0, 4, 8, 12].map((p) => text(left - 8, log(10 ** -p) + 4, p ? `10<tspan dy="-4" font-size="9">−${p}</tspan>` : "1", "muted", "end", 12) + line([[left, log(10 ** -p)], [left + wide, log(10 ** -p)]], "muted faint", 1)).join("") +
      [0, 0.5, 1].map((part) => text(across(part * settings.T), 2 * high + gap + 44, Math.round(part * settings.T), "muted", "middle", 12)).join("");
    paint(
      text(left, 14, words.states, "", "start") + text(left, 14 + high + gap, words.gradients, "", "start") + axes +
      Object.entries(courses).map(([name, { states, left: rest }]) =>
        line(states.map((h, t) => [across(t), up(h)]), name, 2.5, dashes[name]) +
        line(rest.map((value, t) => [across(t), log(value)]), name, 2.5, dashes[name])).join("") +
      ends.map(([y, name]) => text(left + wide + 8, y + 4 - over, words.names[name], name, "start")).join(""));
    const rest = (name) => {
      const value = courses[name].left[settings.T];
      return Math.abs(value) >= 0.001 ? live.number(value, 3) : value.toExponential(0).replace(/e-(\d+)/, (_, digits) => ` · 10⁻${digits.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}`).replace("-", "−");
    };
    answer.textContent = window.words.fill(words.answer, {
      T: settings.T, rnn: rest("rnn"), lstm: rest("lstm"), gru: rest("gru"), z: live.number(gru.sigmoid(settings.keep)) });
  }

  const set = (name) => (value) => {
    settings[name] = value;
    draw();
  };
  root.append(holder, answer, make("div", { className: "controls" },
    live.slider(words.keep, { min: -4, max: 8, step: 0.1, value: settings.keep }, set("keep")),
    live.slider(words.gain, { min: 0, max: 4, step: 0.1, value: settings.gain }, set("gain")),
    live.slider(words.distance, { min: 5, max: 200, step: 5, value: settings.T, digits: 0 }, set("T"))));
  draw();
});
