/* The desk of a review keeps its own count: what is rated, what is missing, how the ratings lie. The server counts again on every load. */

const form = document.getElementById("review-form");

if (form) {
  const isManager = form.dataset.kind === "manager";
  const parts = [...form.querySelectorAll("[data-part]")];
  const items = parts.filter((part) => !("whole" in part.dataset) && !("question" in part.dataset));
  const text = (name) => form.elements[name]?.value?.trim() ?? "";
  const choice = (name) => form.querySelector(`input[name="${CSS.escape(name)}"]:checked`)?.value ?? "";

  const isDone = (part) => {
    const id = part.dataset.part;
    if (id === "field-summary") return Boolean(text("summary"));
    if (id === "field-overall") return Boolean(choice("overall"));
    if ("question" in part.dataset) return "optional" in part.dataset || Boolean(text(`${id}-comment`));
    return Boolean(choice(`${id}-value`)) || (!isManager && Boolean(text(`${id}-comment`)));
  };

  /* The same as rules.ratings.weighted_median: the lowest point with more than half of the weight at or below it;
     where it is exactly half, the middle up to the next point, rounded up. */
  const median = (weighted) => {
    const sorted = weighted.filter(([, weight]) => weight > 0).sort(([a], [b]) => a - b);
    const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
    let below = 0;
    for (const [number, [point, weight]] of sorted.entries()) {
      below += weight;
      if (2 * below === total) return Math.floor((point + sorted[number + 1][0] + 1) / 2);
      if (2 * below > total) return point;
    }
    return null;
  };

  const profile = () => {
    const box = form.querySelector("[data-profile]");
    if (!box) return false;
    const rated = items.filter((part) => part.id.startsWith("c")).map((part) => [choice(`${part.id}-value`), Number(part.dataset.weight ?? 1)]).filter(([value]) => value);
    const given = rated.map(([value]) => value);
    const counts = [...box.querySelectorAll("[data-count-point]")].map((cell) => {
      const count = given.filter((value) => value === cell.dataset.countPoint).length;
      cell.textContent = count;
      return [cell.closest("tr").querySelector("progress"), count];
    });
    const top = Math.max(1, ...counts.map(([, count]) => count));
    for (const [bar, count] of counts) { bar.max = top; bar.value = count; }
    for (const cell of box.querySelectorAll("[data-count-mark]")) cell.textContent = given.filter((value) => value === cell.dataset.countMark).length;
    const middle = median(rated.map(([value, weight]) => [Number(value), weight]).filter(([value]) => !Number.isNaN(value)));
    const overall = Number(choice("overall"));
    const departs = Boolean(overall) && middle !== null && Math.abs(overall - middle) >= 1;
    form.querySelector("[data-departs]").hidden = !departs;
    form.querySelector("[data-departure-optional]").hidden = departs;
    return departs;
  };

  const missing = (departs) => {
    const region = form.querySelector("[data-missing]");
    let open = 0;
    for (const part of parts) {
      const line = region.querySelector(`[data-missing-of="${CSS.escape(part.dataset.part)}"]`);
      const short = !isDone(part);
      open += short;
      if (line) line.hidden = !short;
      else if (short) remind(region, part);
    }
    const due = departs && !text("departure");
    open += due;
    const line = region.querySelector('[data-missing-of="field-departure"]');
    if (line) line.hidden = !due;
    for (const section of region.querySelectorAll("[data-missing-section]")) section.hidden = !section.querySelector("li:not([hidden])");
    region.querySelector("[data-nothing-missing]").hidden = open > 0;
  };

  /* Something was taken back that the page did not list: it is listed again. */
  const remind = (region, part) => {
    const title = part.querySelector("h3, label")?.textContent.trim();
    const section = document.createElement("div");
    section.dataset.missingSection = "";
    const list = document.createElement("ul");
    const line = document.createElement("li");
    line.dataset.missingOf = part.dataset.part;
    const link = document.createElement("a");
    link.href = `#${part.id}`;
    link.textContent = title;
    line.append(link);
    list.append(line);
    section.append(list);
    document.getElementById("missing-list").append(section);
  };

  const count = () => {
    for (const area of form.querySelectorAll("[data-area]")) {
      const cards = [...area.querySelectorAll("[data-part]")];
      const chip = form.querySelector(`[data-count-of="${CSS.escape(area.id)}"]`);
      if (chip) chip.textContent = `${cards.filter(isDone).length}/${cards.length}`;
    }
    const done = items.filter(isDone).length;
    const words = form.querySelector(".foot-bar [data-progress-words]");
    const sentence = words.dataset.words.replace("%done", done).replace("%total", items.length);
    for (const place of document.querySelectorAll("[data-progress-words]")) place.textContent = sentence;
    document.title = document.title.replace(/^\D*\d+(\D+)\d+/, (_all, between) => `${done}${between}${items.length}`);
    const bar = form.querySelector(".foot-bar progress");
    bar.value = done;
    const whole = parts.filter((part) => "whole" in part.dataset).some((part) => !isDone(part));
    const asked = parts.filter((part) => "question" in part.dataset && !isDone(part)).length;
    const minutes = (items.length - done + asked) * 4 + (whole ? 10 : 0);
    const left = form.querySelector("[data-minutes]");
    left.textContent = minutes ? left.dataset.words.replace("%minutes", minutes) : "";
    missing(profile());
    for (const part of items) doubt(part);
  };

  /* What may well be meant is said beside the heading, as the server would: an outer point without words, a jump. */
  const says = document.getElementById("doubt-words")?.dataset ?? {};
  const points = [...form.querySelectorAll("[data-count-point]")].map((cell) => Number(cell.dataset.countPoint));
  const doubt = (part) => {
    const box = part.querySelector("[data-hints]");
    if (!box || !points.length) return;
    const value = Number(choice(`${part.id}-value`));
    const before = Number(part.dataset.before);
    const hints = [];
    if ([Math.min(...points), Math.max(...points)].includes(value) && !text(`${part.id}-comment`)) hints.push(says.bare);
    if (value && before && Math.abs(value - before) >= 2) hints.push((value > before ? says.above : says.below).replace("%n", Math.abs(value - before)));
    if (box.textContent.trim() === hints.join("")) return;
    box.replaceChildren(...hints.map((words) => { const chip = document.createElement("span"); chip.className = "chip warn"; chip.textContent = words; return chip; }));
  };

  form.addEventListener("input", count);
  form.addEventListener("change", count);
  // A browser may bring back what was typed before a reload.
  addEventListener("pageshow", count);
  form.querySelector("[data-save-button]").remove(); // it saves itself

  form.querySelector("[data-shows-missing]").addEventListener("click", () => { document.getElementById("missing").open = true; });

  document.getElementById("trouble")?.focus();

  const chips = [...form.querySelectorAll(".areas a")];
  if ("IntersectionObserver" in window) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const chip of chips) {
          if (chip.hash === `#${entry.target.id}`) chip.setAttribute("aria-current", "true"); else chip.removeAttribute("aria-current");
        }
      }
    }, { rootMargin: "-25% 0px -65% 0px" });
    for (const chip of chips) { const target = document.getElementById(chip.hash.slice(1)); if (target) seen.observe(target); }
  }
}
