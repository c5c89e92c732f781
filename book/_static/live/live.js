/* What live figures share: controls that hand and keyboard can use, a picture in SVG that is painted anew with each answer,
   and the start, on a page of the book, or alone. Each figure's script says what it is: live.figure(name, build). */
window.live = (() => {
  const figures = {};

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const number = (value, digits = 2) => (Object.is(value, -0) ? 0 : value).toFixed(digits).replace("-", "−");

  function slider(label, { min, max, step, value, digits = 1, shown = (at) => number(at, digits) }, changed) {
    const input = make("input", { type: "range", min, max, step, value });
    input.setAttribute("aria-label", label);
    const output = make("output");
    const tell = () => input.setAttribute("aria-valuetext", (output.textContent = shown(+input.value)));
    tell();
    input.addEventListener("input", () => {
      tell();
      changed(+input.value);
    });
    return make("label", { className: "slider" }, make("span", {}, label), input, output);
  }

  function choice(label, options, changed) {
    const select = make("select", {}, ...Object.entries(options).map(([value, words]) => make("option", { value }, words)));
    select.setAttribute("aria-label", label);
    select.addEventListener("change", () => changed(select.value));
    return make("label", { className: "choice" }, make("span", {}, label), select);
  }

  /* A line to type in, of at most so many letters. */
  function field(label, value, most, changed) {
    const input = make("input", { type: "text", value, maxLength: most, autocomplete: "off", spellcheck: false });
    input.addEventListener("input", () => changed(input.value));
    return make("label", { className: "field" }, make("span", {}, label), input);
  }

  function button(label, pressed) {
    const element = make("button", { type: "button" }, label);
    element.addEventListener("click", pressed);
    return element;
  }

  /* A picture of the given size; `paint(shapes)` fills it, and what had the keyboard's focus keeps it, known by its data-key.
     Where the picture is wider than the page, `paint(shapes, x)` brings that place into view. */
  function picture(width, height, label) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, class: "diagram", role: "group", "aria-label": label }))
      svg.setAttribute(name, value);
    const holder = make("div", { className: "picture" }, svg);
    let painting = false; // a focus that is only given back is nobody's choice
    svg.addEventListener("focusin", (event) => painting && event.stopImmediatePropagation(), true);
    const paint = (shapes, at) => {
      const key = svg.contains(document.activeElement) && document.activeElement.dataset.key;
      painting = true;
      svg.innerHTML = shapes;
      if (key) svg.querySelector(`[data-key="${key}"]`)?.focus({ preventScroll: true });
      painting = false;
      if (at === undefined) return;
      const x = (at * svg.clientWidth) / width - holder.scrollLeft;
      if (x < 40 || x > holder.clientWidth - 40) holder.scrollLeft += x - holder.clientWidth / 2;
    };
    svg.style.minWidth = `${0.85 * width}px`; // so that letters of 13 stay at 11 pixels; what is wider scrolls
    return { svg, holder, paint };
  }

  /* On a phone some pictures are laid out anew. */
  const narrow = () => window.innerWidth < 600;

  /* Where an event of mouse or finger lies in a picture's own coordinates. */
  function place(svg, { clientX, clientY }) {
    const point = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  /* Numbers from 0 to below 1 (mulberry32 of Tommy Ettinger), and normal ones by Box and Muller. */
  function generator(seed) {
    let a = seed | 0;
    const uniform = () => {
      a = (a + 0x6d2b79f5) | 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return { uniform, normal };
  }

  /* Where a figure says its answer in words, aloud too when they change. */
  function spoken(tag, className) {
    const element = make(tag, { className });
    element.setAttribute("aria-live", "polite");
    return element;
  }

  /* Shapes as text. A kind is a class that gives its colour, as in the book's diagrams. */
  const text = (x, y, words, kind = "", anchor = "middle", size = 13) =>
    `<text class="${kind}" x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="currentColor">${words}</text>`;
  const line = (points, kind = "", width = 2, dashes = "") =>
    `<polyline class="${kind}" points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}" fill="none" stroke="currentColor" stroke-width="${width}" stroke-dasharray="${dashes}"/>`;
  const rect = (x, y, width, height, kind = "", opacity = 1, more = "") =>
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" fill="currentColor" fill-opacity="${opacity}" ${more}/>`;

  function figure(name, build) {
    figures[name] = build;
  }

  function start(holder) {
    const build = figures[holder.dataset.figure];
    if (!build) return;
    const root = make("div", { className: "played" });
    build(root, window.words[holder.dataset.figure]);
    for (const picture of root.querySelectorAll(".picture")) if (!picture.querySelector("[tabindex]")) picture.tabIndex = 0; // it may scroll
    holder.append(root);
    holder.classList.add("started");
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".live[data-figure]").forEach(start));
  return { figure, make, number, slider, choice, field, button, picture, narrow, place, generator, spoken, text, line, rect };
})();
