"use strict";
(() => {
  const bar = document.querySelector(".bar");
  const input = bar.querySelector("input");
  const told = bar.querySelector("output");
  const chips = [...bar.querySelectorAll("button[data-risk]")];
  let known = null;
  // A large page is read once somebody asks.
  const items = () =>
    (known ??= [...document.querySelectorAll("[data-item]")].map((element) => ({
      element,
      text: element.textContent.toLowerCase(),
      risks: (element.dataset.risks || "").split(" "),
      isChange: element.matches("details[data-risks]"),
    })));
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const risks = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.risk);
    let shown = 0;
    for (const { element, text, risks: own, isChange } of items()) {
      const fits =
        words.every((word) => text.includes(word)) &&
        (risks.length === 0 || (isChange && risks.some((risk) => own.includes(risk))));
      element.classList.toggle("off", !fits);
      shown += fits ? 1 : 0;
    }
    told.textContent = words.length || risks.length ? bar.dataset.shown.replace("#", shown).replace("#", items().length) : "";
  };
  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
    }
  };
  const openAll = (open) => {
    for (const each of document.querySelectorAll("details")) {
      each.open = open;
    }
  };
  input.addEventListener("input", apply);
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  bar.querySelector("[data-open]").addEventListener("click", () => openAll(true));
  bar.querySelector("[data-close]").addEventListener("click", () => openAll(false));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "/" && document.activeElement !== input) {
      event.preventDefault();
      input.focus();
    } else if (event.key === "Escape" && (input.value || document.activeElement === input)) {
      input.value = "";
      apply();
      input.blur();
    }
  });
  addEventListener("hashchange", openTarget);
  addEventListener("beforeprint", () => openAll(true));
  bar.hidden = false;
  openTarget();
})();
