"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const list = byId("calls");
  const cards = [...list.children];
  const excludedList = byId("excluded-calls");
  const excluded = excludedList ? [...excludedList.children] : [];
  const search = byId("search");
  const count = byId("count");
  const filters = ["area", "programme", "state", "verdict", "days"].map(byId);
  const sort = byId("sort");
  const language = document.documentElement.lang;
  const plural = new Intl.PluralRules(language);
  const number = (n) => n.toLocaleString(language);

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, plain(card.textContent));
    return texts.get(card);
  };

  const accepts = {
    area: (card, wanted) => card.dataset.area.split(" ").includes(wanted),
    programme: (card, wanted) => card.dataset.programme === wanted,
    state: (card, wanted) => card.dataset.state === wanted,
    verdict: (card, wanted) => card.dataset.verdict === wanted,
    days: (card, wanted) => card.dataset.days !== "" && Number(card.dataset.days) <= Number(wanted),
  };

  const show = (items, wanted, terms) => {
    let shown = 0;
    for (const card of items) {
      const fits = wanted.every(([name, value]) => accepts[name](card, value))
        && (terms.length === 0 || terms.every((term) => textOf(card).includes(term)));
      if (card.hidden === fits) card.hidden = !fits;
      shown += fits;
    }
    return shown;
  };

  const apply = () => {
    const wanted = filters.filter((one) => one.value).map((one) => [one.id, one.value]);
    const terms = plain(search.value).split(/\s+/).filter(Boolean);
    const shown = show(cards, wanted, terms);
    const words = plural.select(shown) === "one" ? count.dataset.one : count.dataset.other;
    count.textContent = words.replace("{shown}", number(shown)).replace("{all}", number(cards.length));
    byId("none").hidden = shown > 0;
    if (excludedList) {
      const others = wanted.filter(([name]) => name !== "verdict");
      byId("excluded-count").textContent = number(show(excluded, others, terms));
    }
  };

  const known = (card, name, missing) => (card.dataset[name] === "" ? missing : Number(card.dataset[name]));
  const byRank = (a, b) => a.dataset.rank - b.dataset.rank;
  const orders = {
    rank: byRank,
    deadline: (a, b) => known(a, "days", 1e9) - known(b, "days", 1e9) || byRank(a, b),
    budget: (a, b) => known(b, "budget", -1) - known(a, "budget", -1) || byRank(a, b),
  };

  for (const one of filters) one.addEventListener("change", apply);
  search.addEventListener("input", apply);
  sort.addEventListener("change", () => list.append(...[...cards].sort(orders[sort.value])));
  byId("reset").addEventListener("click", () => {
    for (const one of [search, ...filters]) one.value = "";
    apply();
    search.focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("panel").open = true;
      search.focus();
      search.select();
    }
  });
  // A page without the script shows all calls and no controls; on a small screen they wait until asked for.
  const panel = byId("panel");
  panel.open = window.matchMedia("(min-width: 900px)").matches;
  panel.hidden = false;
  // Browsers keep what was chosen before a reload.
  apply();
  if (sort.value !== "rank") sort.dispatchEvent(new Event("change"));
})();
