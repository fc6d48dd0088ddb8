// Keyboard for lists of messages: j and k from row to row, x ticks, / searches, ? helps. Keys typed into a field are the
// field's, and who does not want them switches them off.

const OFF = "isds-keys-off";
const rows = [...document.querySelectorAll("[data-row]")];
const dialog = document.querySelector("[data-keys]");
const search = document.getElementById("lists-q");

/** Storage may be forbidden; the keys then stay on. */
function isOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function keepOff(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Then it holds for this page alone.
  }
}

function belongsToField(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

function current() {
  return rows.findIndex((row) => row.contains(document.activeElement));
}

/** What in a row takes the focus: the link, or the box to tick where the message cannot be opened. */
function handle(row) {
  return row.querySelector("a.lists-open") ?? row.querySelector("input[type=checkbox]") ?? row.querySelector("a");
}

function go(step) {
  const from = current();
  const to = from < 0 ? (step > 0 ? 0 : rows.length - 1) : from + step;
  const target = rows[to] && handle(rows[to]);
  if (!target) return;
  target.focus();
  rows[to].scrollIntoView({ block: "nearest" });
}

function tick() {
  const box = rows[current()]?.querySelector("input[type=checkbox]");
  if (box) box.checked = !box.checked;
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  x: tick,
  "/": () => search?.focus(),
  "?": () => dialog?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (belongsToField(event.target) || dialog?.open || isOff()) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

const button = document.querySelector("[data-keys-button]");
if (button && dialog) {
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  const on = dialog.querySelector("[data-keys-on]");
  on.checked = !isOff();
  on.addEventListener("change", () => keepOff(!on.checked));
}

// One box ticks all.
const head = document.querySelector(".lists-tick-head");
if (head && rows.length > 0) {
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", head.textContent.trim());
  head.replaceChildren(all);
  all.addEventListener("change", () => {
    for (const row of rows) row.querySelector("input[type=checkbox]").checked = all.checked;
  });
}
