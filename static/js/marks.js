/* Marks of statements, a choice taken back, notes that a part rests on. All of it works with plain fields; this makes it quick. */

const form = document.getElementById("review-form");

if (form) {
  const told = (field) => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  /* One Tab stop for the statements of a part: up and down go from line to line, left and right are the browser's own. */
  const groupsOf = (part) => [...part.querySelectorAll("[data-marks]")].filter((group) => group.offsetParent);
  const rove = (part, chosen) => {
    for (const group of part.querySelectorAll("[data-marks]")) {
      for (const radio of group.querySelectorAll("input")) radio.tabIndex = group === chosen ? 0 : -1;
    }
  };
  const parts = () => form.querySelectorAll("[data-part], .sunken");
  const settle = () => { for (const part of parts()) rove(part, part.querySelector("[data-marks]")); };
  const standing = (group) => group.querySelector("input:checked") || group.querySelector("input");

  form.addEventListener("focusin", (event) => {
    const group = event.target.closest("[data-marks]");
    if (group) rove(group.closest(".sunken, [data-part]"), group);
  });

  form.addEventListener("keydown", (event) => {
    const radio = event.target;
    if (event.altKey || event.ctrlKey || event.metaKey || !["radio", "checkbox"].includes(radio.type)) return;
    // Enter would send the form; in a choice nobody means that.
    if (event.key === "Enter") { event.preventDefault(); return; }
    const group = radio.closest("[data-marks]");
    if (["Delete", "Backspace"].includes(event.key) && radio.type === "radio") {
      event.preventDefault();
      if (group) choose(group.querySelector("input")); else takeBack(radio.name);
      return;
    }
    if (!group) return;
    if (/^[0-4]$/.test(event.key)) {
      event.preventDefault();
      choose(group.querySelectorAll("input")[Number(event.key)]);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const groups = groupsOf(group.closest(".sunken, [data-part]"));
    const next = groups[groups.indexOf(group) + step];
    if (next) standing(next).focus();
  });

  const choose = (radio) => {
    radio.focus();
    if (radio.checked) return;
    radio.checked = true;
    told(radio);
  };

  const takeBack = (name) => {
    const chosen = form.querySelector(`input[type=radio][name="${CSS.escape(name)}"]:checked`);
    if (!chosen) return;
    chosen.checked = false;
    told(chosen);
    chosen.focus();
  };

  for (const button of form.querySelectorAll("[data-clear]")) {
    button.type = "button";
    button.tabIndex = -1; // the Delete key does the same where one is; the Tab key has far to go already
    button.addEventListener("click", () => takeBack(button.value));
  }

  /* What the marks of a part say, in words. */
  const words = document.getElementById("seen-words")?.dataset;
  const seen = (part) => {
    const line = part.querySelector("[data-seen]");
    if (!line || !words) return;
    const given = [...part.querySelectorAll("[data-marks] input:checked")].filter((radio) => !radio.closest(".sunken")).map((radio) => radio.value);
    const count = (value) => given.filter((one) => one === value).length;
    const say = (text, n) => text.replace("%n", n).replace("%total", line.dataset.seen);
    const strengths = count("strength"), said = [];
    line.hidden = !given.some(Boolean);
    said.push(say(words.shown, strengths + count("shown")));
    if (strengths) said.push(say(strengths === 1 ? words.strength : words.strengths, strengths));
    if (count("not_yet")) said.push(say(words.notYet, count("not_yet")));
    if (count("no_opportunity")) said.push(say(words.noOpportunity, count("no_opportunity")));
    line.querySelector("span").textContent = said.join(", ");
  };

  /* The notes of a part, as they will be read. */
  const rests = (part) => {
    const box = part.querySelector("[data-rests-on]");
    if (!box) return;
    const lines = [...part.querySelectorAll(".note-choice")].filter((label) => label.querySelector("input").checked).map((label) => {
      const line = document.createElement("li"), day = document.createElement("span");
      day.className = "quiet nowrap";
      day.textContent = label.querySelector("[data-note-when]").textContent;
      line.append(`${label.querySelector("[data-note-text]").textContent} `, day);
      return line;
    });
    box.hidden = !lines.length;
    box.querySelector("ul").replaceChildren(...lines);
  };

  form.addEventListener("change", (event) => {
    const part = event.target.closest("[data-part]");
    if (!part) return;
    if (event.target.closest("[data-marks]")) seen(part);
    if (event.target.closest(".note-choice")) rests(part);
  });
  form.querySelector("#marking")?.addEventListener("change", settle);

  /* What was found and chosen stays when something else is looked for. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const found = event.detail.target.closest("[data-notes] > [id$='-found']");
    found?.before(...[...found.querySelectorAll(".note-choice")].filter((label) => label.querySelector("input").checked));
  });
  /* A note that stands in the part already is not offered twice: taken out before the browser paints what came in. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const known = new Set();
    for (const label of event.target.closest?.("[data-notes]")?.querySelectorAll(".note-choice") ?? []) {
      if (known.has(label.dataset.note)) label.remove(); else known.add(label.dataset.note);
    }
  });
  document.addEventListener("htmx:load", (event) => { if (form.contains(event.detail.elt)) settle(); });
  addEventListener("pageshow", () => { for (const part of form.querySelectorAll("[data-part]")) { seen(part); rests(part); } });
  settle();
}
