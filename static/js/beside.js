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
  const gather = (anchor, title) => {
    part.querySelector("[data-part-name]").textContent = title;
    part.querySelector("[data-part-empty]").hidden = true;
    const found = [];
    for (const section of beside.querySelectorAll(`[data-of="${CSS.escape(anchor)}"]`)) {
      const copy = section.cloneNode(true);
      copy.removeAttribute("id");
      copy.removeAttribute("data-of");
      copy.querySelector("h3")?.remove();
      const head = document.createElement("h3");
      head.className = "small";
      head.textContent = section.closest("[data-tab]").querySelector("h2").textContent;
      copy.prepend(head);
      found.push(copy);
    }
    part.querySelector("[data-part-words]").replaceChildren(...found);
    part.querySelector("[data-part-nothing]").hidden = found.length > 0;
  };

  const side = beside.closest(".desk-side");
  let current = "";
  form.addEventListener("focusin", (event) => {
    const at = event.target.closest("[data-part]");
    if (!at || at.dataset.part === current) return;
    current = at.dataset.part;
    gather(current, at.querySelector("h3, label")?.firstChild?.textContent.trim() ?? "");
    for (const section of beside.querySelectorAll("[data-of]")) section.classList.toggle("current-words", section.dataset.of === current);
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
