/* Beside the form: one tab at a time, remembered in the address; what belongs to the part one writes on; the keys to the next report. */

const form = document.getElementById("review-form");
const beside = document.querySelector("[data-beside]");
const TAB = "beside";

if (form && beside) {
  const links = [...beside.querySelectorAll(".tabs a")];
  const place = (link) => document.getElementById(link.hash.slice(1));
  const named = (link) => link.hash.slice("#beside-".length);
  for (const link of links) link.hidden = false;

  /* What is only read on demand is asked for when its tab is; a click before htmx is ready would leave the page. */
  const fetchIn = (tab) => {
    const ask = () => tab.querySelector("[data-fetch]")?.click();
    if (document.readyState === "complete") ask(); else addEventListener("load", ask, { once: true });
  };

  const show = (link, { remember = true } = {}) => {
    for (const one of links) {
      const chosen = one === link;
      if (chosen) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
      place(one).hidden = !chosen;
    }
    fetchIn(place(link));
    if (!remember) return;
    const address = new URL(location.href);
    address.searchParams.set(TAB, named(link));
    history.replaceState(history.state, "", address);
    for (const other of document.querySelectorAll("[data-keeps-tab], .desk-list a[href^='/']")) {
      const to = new URL(other.href);
      to.searchParams.set(TAB, named(link));
      other.href = to;
    }
  };

  const wanted = new URL(location.href).searchParams.get(TAB);
  const remembered = links.find((link) => named(link) === wanted);
  show(remembered || links[1] || links[0], { remember: Boolean(remembered) });
  for (const link of links) link.addEventListener("click", (event) => { event.preventDefault(); show(link); });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.('a[href^="#own-"]')) show(links.find((link) => named(link) === "self"));
  }, true);

  /* What belongs to the part one is at: marked where it stands, and put together under "This part". Nothing moves the focus. */
  const part = document.getElementById("beside-part");
  const copied = (section) => {
    const copy = document.createElement("div"); // a list's row is none outside its list
    copy.className = section.className;
    copy.append(...section.cloneNode(true).childNodes);
    copy.querySelector("h3, h4")?.remove();
    for (const one of copy.querySelectorAll("[id]")) one.removeAttribute("id");
    return copy;
  };
  const gather = (anchor, title) => {
    part.querySelector("[data-part-name]").textContent = title;
    part.querySelector("[data-part-empty]").hidden = true;
    const found = [];
    let tab = null;
    for (const section of beside.querySelectorAll(`[data-of="${CSS.escape(anchor)}"]`)) {
      if (section.closest("[data-tab]") !== tab) {
        tab = section.closest("[data-tab]");
        const head = document.createElement("h3");
        head.className = "small";
        head.textContent = tab.querySelector("h2").textContent;
        found.push(head);
      }
      found.push(copied(section));
    }
    part.querySelector("[data-part-words]").replaceChildren(...found);
    part.querySelector("[data-part-nothing]").hidden = found.length > 0;
  };

  const side = beside.closest(".desk-side");
  let current = "", title = "";
  const mark = () => {
    gather(current, title);
    for (const section of beside.querySelectorAll("[data-of]")) section.classList.toggle("current-words", section.dataset.of === current);
  };
  /* What was asked for may come after one went into the part. */
  beside.addEventListener("htmx:afterSwap", () => { if (current) mark(); });
  form.addEventListener("focusin", (event) => {
    const at = event.target.closest("[data-part]");
    if (!at || at.dataset.part === current) return;
    current = at.dataset.part;
    title = at.querySelector("h3, label")?.firstChild?.textContent.trim() ?? "";
    mark();
    const here = [...beside.querySelectorAll(`[data-of="${CSS.escape(current)}"]`)].find((section) => section.offsetParent);
    if (here && side && getComputedStyle(side).position === "sticky") side.scrollTo({ top: here.offsetTop - side.offsetTop - 60 });
  });
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const way = { PageUp: "prev", PageDown: "next" }[event.key];
  const link = way && document.querySelector(`a[rel=${way}][aria-keyshortcuts]`);
  if (link) { event.preventDefault(); link.click(); }
});
