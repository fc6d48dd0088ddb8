// Dropping a document anywhere on the form, saying that it is too large before it is sent, and showing how far it is.
// Without scripts the form does the same in the browser's own way.

import { formToken } from "./site.js";

const form = document.querySelector("form[data-verify]");
if (form) begin(form);

function begin(form) {
  const input = form.querySelector('input[type="file"]');
  const button = form.querySelector('button[type="submit"]');
  const find = (name) => form.querySelector(`[data-${name}]`);
  const [problem, progress, status] = [find("problem"), find("progress"), find("status")];
  find("drop").hidden = false;

  function tell(sentence) {
    problem.textContent = sentence;
    status.textContent = "";
    progress.hidden = true;
    button.disabled = false;
    input.setAttribute("aria-invalid", String(sentence !== ""));
  }

  const tooLarge = () => input.files[0]?.size > Number(form.dataset.largest);

  input.addEventListener("change", () => tell(tooLarge() ? form.dataset.tooLarge : ""));

  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.dataset.over = "";
    });
  }
  for (const kind of ["dragleave", "dragend", "drop"]) {
    form.addEventListener(kind, () => delete form.dataset.over);
  }
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
    if (!tooLarge()) form.requestSubmit();
  });

  form.addEventListener("submit", (event) => {
    if (tooLarge()) {
      event.preventDefault();
      tell(form.dataset.tooLarge);
      input.focus();
      return;
    }
    event.preventDefault();
    send(new FormData(form));
  });

  function send(fields) {
    tell("");
    button.disabled = true;
    const bar = progress.querySelector("progress");
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (!lengthComputable) return;
      progress.hidden = false;
      bar.value = Math.round((loaded / total) * 100);
    });
    request.upload.addEventListener("load", () => {
      progress.hidden = true;
      status.textContent = form.dataset.examining;
    });
    request.addEventListener("load", () => show(request.responseXML));
    request.addEventListener("error", () => tell(form.dataset.offline));
    request.open("POST", form.action);
    request.responseType = "document";
    request.setRequestHeader("X-CSRF-Token", formToken());
    request.send(fields);
  }

  /** The page that was answered takes the place of this one; its scripts do not run. */
  function show(answer) {
    const content = answer?.querySelector("main");
    if (!content) return tell(form.dataset.offline);
    document.title = answer.title;
    document.querySelector("main").replaceWith(document.adoptNode(content));
    const again = document.querySelector("form[data-verify]");
    if (again) begin(again);
    const place = document.querySelector("#verify-result") ?? document.querySelector("#verify-document");
    (place ?? document.querySelector("main")).focus();
    place?.scrollIntoView({ block: "start" });
  }
}
