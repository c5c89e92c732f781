/* The four ways from the old state to the new one, in one unit: each is a product of the factors that its arrows carry. */
live.figure("ways", (root, words) => {
  const { make, number, text, rect, line } = live;
  const settings = { h: 0.5, x: -1, resetBias: 0.5, bias: 0, recurrent: 2, gates: 2 };
  const kinds = ["old", "candidate", "update", "reset", "new"];
  const [middle, scale, high] = [330, 110, 44];
  const { holder, paint } = live.picture(660, 5 * high + 26, words.picture);
  const answer = live.spoken("p", "verdict");

  const model = () => ({
    W: [[1], [1], [1]], U: [[settings.gates], [settings.gates], [settings.recurrent]],
    b: [settings.resetBias, settings.bias, 0], c: [0], reset: "before",
  });

  /* The factors of each way. With one unit and c = 0 both resets have the same. */
  function ways() {
    const { r: [r], z: [z], n: [n] } = gru.step(model(), [settings.x], [settings.h]);
    const { h, recurrent: u, gates: v } = settings;
    const slope = (1 - z) * (1 - n ** 2) * u;
    return [
      [z, `z = ${number(z)}`],
      [slope * r, `(1 − z) (1 − n²) u_n r = ${number(1 - z)} · ${number(1 - n ** 2)} · ${number(u, 1)} · ${number(r)}`],
      [(h - n) * z * (1 - z) * v, `(h − n) z (1 − z) u_z = ${number(h - n)} · ${number(z * (1 - z))} · ${number(v, 1)}`],
      [slope * h * r * (1 - r) * v, `(1 − z) (1 − n²) u_n h r (1 − r) u_r = ${number(slope)} · ${number(h)} · ${number(r * (1 - r))} · ${number(v, 1)}`],
    ];
  }

  function draw() {
    const found = ways();
    const sum = found.reduce((total, [value]) => total + value, 0);
    const bars = [...found, [sum, "∂h'/∂h"]].map(([value, factors], k) => {
      const [y, size] = [12 + k * high + (k === 4) * 8, Math.min(3, Math.abs(value)) * scale];
      return text(12, y + 14, words.names[k], kinds[k], "start", 14) + text(12, y + 31, factors.replace(/_(\w)/g, '<tspan dy="3" font-size="9">$1</tspan><tspan dy="-3">\u200b</tspan>'), "muted", "start", 11.5) +
        rect(value < 0 ? middle - size + 70 : middle + 70, y + 2, Math.max(1, size), 16, kinds[k], 0.75) +
        text(value < 0 ? middle + 78 : middle + 62, y + 15, number(value), kinds[k], value < 0 ? "start" : "end");
    });
    paint(line([[middle + 70, 4], [middle + 70, 5 * high + 12]], "muted", 1) + line([[12, 4 * high + 12], [648, 4 * high + 12]], "muted", 1) + bars.join(""));
    const by = 1e-6;
    const moved = [by, -by].map((d) => gru.step(model(), [settings.x], [settings.h + d]).next[0]);
    answer.textContent = window.words.fill(words.answer, {
      sum: number(sum, 4), ways: found.map(([value], k) => `${words.names[k]} ${number(value)}`).join(", "), tried: number((moved[0] - moved[1]) / (2 * by), 4) });
  }

  const set = (name) => (value) => {
    settings[name] = value;
    draw();
  };
  root.append(holder, answer, make("div", { className: "controls" },
    live.slider(words.old, { min: -1, max: 1, step: 0.05, value: settings.h, digits: 2 }, set("h")),
    live.slider(words.x, { min: -2, max: 2, step: 0.1, value: settings.x }, set("x")),
    live.slider(words.bias, { min: -6, max: 6, step: 0.5, value: settings.bias }, set("bias")),
    live.slider(words.resetBias, { min: -6, max: 6, step: 0.5, value: settings.resetBias }, set("resetBias")),
    live.slider(words.recurrent, { min: -4, max: 4, step: 0.1, value: settings.recurrent }, set("recurrent")),
    live.slider(words.gates, { min: -4, max: 4, step: 0.1, value: settings.gates }, set("gates"))));
  draw();
});
