"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const list = byId("calls");
  const cards = [...list.children];
  // Calls with nearly the same text stand under the best of them, and are found and counted like the others.
  const alike = new Map(cards.map((card) => [card, [...card.querySelectorAll(".alike li")]]));
  const withAlike = (card) => [card, ...(alike.get(card) ?? [])];
  const all = cards.flatMap(withAlike).length;
  const excludedList = byId("excluded-calls");
  const excluded = excludedList ? [...excludedList.children] : [];
  const search = byId("search");
  const count = byId("count");
  const filters = ["area", "line", "programme", "state", "verdict", "days"].map(byId).filter(Boolean);
  const sort = byId("sort");
  const language = document.documentElement.lang;
  const plural = new Intl.PluralRules(language);
  const number = (n) => n.toLocaleString(language);

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  const textOf = (call) => {
    if (!texts.has(call)) {
      const others = call.querySelector(".alike")?.textContent ?? "";
      // What the text says is written out once, for the best of those that nearly share it.
      const common = call.parentElement.closest(".call")?.querySelector(".more").textContent ?? "";
      texts.set(call, plain(`${call.textContent.replace(others, "")} ${common}`));
    }
    return texts.get(call);
  };

  const accepts = {
    area: (card, wanted) => card.dataset.area.split(" ").includes(wanted),
    line: (card, wanted) => card.dataset.line.split(" ").includes(wanted),
    programme: (card, wanted) => card.dataset.programme === wanted,
    state: (card, wanted) => card.dataset.state === wanted,
    verdict: (card, wanted) => card.dataset.verdict === wanted,
    days: (card, wanted) => card.dataset.days !== "" && Number(card.dataset.days) <= Number(wanted),
  };

  const fits = (call, wanted, terms) => wanted.every(([name, value]) => accepts[name](call, value))
    && (terms.length === 0 || terms.every((term) => textOf(call).includes(term)));

  const show = (items, wanted, terms) => {
    let shown = 0;
    for (const card of items) {
      const fitting = withAlike(card).filter((call) => fits(call, wanted, terms));
      for (const one of alike.get(card) ?? []) one.hidden = !fitting.includes(one);
      const others = card.querySelector(".alike");
      if (others) {
        const found = fitting.filter((call) => call !== card).length;
        others.hidden = found === 0;
        if (found > 0 && !fitting.includes(card)) others.open = true;
      }
      const visible = fitting.length > 0;
      if (card.hidden === visible) card.hidden = !visible;
      shown += fitting.length;
    }
    return shown;
  };

  const apply = () => {
    const wanted = filters.filter((one) => one.value).map((one) => [one.id, one.value]);
    const terms = plain(search.value).split(/\s+/).filter(Boolean);
    const shown = show(cards, wanted, terms);
    const words = plural.select(shown) === "one" ? count.dataset.one : count.dataset.other;
    count.textContent = words.replace("{shown}", number(shown)).replace("{all}", number(all));
    byId("none").hidden = shown > 0;
    if (excludedList) {
      const others = wanted.filter(([name]) => name !== "verdict");
      byId("excluded-count").textContent = number(show(excluded, others, terms));
    }
  };

  const known = (call, name, missing) => (call.dataset[name] === "" ? missing : Number(call.dataset[name]));
  const nearest = (card) => Math.min(...withAlike(card).map((call) => known(call, "days", 1e9)));
  const largest = (card) => Math.max(...withAlike(card).map((call) => known(call, "budget", -1)));
  const byRank = (a, b) => a.dataset.rank - b.dataset.rank;
  const orders = {
    rank: byRank,
    deadline: (a, b) => nearest(a) - nearest(b) || byRank(a, b),
    budget: (a, b) => largest(b) - largest(a) || byRank(a, b),
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
