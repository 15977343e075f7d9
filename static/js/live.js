/* When a part of a page could not be fetched, say so in the messages area; the page itself stays as it was. */

const words = document.getElementById("words")?.dataset ?? {};
const area = document.getElementById("messages");

function say(text) {
  if (!area || !text) return;
  let note = area.querySelector("[data-failure]");
  if (!note) {
    note = document.createElement("div");
    note.className = "notice bad";
    note.dataset.failure = "";
    note.append(document.createElement("span"), document.createElement("div"));
    area.append(note);
  }
  if (note.lastElementChild.textContent !== text) note.lastElementChild.textContent = text;
}

const byPolling = (event) => event.detail.requestConfig?.triggeringEvent?.type === undefined && event.detail.elt?.matches?.("[hx-trigger*=every]");

document.addEventListener("htmx:responseError", (event) => { if (!byPolling(event)) say(event.detail.xhr?.status === 401 ? words.ended : words.failed); });
document.addEventListener("htmx:sendError", (event) => { if (!byPolling(event)) say(words.offline); });
document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful) area?.querySelector("[data-failure]")?.remove(); });

/* A finger that is down is about to click: what it stands on is not exchanged under it. The next turn brings the same again. */
document.addEventListener("htmx:beforeSwap", (event) => { if (byPolling(event) && document.body.matches(":active")) event.detail.shouldSwap = false; });

/* A search within a form brings the fields around it anew. Was one of them changed meanwhile, the answer is too old, and asked for again. */
const sent = new WeakMap();
const filled = (form) => new URLSearchParams(new FormData(form)).toString();
document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr } }) => { if (elt.form) sent.set(xhr, filled(elt.form)); });
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, xhr, requestConfig: { elt } } = detail;
  if (!sent.has(xhr) || !target.contains(elt) || sent.get(xhr) === filled(elt.form)) return;
  detail.shouldSwap = false;
  elt.dispatchEvent(new Event("search"));
});

/* A live part that is put anew keeps its open folds open; htmx itself finds the focus again. Both go by id. */
const folds = new WeakMap();
document.addEventListener("htmx:beforeSwap", (event) => {
  folds.set(event.detail.xhr, [...event.detail.target.querySelectorAll("details[id][open]")].map((fold) => fold.id));
});
document.addEventListener("htmx:afterSwap", (event) => {
  for (const id of folds.get(event.detail.xhr) ?? []) {
    const fold = document.getElementById(id);
    if (fold) fold.open = true;
  }
});
