/* What limits a GRU of a given size: counted work against the fastest that was measured, and the shapes that were timed. */
live.figure("roofline", (root, words) => {
  const { make, number, text, line } = live;
  const { fill } = window.words;
  const measured = stored.roofline.shapes;
  const work = ({ T, B, D, H }) => 6 * H * (D + H) * B * T; // of a forward pass
  const weights = ({ D, H }) => 12 * H * (D + H); // bytes of W and U in 32 bits
  const times = { forward: 1, both: 3 }; // a backward pass is two forward passes' work
  const speed = (shape, pass, of) => (times[pass] * work(shape)) / shape[pass][of] / 1e9; // GFLOP/s
  /* The roof: the fastest product of all, and for little work for each byte what one sequence reaches, whose weights are read for it alone. */
  const peak = Math.max(...measured.flatMap((shape) => ["forward", "both"].map((pass) => speed(shape, pass, "products"))));
  const alone = measured.filter(({ B }) => B === 1).map((shape) => speed(shape, "forward", "products"));
  const bandwidth = Math.max(...alone) / 0.5; // GB/s
  const roof = (intensity) => Math.min(peak, intensity * bandwidth);

  const settings = { T: 50, B: 1, D: 16, H: 64, pass: "forward" };
  const answer = live.spoken("p", "verdict");
  const more = make("p", { className: "hint" });
  const { svg, holder, paint } = live.picture(660, 300, words.picture);
  const x = (intensity) => 62 + (570 * Math.log2(intensity / 0.35)) / Math.log2(900 / 0.35);
  const y = (gflops) => 258 - (240 * Math.log2(gflops / 0.2)) / Math.log2(120 / 0.2);
  const marks = {
    products: (x, y) => `<circle class="muted" cx="${x}" cy="${y}" r="5" fill="none" stroke="currentColor" stroke-width="2"/>`,
    torch: (x, y) => `<rect class="update" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9" fill="currentColor"/>`,
    grulib: (x, y) => `<polygon class="gru" points="${x},${y - 6} ${x - 6},${y + 5} ${x + 6},${y + 5}" fill="currentColor"/>`,
  };
  /* Three digits and a unit: 0.0123 s as "12.3 ms", 9.9e12 operations as "9.90 T". */
  function short(value, unit = "") {
    const [[size, prefix]] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [0, "µ"]].filter(([size]) => value >= size);
    const scaled = value / (size || 1e-6);
    return `${number(scaled, scaled >= 100 || (size === 1 && !unit) ? 0 : scaled >= 10 ? 1 : 2)} ${prefix}${unit}`.trimEnd();
  }
  const time = (seconds) => (seconds >= 1 ? `${number(seconds, 1)} s` : short(seconds, "s"));

  function draw() {
    const intensity = settings.B / 2;
    const all = times[settings.pass] * work(settings);
    const least = time(all / roof(intensity) / 1e9);
    const ticks = [0.5, 4, 32, 256].map((at) => text(x(at), 276, at, "muted", "middle", 12)).concat([1, 10, 100].map((at) => text(54, y(at) + 4, at, "muted", "end", 12)));
    const border = peak / bandwidth;
    const points = measured.map((shape, i) => `<g role="button" tabindex="0" data-key="${i}" aria-label="${name(shape)}">` +
      live.rect(x(shape.B / 2) - 14, y(speed(shape, settings.pass, "products")) - 12, 28, y(speed(shape, settings.pass, "grulib")) - y(speed(shape, settings.pass, "products")) + 24, "muted", 0) +
      Object.entries(marks).map(([of, mark]) => mark(x(shape.B / 2), y(speed(shape, settings.pass, of)))).join("") + "</g>");
    const keys = Object.entries(marks).map(([of, mark], i) => mark(440, 200 + 20 * i) + text(454, 204 + 20 * i, words.marks[of], "", "start"));
    paint([
      line([[62, 258], [636, 258]], "muted", 1), line([[62, 14], [62, 258]], "muted", 1), ...ticks,
      text(350, 296, words.intensity, "muted", "middle", 13), text(70, 16, words.speed, "muted", "start", 13),
      line([[x(0.35), y(roof(0.35))], [x(border), y(peak)], [x(900), y(peak)]], "", 2.5),
      line([[x(intensity), 258], [x(intensity), y(roof(intensity))]], "new", 2, "5 4"),
      `<circle class="new" cx="${x(intensity)}" cy="${y(roof(intensity))}" r="9" fill="none" stroke="currentColor" stroke-width="3"/>`,
      intensity < border ? text(x(intensity) + 17, y(roof(intensity)) + 5, fill(words.least, { least }), "new", "start")
        : text(x(intensity) - 4, y(roof(intensity)) - 14, fill(words.least, { least }), "new", "end"),
      ...points, ...keys,
    ].join(""), x(intensity));
    const timed = measured.find((shape) => ["T", "B", "D", "H"].every((name) => shape[name] === settings[name]));
    answer.textContent = fill(words.answer, {
      step: short(work(settings) / settings.T), all: short(all), bytes: short(weights(settings), "B"), intensity,
      limit: intensity < border ? words.reading : words.arithmetic, roof: number(roof(intensity), 0), least,
    });
    more.textContent = timed
      ? fill(words.timed, Object.fromEntries(Object.keys(marks).map((of) => [of, time(timed[settings.pass][of])])))
      : fill(words.untimed, { kept: short(4 * settings.T * settings.B * (settings.D + 1 + 5 * settings.H), "B") });
  }

  const sliders = Object.fromEntries(Object.entries({ T: 10, B: 10, D: 9, H: 10 }).map(([name, most]) => [name,
    live.slider(words.sizes[name], { min: 0, max: most, step: 1, value: Math.round(Math.log2(settings[name])), shown: (power) => Math.round(2 ** power) }, (power) => {
      settings[name] = Math.round(2 ** power);
      draw();
    })]));
  for (const slider of Object.values(sliders)) slider.querySelector("input").addEventListener("input", () => (shapes.querySelector("select").value = "own"));

  const name = ({ T, B, D, H }) => fill(words.shape, { T, B, D, H });
  function choose(i) {
    for (const size of ["T", "B", "D", "H"]) {
      settings[size] = measured[i][size];
      sliders[size].querySelector("input").value = Math.log2(settings[size]);
      sliders[size].querySelector("output").textContent = settings[size];
    }
    shapes.querySelector("select").value = `shape-${i}`;
    draw();
  }
  const shapes = live.choice(words.shapes, { own: words.own, ...Object.fromEntries(measured.map((shape, i) => [`shape-${i}`, name(shape)])) }, (key) => key !== "own" && choose(+key.slice(6)));
  const pressed = (event) => {
    const mark = event.target.closest("[data-key]");
    if (mark) choose(+mark.dataset.key);
  };
  svg.addEventListener("click", pressed);
  svg.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pressed(event);
  });
  root.append(holder, answer, more, make("div", { className: "controls" }, shapes,
    live.choice(words.pass, words.passes, (pass) => {
      settings.pass = pass;
      draw();
    }), ...Object.values(sliders)));
  shapes.querySelector("select").value = `shape-${measured.indexOf(alone)}`;
  draw();
});
