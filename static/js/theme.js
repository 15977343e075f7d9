/* Light, dark, or as the device says: kept in a cookie, so that the server paints the next page right at once. */

const root = document.documentElement;
const switcher = document.querySelector("[data-theme-switch]");

function mark() {
  const now = root.dataset.theme || "system";
  for (const button of document.querySelectorAll("[data-set-theme]")) button.setAttribute("aria-pressed", String(button.dataset.setTheme === now));
}

if (switcher) {
  switcher.hidden = false;
  mark();
  switcher.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-set-theme]")?.dataset.setTheme;
    if (!wanted) return;
    if (wanted === "system") delete root.dataset.theme;
    else root.dataset.theme = wanted;
    const age = wanted === "system" ? 0 : 31536000;
    document.cookie = `theme=${wanted}; path=/; max-age=${age}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    mark();
  });
}
