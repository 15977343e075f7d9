/* The form of a feedback keeps its own count while it is written. The server counts again on every load. */

const form = document.getElementById("feedback-form");

if (form) {
  const parts = [...form.querySelectorAll("[data-part]")];
  const words = form.querySelector("[data-progress-words]");
  const left = form.querySelector("[data-minutes]");
  const bar = form.querySelector(".foot-bar progress");

  const isDone = (part) => {
    const cannot = part.dataset.cannot && form.elements[part.dataset.cannot].checked;
    const text = part.dataset.cannot && form.elements[part.dataset.part].value.trim();
    return Boolean(cannot || text || form.querySelector(`input[type=radio][name="${CSS.escape(part.dataset.part)}"]:checked`));
  };

  const count = () => {
    const open = parts.filter((part) => !isDone(part));
    words.textContent = words.dataset.words.replace("%done", parts.length - open.length).replace("%total", parts.length);
    if (bar) bar.value = parts.length - open.length;
    const minutes = open.reduce((sum, part) => sum + Number(part.dataset.takes), 0);
    left.textContent = minutes ? left.dataset.words.replace("%minutes", minutes) : "";
  };

  /* Whoever writes something can say something: the tick goes, and is saved as gone. */
  form.addEventListener("input", (event) => {
    const part = event.target.closest("[data-cannot]");
    const tick = part && form.elements[part.dataset.cannot];
    if (tick?.checked && event.target.name === part.dataset.part && event.target.value.trim()) {
      tick.checked = false;
      tick.dispatchEvent(new Event("change", { bubbles: true }));
    }
    count();
  });
  form.addEventListener("change", count);
  // A browser may bring back what was typed before a reload.
  addEventListener("pageshow", count);
  const trouble = document.getElementById("trouble");
  // It saves itself; but which of two texts stays is for its writer to say.
  if (!trouble?.classList.contains("conflict")) form.querySelector("[data-save-button]").remove();

  trouble?.focus();
}
