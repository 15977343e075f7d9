/* A sign-in has a fixed end. Two minutes before, every open page says so; asking prolongs nothing, only the button does.
   When it ends and whose it is stands in a cookie without secrets (apps/core/held.py), so that a page also sees what happened in another tab. */

const WARN = 120_000;
const LOOK = 900_000; /* so long before the end the server is asked once, because this machine's clock may be wrong */
const words = document.getElementById("words")?.dataset ?? {};

const told = () => {
  const [, ends, mark] = document.cookie.match(/(?:^|; )(?:__Host-signed-in|rungs_signed_in)=(\d+)\.([0-9a-f]+)/) ?? [];
  return mark ? { ends: Number(ends) * 1000, mark } : null;
};

/* Whose page this is. A page that holds what somebody typed while signed out stays theirs, whoever signs in meanwhile. */
const held = document.querySelector("[data-held] input[name=typed_by]")?.value.split("-")[1];
const owner = held ?? told()?.mark;
let skew = 0; /* what this machine's clock is ahead of the server's */
let asked = false;
let state = !held ? "in" : told() ? "other" : "out"; /* a held page says itself why it is held */
let hidden = "";

export const token = (form) => form?.querySelector("input[name=csrfmiddlewaretoken]")?.value || JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

const clock = (ms) => new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date(ms));

async function ask(url = words.sessionUrl, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", redirect: "manual", ...options });
  return answer.ok ? answer.json() : null;
}

/* The token changes at sign-in; forms that were open before need the new one. Never for somebody else: what is typed here is not theirs. */
export async function renewToken() {
  const now = await ask().catch(() => null);
  if (!now?.signed_in || now.mark !== owner) return false;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = now.token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": now.token }));
  return true;
}

function note(text, ...actions) {
  let strip = document.getElementById("sign-in-note");
  if (!text) { strip?.remove(); return; }
  if (!strip) {
    strip = document.createElement("aside");
    strip.id = "sign-in-note";
    strip.className = "ribbon sign-in-note";
    strip.setAttribute("role", "alert");
    document.body.append(strip);
  }
  const sentence = document.createElement("p");
  sentence.textContent = text;
  strip.replaceChildren(sentence, ...actions);
}

function button(text, act) {
  const one = document.createElement("button");
  one.type = "button";
  one.className = "button small";
  one.textContent = text;
  one.addEventListener("click", act);
  return one;
}

const hide = () => button(words.hide, () => { hidden = state; note(""); });

function signIn() {
  const link = document.createElement("a");
  link.className = "button small primary";
  link.href = words.loginUrl;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = words.signinLink;
  return link;
}

async function stay() {
  const now = await ask(words.stayUrl, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token() } }).catch(() => null);
  if (!now?.signed_in) { note(words.ending.replace("%s", clock(told()?.ends + skew)), hide()); return; }
  state = "in";
  hidden = "";
  note(words.stayed.replace("%s", clock(Date.now() + now.seconds * 1000)), hide());
}

function become(next, ends) {
  const before = state;
  state = next;
  if (next !== hidden) hidden = "";
  if (next === before || next === hidden) return;
  if (next === "in") {
    if (before === "out" || before === "other") renewToken().then((renewed) => note(renewed ? words.back : "", hide()));
    else note("");
  } else if (next === "ending") note(words.ending.replace("%s", clock(ends + skew)), button(words.stay, stay), hide());
  else if (next === "out") note(words.ended, signIn(), hide());
  else note(words.other, hide());
}

async function look() {
  const now = told();
  if (!now) return become("out");
  if (now.mark !== owner) return become("other");
  let left = now.ends - (Date.now() - skew);
  if (left < LOOK && !asked) {
    asked = true;
    const real = await ask().catch(() => null);
    if (real?.signed_in) { skew = Date.now() + real.seconds * 1000 - now.ends; left = real.seconds * 1000; }
  }
  if (left > LOOK) asked = false;
  become(left <= 0 ? "out" : left <= WARN ? "ending" : "in", now.ends);
}

if (owner) {
  setInterval(look, 5000);
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  look();
}
