/* Keys for fast hands: number keys on a scale, arrows along the rows of a table. The browser's own keys keep working. */

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const scale = event.target.closest?.("[data-scale]");
  if (scale && /^[0-9]$/.test(event.key) && event.target.type === "radio") {
    const wanted = event.key === "0" ? "not_enough_evidence" : event.key;
    const radio = [...scale.querySelectorAll("input[type=radio]:not(:disabled)")].find((one) => one.value === wanted);
    if (radio) {
      radio.focus();
      if (!radio.checked) radio.click();
      event.preventDefault();
    }
    return;
  }
  const table = event.target.closest?.("[data-row-keys]");
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!table || !step || event.target.matches("input, select, textarea")) return;
  const rows = [...table.querySelectorAll("tbody tr, :scope > li")].filter((row) => row.querySelector("a, button"));
  const here = rows.indexOf(event.target.closest("tr, li"));
  const next = rows[here + step];
  if (next) {
    next.querySelector("a, button").focus();
    next.scrollIntoView({ block: "nearest" });
  }
  event.preventDefault();
});
