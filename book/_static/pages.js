/* What pages can do: a picture grows when one clicks on it or presses Enter, long tables are sorted and filtered, verdicts chosen. */
(() => {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  function enlarge(picture) {
    const dialog = make("dialog", { className: "enlarged" }, picture.cloneNode(true));
    dialog.setAttribute("aria-label", "Enlarged figure, press Escape to close");
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && dialog.close()); // which the theme keeps for itself
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function enlargeable(holder) {
    const picture = holder.querySelector("svg.diagram, img");
    const button = make("button", { className: "enlarge", type: "button", title: "Enlarge" });
    button.setAttribute("aria-label", "Enlarge this figure");
    button.addEventListener("click", () => enlarge(picture));
    picture.addEventListener("click", () => enlarge(picture));
    holder.after(button);
  }

  const cellText = (row, column) => row.cells[column].textContent.trim();

  function compare(a, b) {
    const [x, y] = [parseFloat(a), parseFloat(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
  }

  function sortable(table) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => compare(cellText(a, column), cellText(b, column)));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  }

  function filterable(table) {
    const input = make("input", { type: "search", className: "filter", placeholder: "Filter this table" });
    input.setAttribute("aria-label", "Filter this table");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(words);
    });
    table.before(input);
  }

  function chooseByVerdict(boxes) {
    const verdicts = ["all", "holds", "condition", "overstated", "false"];
    const words = { all: "all verdicts", condition: "holds under a condition" };
    const options = verdicts.map((verdict) => make("option", { value: verdict }, words[verdict] || verdict));
    const select = make("select", { className: "filter" }, ...options);
    select.setAttribute("aria-label", "Show the claims with this verdict");
    select.addEventListener("change", () => {
      for (const box of boxes) box.hidden = select.value !== "all" && !box.classList.contains(`verdict-${select.value}`);
    });
    boxes[0].closest("section").before(select);
  }

  /* What scrolls sideways can be reached by keyboard, too. */
  function reachable() {
    for (const part of document.querySelectorAll(".picture, .pst-scrollable-table-container, .cell_output, .output, pre, mjx-container"))
      if (part.clientWidth && part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX !== "visible" && !part.querySelector("a, button, input, [tabindex]")) part.tabIndex = 0;
  }

  for (const holder of document.querySelectorAll(".picture")) enlargeable(holder);
  const boxes = [...document.querySelectorAll("article .admonition.verdict")];
  if (boxes.length >= 10) chooseByVerdict(boxes);
  for (const table of document.querySelectorAll("article table")) {
    if (!table.tHead || table.tBodies.length !== 1) continue;
    if (table.tBodies[0].rows.length >= 8) sortable(table);
    if (table.tBodies[0].rows.length >= 15) filterable(table);
  }
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    reachable();
  });
  addEventListener("resize", reachable);
})();
