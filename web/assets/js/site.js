// Small comforts of every page; nothing depends on them.

// An open menu closes when something else is clicked, and with Escape.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/** The token that a script sends with what is no form, in the header `X-CSRF-Token`. */
export function formToken() {
  return document.querySelector('meta[name="csrf"]').content;
}
