// What the keyboard can do beside Tab and Enter. Every page is whole without this file.
"use strict";

(() => {
  const OFF = "funding-keys-off";
  const main = document.getElementById("main");
  const help = document.getElementById("keys");
  const search = () => main.querySelector("input[type=search]");
  const cards = () => [...main.querySelectorAll(".call, [data-card]")].filter((card) => card.checkVisibility());
  const linkOf = (card) => card.querySelector("h2 a, h3 a, a");
  const current = () => cards().findIndex((card) => card.contains(document.activeElement));

  const step = (by) => {
    const all = cards();
    const at = current();
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (!next) return;
    linkOf(next)?.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const actions = {
    "/": () => search()?.focus(),
    j: () => step(1),
    k: () => step(-1),
    o: () => { const card = cards()[current()]; if (card) linkOf(card)?.click(); },
    "?": () => help.showModal(),
  };

  const typing = (target) => target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), select, textarea");

  let off = false;
  try { off = localStorage.getItem(OFF) === "1"; } catch { /* storage may be forbidden: then nothing is remembered */ }
  const box = document.getElementById("keys-off");
  box.checked = off;
  box.addEventListener("change", () => {
    off = box.checked;
    try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* as above */ }
  });

  document.addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.metaKey || event.altKey || help.open || typing(event.target)) return;
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  for (const hint of document.querySelectorAll(".keys")) hint.hidden = false;
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  }

  // What takes the place of the whole main part is read from its beginning.
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target === main) main.focus(); });
})();
