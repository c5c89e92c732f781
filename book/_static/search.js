/* Sphinx's search asks for each page that it has found, to show a part of it; pages that were opened from files can't be asked for.
   So it is given what texts.js has. */
(() => {
  const ask = window.fetch;
  window.fetch = (address, ...more) => {
    const text = window.texts?.[String(address).replace(/^\.?\//, "")];
    return text === undefined ? ask(address, ...more) : Promise.resolve(new Response(`<div role="main">${text}</div>`));
  };
  /* Chinese has no spaces: a part of a term stands for each term that has it. */
  document.addEventListener("DOMContentLoaded", () => {
    const perform = Search._performSearch;
    Search._performSearch = (query, ...more) => {
      const results = perform(query, ...more);
      const part = query.trim();
      if (!/[\u4e00-\u9fff]/.test(part)) return results;
      for (const [entry, places] of Object.entries(Search._index.indexentries))
        if (entry.includes(part))
          for (const [file, id] of places) {
            const { docnames, titles, filenames } = Search._index;
            if (!results.some(([name]) => name === docnames[file]))
              results.unshift([docnames[file], titles[file], id ? `#${id}` : "", null, 1, filenames[file]]);
          }
      return results;
    };
  });
})();
