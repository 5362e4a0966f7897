"use strict";
(async () => {
  const root = document.documentElement;

  async function unpacked(id) {
    const letters = atob(document.getElementById(id).textContent);
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  const library = document.createElement("script");
  try {
    library.textContent = await unpacked("vega");
    document.head.append(library);
  } catch {
    root.classList.remove("scripted"); // an old browser: the still charts serve
    return;
  }
  const specs = JSON.parse(await unpacked("specs")), themes = JSON.parse(await unpacked("themes"));
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

  dark.addEventListener("change", () => {
    for (const name of views.keys()) draw(document.querySelector(`[data-figure="${CSS.escape(name)}"]`));
  });
  picker?.addEventListener("change", () => {
    for (const [name, made] of views)
      if ("params" in specs[name]) made.view.signal("genre", picker.value).runAsync();
  });

  // One after the other, so that the page answers meanwhile.
  for (const figure of document.querySelectorAll("[data-figure]")) {
    await draw(figure);
    await new Promise((next) => setTimeout(next));
  }
  root.dataset.drawn = views.size;
  document.dispatchEvent(new Event("drawn"));
})();
