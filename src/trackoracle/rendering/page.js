// The pages of the service: the form, the list of addresses, and the token that both may need.
"use strict";

const TOKEN = "trackoracle-token";
const MOST_REASONS = 8;

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function headers(type) {
  const token = sessionStorage.getItem(TOKEN);
  return { ...(type ? { "Content-Type": type } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

// -- the form ---------------------------------------------------------------------------------

function startForm(form) {
  const key = `trackoracle:${form.dataset.name}`;
  const fields = [...form.querySelectorAll("[data-kind]")];
  const slider = (field) => form.querySelector(`[data-of="${CSS.escape(field.name)}"]`);
  let nEdits = 0;
  const edited = () => { nEdits += 1; outdate(); };
  const slide = (field) => { const s = slider(field); if (s && field.value !== "") s.value = field.value; };

  function remember() {
    const values = Object.fromEntries(fields.map((f) => [f.name, f.value]));
    try { localStorage.setItem(key, JSON.stringify(values)); } catch { /* private window */ }
  }

  function recall() {
    let values = {};
    try { values = JSON.parse(localStorage.getItem(key)) ?? {}; } catch { /* private window */ }
    for (const field of fields) {
      if (typeof values[field.name] === "string") field.value = values[field.name];
      slide(field);
    }
  }

  function say(field, sentence) {
    const place = field.closest(".field").querySelector(".wrong");
    place.textContent = sentence;
    place.hidden = !sentence;
    field.setAttribute("aria-invalid", sentence ? "true" : "false");
  }

  function isFit(field) {
    const fits = field.checkValidity();
    say(field, fits ? "" : field.validationMessage);
    return fits;
  }

  function track() {
    const unfit = fields.filter((field) => !isFit(field));
    if (unfit.length) { outdate(); unfit[0].focus(); return null; }
    const given = {};
    for (const field of fields) {
      const text = field.value.trim();
      if (text === "") continue;
      if (field.dataset.kind === "number") given[field.name] = Number(text);
      else if (field.dataset.kind === "list") given[field.name] = text.split(";").map((t) => t.trim()).filter(Boolean);
      else given[field.name] = text;
    }
    return given;
  }

  async function ask(address, show) {
    const given = track();
    if (given === null) return;
    remember();
    const asked = nEdits;
    try {
      const reply = await fetch(address, { method: "POST", headers: headers("application/json"), body: JSON.stringify(given) });
      const facts = await reply.json();
      if (reply.ok) { show(facts); if (asked !== nEdits) outdate(); return; }
      const field = fields.find((f) => f.name === facts.facts?.column);
      if (field) { outdate(); say(field, facts.detail); field.focus(); } else tell(facts.detail);
    } catch { tell("The service did not answer. Is it still running?"); }
  }

  for (const field of fields) {
    field.addEventListener("input", () => { edited(); slide(field); isFit(field); remember(); });
    slider(field)?.addEventListener("input", (event) => { edited(); field.value = event.target.value; isFit(field); remember(); });
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); ask("predict", (facts) => showPrediction(form, facts)); });
  document.getElementById("why").addEventListener("click", () => ask("explain", (facts) => {
    showPrediction(form, facts.answer);
    showReasons(facts);
  }));
  document.getElementById("reset").addEventListener("click", () => {
    edited();
    for (const field of fields) { field.value = field.dataset.default; say(field, ""); slide(field); }
    remember();
  });
  recall();
}

const answer = () => document.getElementById("answer");
const tell = (sentence) => { fresh(); answer().replaceChildren(el("p", { class: "wrong" }, sentence)); };
// The form now says something else than what was answered: the answer turns grey.
const outdate = () => { if (answer().querySelector(".big")) answer().classList.add("outdated"); };
const fresh = () => answer().classList.remove("outdated");
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

function bars(rows) {
  const box = el("div", { class: "bars" });
  for (const { what, from, width, number, down, middle } of rows) {
    const fill = el("i");
    fill.style.left = `${from}%`;
    fill.style.width = `${width}%`;
    box.append(
      el("span", { class: "what" }, what),
      el("span", { class: down ? "track down" : "track" }, fill, ...(middle ? [el("span", { class: "mid" })] : [])),
      el("span", { class: "number" }, number),
    );
  }
  return box;
}

const tenths = (number) => (Math.round(10 * number) / 10 + 0).toFixed(1); // no "-0.0"
const share = (what, p) => ({ what, from: 0, width: 100 * p, number: percent(p) });

function showPrediction(form, facts) {
  const { target, hit } = form.dataset;
  const tiers = form.dataset.tiers ? form.dataset.tiers.split("|") : [];
  const parts = [];
  if (target === "popularity") {
    const { popularity, popularity_median: median, popularity_low: low, popularity_high: high } = facts;
    parts.push(el("p", { class: "big" }, `${popularity.toFixed(0)} points`));
    parts.push(el("p", { class: "soft" }, `expected popularity of 100; nine in ten such tracks have ${low.toFixed(0)} to ${high.toFixed(0)}, half at most ${median.toFixed(0)}`));
    const span = el("i"), mark = el("b");
    span.style.left = `${low}%`;
    span.style.width = `${high - low}%`;
    mark.style.left = `${popularity}%`;
    parts.push(el("div", { class: "scale01", role: "img", "aria-label": `interval ${low} to ${high}` }, span, mark));
    parts.push(el("div", { class: "ticks" }, ...[0, 25, 50, 75, 100].map((n) => el("span", {}, String(n)))));
  } else if (target === "hit") {
    parts.push(el("p", { class: "big" }, percent(facts.p_hit)));
    parts.push(el("p", { class: "soft" }, `probability of ${hit}: ${facts.is_hit ? "called a hit" : "called no hit"}`));
  } else {
    parts.push(el("p", { class: "big" }, tiers[facts.tier] ?? `tier ${facts.tier}`));
    parts.push(el("p", { class: "soft" }, "points, the most probable tier"));
  }
  const shares = tiers.map((tier, i) => share(tier, facts[`p_tier_${i}`]));
  if (target === "popularity") shares.push(share(`a hit: ${hit}`, facts.p_hit));
  if (target === "hit") shares.push(share("hit", facts.p_hit), share("no hit", 1 - facts.p_hit));
  parts.push(el("h2", {}, target === "hit" ? "Probabilities" : "Probability of points"), bars(shares));
  if (facts.warning) parts.push(el("p", { class: "note" }, facts.warning));
  const known = facts.known ? facts.known.split(";").join(", ") : "nothing";
  parts.push(el("p", { class: "soft small" }, `Known of it: ${known}.`));
  fresh();
  answer().replaceChildren(...parts);
  if (answer().getBoundingClientRect().top > innerHeight) answer().scrollIntoView({ block: "start" });
}

function showReasons(facts) {
  const some = facts.attributions.filter((a) => a.feature !== "calibration").slice(0, MOST_REASONS);
  const most = Math.max(...some.map((a) => Math.abs(a.contribution)), 1e-9);
  const rows = some.map((a) => {
    const width = (50 * Math.abs(a.contribution)) / most;
    const value = typeof a.value === "number" && !Number.isInteger(a.value) ? Number(a.value.toPrecision(3)) : a.value;
    return {
      what: value === null ? a.feature : `${a.feature} ${value}`,
      from: a.contribution < 0 ? 50 - width : 50,
      width, down: a.contribution < 0, middle: true,
      number: (a.contribution < 0 ? "−" : "+") + Math.abs(a.contribution).toFixed(2),
    };
  });
  answer().append(
    el("h2", {}, `Why, in ${facts.unit}`), bars(rows),
    el("p", { class: "soft small" }, `From ${tenths(facts.baseline)}, where nothing is known, to ${tenths(facts.prediction)}. What went together in known tracks, not what causes popularity.`),
  );
}

// -- the addresses ----------------------------------------------------------------------------

function startOperation(box, root) {
  const [examples, body, got, status] = [".examples", "textarea", ".got", ".status"].map((s) => box.querySelector(s));
  examples?.addEventListener("change", () => { body.value = examples.value; });
  box.querySelector(".send").addEventListener("click", async () => {
    const options = [...box.querySelectorAll("[data-option]")].filter((o) => o.value !== "");
    const query = new URLSearchParams(options.map((o) => [o.dataset.option, o.value])).toString();
    const address = root + box.dataset.path.slice(1) + (query ? `?${query}` : "");
    const type = examples?.selectedOptions[0].dataset.type;
    const files = [...box.querySelectorAll("[data-file]")];
    const form = new FormData();
    for (const file of files) if (file.files.length) form.append(file.dataset.file, file.files[0]);
    const sent = files.length ? { body: form } : body ? { body: body.value } : {};
    try {
      const reply = await fetch(address, { method: box.dataset.method, headers: headers(type), ...sent });
      const text = await reply.text();
      status.textContent = `${reply.status}, ${reply.headers.get("Content-Type")}`;
      try { got.textContent = JSON.stringify(JSON.parse(text), null, 1); } catch { got.textContent = text; }
      got.hidden = false;
    } catch { status.textContent = "The service did not answer. Is it still running?"; }
  });
}

// -- the token --------------------------------------------------------------------------------

async function open(place) {
  const reply = await fetch(location.href, { headers: { ...headers(), Accept: "text/html" } });
  if (reply.ok) {
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    document.title = page.title;
    document.body.replaceWith(page.body);
    start();
  } else if (place) {
    place.textContent = "Not the token of this service.";
    place.hidden = false;
  }
}

function startToken(form) {
  const field = form.querySelector("input");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, field.value.trim());
    open(form.querySelector(".wrong"));
  });
  if (sessionStorage.getItem(TOKEN)) open(null);
}

function start() {
  const root = document.querySelector('link[rel="stylesheet"]').getAttribute("href").replace("page.css", "");
  const [form, token] = ["track", "token"].map((id) => document.getElementById(id));
  if (form) startForm(form);
  if (token) startToken(token);
  for (const box of document.querySelectorAll(".operation")) startOperation(box, root);
}

start();
