/* Dialogs, drawers, menus, printing, asking first, sending once. Without this file all of it is a plain page, link or form. */

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog && !opener.hasAttribute("hx-get")) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  if (event.target.closest("[data-print]")) print();
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) event.target.close();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target?.closest?.("dialog");
  if (dialog && !dialog.open) dialog.showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && !form.dataset.asked && !confirm(question)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);
document.addEventListener("submit", (event) => {
  /* bubbling, so that a form which waits for its last save is not counted as sent */
  const form = event.target;
  if (form.hasAttribute("data-once") && (!event.defaultPrevented || form.hasAttribute("hx-post"))) form.dataset.sent = "yes";
});
document.addEventListener("htmx:afterRequest", (event) => { delete event.target.closest?.("form")?.dataset.sent; });
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-submit-on-change]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
});

for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
