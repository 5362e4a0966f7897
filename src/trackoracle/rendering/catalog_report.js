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

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "600px" });
  document.querySelectorAll("[data-figure]").forEach((figure) => near.observe(figure));

  dark.addEventListener("change", () => {
    for (const name of views.keys()) draw(document.querySelector(`[data-figure="${CSS.escape(name)}"]`));
  });
  picker?.addEventListener("change", () => {
    for (const [name, made] of views)
      if ("params" in specs[name]) made.view.signal("genre", picker.value).runAsync();
  });
})();
