/* Sphinx's search asks for each page that it has found, to show a part of it; pages that were opened from files can't be asked for.
   So it is given what texts.js has. */
(() => {
  const ask = window.fetch;
  window.fetch = (address, ...more) => {
    const text = window.texts?.[String(address).replace(/^\.?\//, "")];
    return text === undefined ? ask(address, ...more) : Promise.resolve(new Response(`<div role="main">${text}</div>`));
  };
})();
