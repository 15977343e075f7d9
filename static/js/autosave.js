/* Nothing typed is lost. A form with data-autosave="URL" and data-revision saves itself while it is written.
   The contract with the server is in templates/ui/README.md. Text lives in the page and on the server, never in browser storage. */

import { renewToken, token } from "./session.js";

const PAUSE = 2000;
const LONGEST = 10000;
const BACKOFF = [2000, 4000, 8000, 16000, 30000];
const RANK = ["idle", "saved", "typing", "saving", "closed", "kept", "refused", "signin", "conflict"];

const words = document.getElementById("words")?.dataset ?? {};
const savers = new Map();

const clock = (instant) => new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" }).format(instant ? new Date(instant) : new Date());

/* Is something else in this field than what the server sent? A value that the browser itself threw out does not count. */
const filledIn = (field) => {
  if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.type === "select-one") return field.selectedIndex !== Math.max(0, [...field.options].findLastIndex((option) => option.defaultSelected));
  return field.type === "textarea" ? field.value !== field.defaultValue : field.matches("input") && field.value && field.value !== field.defaultValue;
};

const served = (form, name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]:not([type=hidden])`)]
  .flatMap((field) => (["checkbox", "radio"].includes(field.type) ? (field.defaultChecked ? field.value : []) : field.defaultValue ?? [...field.options].find((option) => option.defaultSelected)?.value ?? "")).join(",");
const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const beside = (field) => !field.name || field.type === "file" || ["csrfmiddlewaretoken", "revision"].includes(field.name) || field.closest("[data-autosave-skip]");

class Saver {
  constructor(form) {
    this.form = form;
    this.revision = form.dataset.revision ?? "";
    this.changed = new Set();
    this.stands = new Map();
    this.state = "idle";
    this.failures = 0;
    this.region = form.querySelector("[data-save-state]") || (form.id && document.querySelector(`[data-save-state="${CSS.escape(form.id)}"]`)) || document.querySelector("[data-save-state]");
    form.addEventListener("input", (event) => this.noticed(event));
    form.addEventListener("change", (event) => this.noticed(event));
    form.addEventListener("focusout", (event) => { if (event.target.name && this.dirty) this.flush(); });
    form.addEventListener("submit", (event) => this.submitting(event));
    form.addEventListener("reset", () => { this.changed.clear(); this.show("idle"); });
    this.begin();
  }

  /* What was typed sooner than this script was there is saved now. */
  begin() { if (!cameBack) for (const field of this.filled) this.noticed({ type: "input", target: field }); }

  /* What Back fills in may be older than what the server sent: the writer chooses. */
  goOn() {
    const names = [...new Set(this.filled.map((field) => field.name))];
    if (names.length) this.disagree({ names }, { theirs: Object.fromEntries(names.map((name) => [name, served(this.form, name)])) });
  }

  get filled() { return [...this.form.elements].filter((field) => !beside(field) && filledIn(field)); }
  get dirty() { return this.changed.size > 0; }
  get unsaved() { return this.dirty || Boolean(this.flight) || Boolean(this.packet) || this.state === "conflict"; }
  get open() { return this.form.isConnected; }

  noticed(event) {
    const field = event.target;
    if (beside(field)) return;
    if (event.type === "change" && !this.changed.has(field.name) && this.stands.get(field.name) === this.values([field.name]).toString()) return;
    this.changed.add(field.name);
    this.since ??= Date.now();
    if (this.state === "conflict") return;
    if (this.state === "refused") this.packet = null;
    if (!["kept", "signin"].includes(this.state)) this.show("typing");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
  }

  values(names = this.changed) {
    const form = new FormData(this.form);
    const body = new URLSearchParams();
    for (const name of names) {
      body.append("changed", name);
      for (const value of form.getAll(name)) if (typeof value === "string") body.append(name, value);
    }
    return body;
  }

  /* One request at a time. The same body keeps its key, so that a repeated request is answered, not done twice. */
  async flush({ leaving = false } = {}) {
    clearTimeout(this.timer);
    if (this.state === "conflict" || this.submitted) return;
    if (this.flight) { this.again = true; return; }
    if (this.packet && this.dirty) {
      /* what was refused or lost is still in the fields: send it together with what was typed since, as a new request */
      for (const name of this.packet.names) this.changed.add(name);
      this.packet = null;
    }
    if (!this.packet) {
      if (!this.dirty) return;
      this.packet = { names: [...this.changed], body: this.values(), key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, revision: this.revision };
      for (const name of this.changed) this.stands.set(name, this.values([name]).toString());
      this.changed.clear();
      this.since = undefined;
    }
    const slow = setTimeout(() => this.show("saving"), 250);
    this.flight = this.send(this.packet, leaving).finally(() => { clearTimeout(slow); this.flight = null; });
    const again = await this.flight;
    if (again || this.again) { this.again = false; if (this.dirty || again) await this.flush(); }
  }

  /* Returns true when the same packet should go out at once again. */
  async send(packet, leaving) {
    let answer;
    try {
      answer = await fetch(this.form.dataset.autosave, {
        method: "POST", body: packet.body, credentials: "same-origin", redirect: "manual", keepalive: leaving && packet.body.toString().length < 60000,
        headers: {
          Accept: "application/json", "If-Match": `"${packet.revision}"`, "Idempotency-Key": packet.key,
          "X-CSRFToken": token(this.form),
        },
      });
    } catch {
      return this.retryLater();
    }
    const said = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json().catch(() => ({})) : {};
    if (answer.type === "opaqueredirect" || answer.status === 401) return this.signedOut();
    if (answer.status === 403 && !packet.renewed) {
      packet.renewed = true;
      if (await renewToken().catch(() => false)) return true;
    }
    if (answer.ok && said.revision !== undefined) {
      this.packet = null; this.failures = 0;
      this.follow(said.revision);
      this.show(this.dirty ? "typing" : "saved", said.message || (words.saved || "Saved %s").replace("%s", said.saved || clock(said.saved_at)));
      if (this.dirty) this.timer = setTimeout(() => this.flush(), PAUSE);
      return false;
    }
    if (answer.status === 409 && said.code === "closed") {
      this.packet = null; this.failures = 0;
      this.follow(said.revision ?? this.revision);
      this.show("closed", said.message || words.refused);
      return false;
    }
    if (answer.status === 409) { this.packet = null; return this.disagree(packet, said); }
    if (answer.status === 429) return this.pauseFor(Number(answer.headers.get("Retry-After")) || 1);
    /* a success without its words was cut off on the way: the server died while it answered, and only asking again tells */
    if (answer.ok || answer.status >= 500) return this.retryLater(Number(answer.headers.get("Retry-After")) * 1000);
    this.show("refused", said.message || said.detail || words.refused);
    return false;
  }

  follow(revision) {
    this.revision = String(revision);
    this.form.dataset.revision = this.revision;
    const field = this.form.querySelector("input[name=revision]");
    if (field) field.value = this.revision;
  }

  retryLater(wait) {
    this.show("kept", words.kept);
    const pause = wait || BACKOFF[Math.min(this.failures++, BACKOFF.length - 1)];
    this.timer = setTimeout(() => this.flush(), pause);
    return false;
  }

  /* The server asks for a pause and has lost nothing: the same packet goes out again when it is over. */
  pauseFor(seconds) {
    this.show("saving");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), seconds * 1000);
    return false;
  }

  signedOut() {
    this.show("signin", words.signin);
    if (this.region && words.loginUrl) {
      const link = document.createElement("a");
      link.href = words.loginUrl; link.target = "_blank"; link.rel = "noopener"; link.textContent = words.signinLink;
      this.region.append(" ", link);
    }
    this.timer = setTimeout(() => this.comeBack(), 15000);
    return false;
  }

  async comeBack() {
    if (this.state === "signin" && this.packet) { this.packet.renewed = false; await this.flush(); }
  }

  /* Somebody else, or another tab, saved first. Both texts stand side by side and the writer chooses. */
  disagree(packet, said) {
    this.follow(said.revision ?? this.revision);
    this.show("conflict", words.conflict);
    const theirs = said.theirs || {};
    const names = packet.names.filter((name) => name in theirs);
    const settle = (box) => {
      box?.remove();
      if (this.boxes.delete(box) && !this.boxes.size) { this.show("typing"); this.dirty ? this.flush() : this.show("saved", words.saved.replace("%s", clock())); }
    };
    this.boxes = new Set();
    for (const name of packet.names) if (!names.includes(name)) this.changed.add(name);
    const template = document.getElementById("conflict-words");
    if (!names.length || !template) {
      /* nothing of ours differs, only the revision moved on: send again, at once the first time and slower after that */
      for (const name of packet.names) this.changed.add(name);
      this.show("typing");
      this.timer = setTimeout(() => this.flush(), this.failures++ ? BACKOFF[Math.min(this.failures, BACKOFF.length - 1)] : 0);
      return false;
    }
    for (const name of names) {
      const field = this.form.elements[name];
      const box = template.content.firstElementChild.cloneNode(true);
      box.querySelector("[data-mine]").textContent = this.spoken(name, new FormData(this.form).getAll(name));
      box.querySelector("[data-theirs]").textContent = this.spoken(name, [theirs[name]].flat());
      box.querySelector("[data-keep=mine]").addEventListener("click", () => { this.changed.add(name); this.put(field, null); settle(box); });
      box.querySelector("[data-keep=theirs]").addEventListener("click", () => { this.put(field, theirs[name]); this.changed.delete(name); settle(box); });
      this.boxes.add(box);
      const place = field instanceof RadioNodeList ? field[0] : field;
      (place?.closest("fieldset, .field") || place || this.form).after(box);
    }
    return false;
  }

  /* A chosen radio or option is shown by its words, not by its value. */
  spoken(name, values) {
    const boxes = [...this.form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];
    const chosen = boxes.length > 1 ? values.flatMap((value) => String(value).split(",")).filter(Boolean) : values;
    const shown = chosen.map((value) => {
      const input = [...this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].find((one) => one.value === String(value) && ["radio", "checkbox"].includes(one.type));
      const option = [...this.form.querySelectorAll(`select[name="${CSS.escape(name)}"] option`)].find((one) => one.value === String(value));
      return input?.closest("label")?.textContent.replace(/\s+/g, " ").trim() || option?.textContent || String(value ?? "");
    });
    return shown.join(", ") || "–";
  }

  put(field, value) {
    if (value === null || !field) return;
    if (field instanceof RadioNodeList) {
      const wanted = [value].flat().map(String);
      const ticked = [...field].some((one) => one.type === "checkbox") ? wanted.flatMap((one) => one.split(",")) : wanted;
      for (const one of field) if (one.type !== "hidden") one.checked = ticked.includes(one.value);
    } else if (field.type === "checkbox") field.checked = Boolean(value) && value !== "false";
    else if (field.multiple) for (const option of field.options) option.selected = [value].flat().map(String).includes(option.value);
    else field.value = value;
  }

  submitting(event) {
    if (event.defaultPrevented && !event.detail) return;
    clearTimeout(this.timer);
    if (this.flight) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const by = event.submitter;
      this.flight.then(() => {
        if (this.state === "conflict") return; // first the writer chooses
        this.form.dataset.asked = "yes";
        this.form.requestSubmit(by?.isConnected ? by : undefined);
        delete this.form.dataset.asked;
      });
      return;
    }
    this.submitted = true;
    setTimeout(() => { this.submitted = false; }, 4000);
  }

  show(state, text = words[state] || "") {
    this.state = state;
    this.text = text;
    if (!this.region) return;
    const sharing = [...savers.values()].filter((saver) => saver.region === this.region && saver.open);
    const worst = sharing.reduce((a, b) => (RANK.indexOf(b.state) > RANK.indexOf(a.state) ? b : a), this);
    if (worst.state === "idle") return;
    this.region.dataset.state = worst.state;
    if (this.region.textContent !== worst.text) this.region.textContent = worst.text;
  }
}

function adopt(root) {
  const forms = root.matches?.("form[data-autosave]") ? [root] : root.querySelectorAll?.("form[data-autosave]") ?? [];
  for (const form of forms) if (!savers.has(form)) savers.set(form, new Saver(form));
  for (const form of savers.keys()) if (!form.isConnected) savers.delete(form);
}

const everyone = (act) => { for (const saver of savers.values()) if (saver.open) act(saver); };

adopt(document);
document.addEventListener("htmx:load", (event) => adopt(event.detail.elt));
document.addEventListener("visibilitychange", () => everyone((saver) => (document.visibilityState === "hidden" ? saver.flush({ leaving: true }) : saver.comeBack())));
if (cameBack) addEventListener("pageshow", () => everyone((saver) => saver.goOn()), { once: true });
addEventListener("focus", () => everyone((saver) => saver.comeBack()));
addEventListener("online", () => everyone((saver) => { if (saver.state === "kept") saver.flush(); }));
addEventListener("pagehide", () => everyone((saver) => saver.flush({ leaving: true })));
addEventListener("beforeunload", (event) => {
  everyone((saver) => { if (saver.unsaved && !saver.submitted) { saver.flush({ leaving: true }); event.preventDefault(); } });
});
