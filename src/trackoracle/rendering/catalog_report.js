"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const specs = read("specs"), themes = read("themes");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();
  const picker = document.getElementById("genre");

  async function draw(figure) {
    const name = figure.dataset.figure, tone = dark.matches ? "dark" : "light";
    const options = { actions: false, renderer: "svg", config: themes[tone], tooltip: { theme: tone } };
    views.get(name)?.finalize();
    const made = await vegaEmbed(figure.querySelector(".live"), specs[name], options);
    views.set(name, made);
    if (picker && "params" in specs[name]) await made.view.signal("genre", picker.value).runAsync();
  }

  // One after the other, so that the page answers meanwhile.
  (async () => {
    for (const figure of document.querySelectorAll("[data-figure]")) {
      await draw(figure);
      await new Promise((next) => setTimeout(next));
    }
    document.documentElement.dataset.drawn = views.size;
    document.dispatchEvent(new Event("drawn"));
  })();

  dark.addEventListener("change", () => {
    for (const name of views.keys()) draw(document.querySelector(`[data-figure="${CSS.escape(name)}"]`));
  });
  picker?.addEventListener("change", () => {
    for (const [name, made] of views)
      if ("params" in specs[name]) made.view.signal("genre", picker.value).runAsync();
  });
})();
