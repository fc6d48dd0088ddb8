// The bulk console: progress as it comes, and merge fields put in by a click. Without it, pages are loaded anew and
// fields are typed.

const watched = document.querySelector("[data-bulk-progress]");
if (watched) {
  const source = new EventSource(watched.dataset.bulkProgress);
  const bar = watched.querySelector("progress");
  const said = watched.querySelector("[data-bulk-said]");
  let tenth = -1;
  source.addEventListener("message", (event) => {
    const progress = JSON.parse(event.data);
    if (String(progress.state) !== watched.dataset.bulkState) {
      // Other things can be done now.
      source.close();
      location.reload();
      return;
    }
    bar.max = Math.max(progress.total, 1);
    bar.value = progress.done;
    for (const place of document.querySelectorAll("[data-bulk]")) {
      place.textContent = progress[place.dataset.bulk];
    }
    // Said aloud now and then, and not with every row.
    const now = Math.floor((progress.done * 10) / Math.max(progress.total, 1));
    if (now !== tenth) said.textContent = `${progress.done} / ${progress.total}`;
    tenth = now;
  });
}

const form = document.querySelector("[data-bulk-insert]");
if (form) {
  let last = form.querySelector("textarea");
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("textarea, input[type=text]")) last = target;
  });
  for (const field of document.querySelectorAll("[data-bulk-field]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = field.textContent;
    button.setAttribute("aria-label", `${form.dataset.bulkInsert} ${field.textContent}`);
    button.addEventListener("click", () => {
      last.setRangeText(field.textContent, last.selectionStart, last.selectionEnd, "end");
      last.focus();
    });
    field.replaceWith(button);
  }
}
