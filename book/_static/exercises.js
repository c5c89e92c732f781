/* Exercises that answer in the page: a form for each question whose answer is letters or values, judged as `check` judges it.

   What is known about an exercise comes with the page, as grulib.exercises.kinds.as_data writes it, and so do the sentences:
   a tuple is a list, and what has no form in JSON is { dots }, { set } or { dictionary }. tests/exercises/test_page.py gives every right
   answer, every misconception and some garbage to both judges. */
window.exercises = (() => {
  const element = document.getElementById("exercise-data");
  const { exercises = [], sentences: S = {}, all = {} } = element ? JSON.parse(element.textContent) : {};
  const fill = (template, fields) => template.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
  const listed = (names) => names.join(", ");

  /* ----- judging, the twin of grulib/exercises/judging.py and values.py ----- */

  const isDots = (value) => Boolean(value && value.dots);
  const bare = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const entriesOf = (value) => (Array.isArray(value) ? value : value && value.dictionary ? Object.values(value.dictionary) : null);
  const leaves = (value) => entriesOf(value)?.flatMap(leaves) ?? [value];

  function inBareTexts(value) {
    if (typeof value === "string") return bare(value);
    if (Array.isArray(value)) return value.map(inBareTexts);
    if (value && value.set) return { set: value.set.map(bare) };
    if (value && value.dictionary)
      return { dictionary: Object.fromEntries(Object.entries(value.dictionary).map(([key, entry]) => [key, inBareTexts(entry)])) };
    return value;
  }

  function kind(value) {
    if (value === null) return S.NONE;
    if (typeof value === "number") return S.NUMBER;
    if (typeof value === "string") return S.TEXT;
    if (typeof value === "boolean") return S.TRUE_OR_FALSE;
    if (Array.isArray(value)) return S.TUPLE;
    return value.set ? S.SET : S.DICTIONARY;
  }

  const same = (a, b) => JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());

  /* null if got is expected, else a sentence on how it differs. */
  function mismatch(got, expected, half, name, parts = []) {
    if (isDots(expected)) return null;
    if (isDots(got)) return fill(S.PART_NOT_ATTEMPTED, { name });
    if (expected && expected.dictionary) {
      const keys = Object.keys(expected.dictionary);
      if (!got || !got.dictionary) return fill(S.NO_DICTIONARY, { name, keys: listed(keys), got: kind(got) });
      if (!same(keys, Object.keys(got.dictionary)))
        return fill(Object.keys(got.dictionary).length ? S.WRONG_KEYS : S.NO_KEYS, { name, keys: listed(keys), got: listed(Object.keys(got.dictionary)) });
      return first(keys.map((key) => mismatch(got.dictionary[key], expected.dictionary[key], half, fill(S.ENTRY, { key: `'${key}'` }))));
    }
    if (Array.isArray(expected)) {
      if (!Array.isArray(got))
        return parts.length ? fill(S.NO_TUPLE_OF_PARTS, { name, count: parts.length, parts: listed(parts), got: kind(got) })
          : fill(S.NO_TUPLE, { name, count: expected.length, got: kind(got) });
      if (got.length !== expected.length) return fill(S.WRONG_LENGTH, { name, expected: expected.length, got: got.length });
      return first(expected.map((part, i) => mismatch(got[i], part, half, parts[i] || fill(S.PART, { name, number: i + 1 }))));
    }
    if (expected && expected.set) {
      const texts = got && got.set ? got.set : Array.isArray(got) && got.every((entry) => typeof entry === "string") ? got : null;
      return texts ? (same(texts, expected.set) ? null : fill(S.WRONG_SET, { name })) : fill(S.NO_SET, { name, got: kind(got) });
    }
    if (typeof got !== typeof expected || got === null) return fill(S.WRONG_KIND, { name, expected: kind(expected), got: kind(got) });
    if (typeof expected !== "number") return got === expected ? null : fill(S.WRONG_ONE, { name });
    if (!Number.isFinite(got)) return fill(S.NOT_FINITE, { name });
    const error = Math.abs(got - expected);
    if (error <= half) return null;
    return fill(1e-6 < half && half < 0.5 && error <= 10 * half ? S.NOT_WITHIN_ROUNDING : S.WRONG_VALUE, { name });
  }

  const first = (found) => found.find((sentence) => sentence) ?? null;

  /* An answer's parts by name if it has those of the right one, else null. */
  function byPart(exercise, outcome, right) {
    if (right && right.dictionary && outcome && outcome.dictionary && same(Object.keys(right.dictionary), Object.keys(outcome.dictionary)))
      return outcome.dictionary;
    const { parts } = exercise;
    return parts.length && Array.isArray(outcome) && outcome.length === right.length
      ? Object.fromEntries(parts.map((part, i) => [part, outcome[i]])) : null;
  }

  function problems(exercise, outcome, right, half) {
    const wrong = mismatch(outcome, right, half, S.THE_ANSWER, exercise.parts);
    const got = byPart(exercise, outcome, right);
    if (!wrong || !got) return wrong ? [wrong] : [];
    const wanted = byPart(exercise, right, right);
    const each = Object.keys(wanted).map((part) => [part, mismatch(got[part], wanted[part], half, part)]);
    const good = each.filter(([, sentence]) => !sentence).map(([part]) => part);
    return [...each.map(([, sentence]) => sentence).filter(Boolean), ...(good.length ? [fill(S.RIGHT_PARTS, { parts: listed(good) })] : [])];
  }

  /* Whether a misconception leaves open parts that another settles, and settles none besides. */
  function saysLess(answer, other) {
    const settled = (value) => entriesOf(value)?.map((part) => !leaves(part).some(isDots));
    const [one, by] = [settled(answer), settled(other)];
    return Boolean(one && by) && one.every((has, i) => !has || by[i]) && by.some((has, i) => has && !one[i]);
  }

  function diagnose(exercise, outcome, half) {
    const found = exercise.misconceptions.filter(([answer]) => mismatch(outcome, inBareTexts(answer), half, "") === null);
    const told = [...new Set(found.filter(([answer]) => !found.some(([other]) => saysLess(answer, other))).map(([, tells]) => tells))];
    return told.length ? [told[0], ...told.slice(1).map((tells) => fill(S.ALSO, { tells }))].join("\n") : null;
  }

  /* The status, and the lines that `check` would print. */
  function judge(exercise, answer) {
    const { id } = exercise;
    if (leaves(answer).every(isDots)) return { status: "not-attempted", lines: [fill(S.IS_NOT_ATTEMPTED, { id }), S.FILL_IN] };
    const letters = exercise.kind === "Choice";
    const outcome = letters ? [...new Set(bare(answer))].sort().join("") : inBareTexts(answer);
    const right = inBareTexts(exercise.reference);
    const half = letters || exercise.decimals === null ? 0 : 0.5 * 10 ** -exercise.decimals * (1 + 1e-9);
    const wrong = problems(exercise, outcome, right, half);
    if (!wrong.length) return { status: "right", lines: [fill(S.IS_RIGHT, { id })] };
    const diagnosis = diagnose(exercise, outcome, half);
    const last = diagnosis ? fill(S.PERHAPS, { tells: diagnosis }) : S.PRESS_HINT;
    return { status: "not-right", lines: [fill(S.IS_NOT_RIGHT, { id }), ...wrong, last] };
  }

  /* ----- what is solved, in this browser only ----- */

  const KEY = "grulib-solved";
  let kept = {}; // where the browser stores nothing, for this visit
  function solved() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      return kept;
    }
  }
  function store(ids) {
    kept = ids;
    try {
      localStorage.setItem(KEY, JSON.stringify(ids));
    } catch {
      // kept until the page is left
    }
    showProgress();
  }

  /* ----- forms ----- */

  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  /* What a reader types for a value of the expected form; what can't be read stays a text, and the judge says so. */
  function read(text, expected) {
    const words = text.trim();
    if (!words) return { dots: true };
    const parts = words.replace(/^[([{]|[)\]}]$/g, "").split(/[,;\s]+/).map((part) => part.replace(/^["'`]|["'`]$/g, "")).filter(Boolean);
    if (expected && expected.set) return { set: parts };
    if (Array.isArray(expected)) {
      const numbers = parts.map(readNumber);
      return numbers.every((value) => typeof value === "number") ? numbers : words;
    }
    return typeof expected === "number" ? readNumber(words) : words.replace(/^["'`]|["'`]$/g, "");
  }
  function readNumber(words) {
    const plain = words.replace(/−/g, "-").replace(/(\d)[_,](?=\d{3})/g, "$1");
    const [, over, under] = plain.match(/^([-+]?[\d.]+)\s*\/\s*([\d.]+)$/) || [];
    const value = over ? Number(over) / Number(under) : Number(plain);
    return Number.isFinite(value) ? value : words;
  }

  function field(label, expected) {
    const hint = expected && expected.set ? S.FORM_SET : Array.isArray(expected) ? S.FORM_TUPLE : typeof expected === "number" ? S.FORM_NUMBER : S.FORM_TEXT;
    const input = make("input", { type: "text", autocomplete: "off", placeholder: hint });
    return { row: make("label", { className: "field" }, make("span", {}, label), input), value: () => read(input.value, expected) };
  }

  /* Fields for a value, one for each part that has a name. */
  function fields(expected, parts, label) {
    const named = expected && expected.dictionary ? Object.entries(expected.dictionary) : parts && parts.length ? parts.map((part, i) => [part, expected[i]]) : null;
    if (!named) {
      const one = field(label, expected);
      return { rows: [one.row], value: one.value };
    }
    const each = named.map(([name, entry]) => [name, fields(entry, null, name)]);
    return {
      rows: each.flatMap(([, { rows }]) => rows),
      value: () => (expected.dictionary ? { dictionary: Object.fromEntries(each.map(([name, { value }]) => [name, value()])) } : each.map(([, { value }]) => value())),
    };
  }

  function choices({ id, letters, reference }) {
    const type = reference.length === 1 ? "radio" : "checkbox";
    const inputs = [...letters].map((letter) => make("input", { type, name: id, value: letter }));
    return {
      rows: [make("div", { className: "letters" }, ...inputs.map((input) => make("label", {}, input, ` ${input.value}`)))],
      value: () => inputs.filter((input) => input.checked).map((input) => input.value).join("") || { dots: true },
    };
  }

  function form(exercise) {
    const { rows, value } = exercise.kind === "Choice" ? choices(exercise) : fields(exercise.reference, exercise.parts, S.FORM_ANSWER);
    const verdict = make("div", { className: "verdict-of-form" });
    verdict.setAttribute("role", "status");
    const hints = make("div", { className: "hints" });
    const ask = make("button", { type: "button" }, S.FORM_HINT);
    ask.addEventListener("click", () => {
      const [number, count] = [hints.children.length + 1, exercise.hints.length];
      hints.append(make("p", {}, fill(S.FORM_HINT_TEXT, { number, count, hint: exercise.hints[number - 1] })));
      ask.disabled = number === count;
    });
    const made = make("form", { className: "exercise-form" }, ...rows, make("div", { className: "buttons" }, make("button", { type: "submit" }, S.FORM_CHECK), ask), verdict, hints);
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      const { status, lines } = judge(exercise, value());
      verdict.className = `verdict-of-form ${status}`;
      verdict.replaceChildren(make("b", {}, lines[0]), ...lines.slice(1).flatMap((line) => line.split("\n")).map((line) => make("div", {}, line)));
      if (status === "right") store({ ...solved(), [exercise.id]: true });
    });
    return made;
  }

  /* ----- progress: marks on this page's exercises, a count in the sidebar, and a page of its own ----- */

  function showProgress() {
    const done = solved();
    for (const [id, holder] of holders) holder.classList.toggle("solved", Boolean(done[id]));
    const ids = Object.values(all).flat();
    const count = ids.filter((id) => done[id]).length;
    for (const place of document.querySelectorAll(".solved-count")) place.textContent = fill(S.FORM_SOLVED, { count, all: ids.length });
    const table = document.getElementById("progress");
    if (!table) return;
    const rows = Object.entries(all).map(([chapter, those]) =>
      make("tr", {}, make("th", { scope: "row" }, make("a", { href: `${chapter}.html#exercises` }, chapter)),
        make("td", {}, ...those.flatMap((id) => [make("a", { href: `${chapter}.html#ex-${id.replace(".", "-")}`, className: done[id] ? "done" : "" }, done[id] ? `✓ ${id.split(".")[1]}` : id.split(".")[1]), " "]))));
    const save = make("button", { type: "button" }, S.FORM_EXPORT);
    save.addEventListener("click", () => {
      const file = new Blob([JSON.stringify(Object.keys(done).sort(), null, 1)], { type: "application/json" });
      const link = make("a", { href: URL.createObjectURL(file), download: "solved.json" });
      link.click();
      URL.revokeObjectURL(link.href);
    });
    const forget = make("button", { type: "button" }, S.FORM_FORGET);
    forget.addEventListener("click", () => store({}));
    table.replaceChildren(make("p", {}, fill(S.FORM_SOLVED, { count, all: ids.length })), make("table", { className: "grulib-table" }, make("tbody", {}, ...rows)), save, " ", forget);
  }

  const holders = new Map();
  for (const exercise of exercises) {
    const holder = document.getElementById(`ex-${exercise.id.replace(".", "-")}`);
    if (!holder) continue;
    holders.set(exercise.id, holder);
    holder.append(form(exercise));
    const stub = holder.nextElementSibling; // the cell with dots, for Jupyter
    if (stub && stub.classList.contains("cell")) stub.hidden = true;
  }
  if (element) {
    const place = document.querySelector(".bd-links, .sidebar-primary-item nav, .bd-sidebar-primary");
    const href = document.querySelector('.bd-sidebar-primary a[href$="progress.html"]')?.getAttribute("href");
    if (place && href) place.append(make("a", { className: "solved-count", href }));
    showProgress();
  }
  return { judge, read };
})();
