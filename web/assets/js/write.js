// Writing a message: what the form does without this, it does here without loading the page anew.
// Recipients are found as one types (combobox of the ARIA practices), files go up one by one with progress, and what is
// typed is saved.

const form = document.getElementById("write");
const word = (name) => form.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
const field = (name) => form.elements.namedItem(name);
const byId = (id) => document.getElementById(id);
const SAVE_AFTER = 1500;

/* What the server said last. */

let inFlight = Promise.resolve();
let dirty = false;
let timer;
let stopped = false;

function say(text) {
  byId("status").textContent = text;
}

function showErrors(errors) {
  for (const place of form.querySelectorAll("[id^='error-']")) {
    const name = place.id.slice("error-".length);
    const text = errors[name] ?? "";
    place.textContent = text;
    place.hidden = text === "";
    const input = byId(`field-${name}`);
    if (input) {
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}

// Only what our own server has rendered is put in, by the browser's parser, which runs no script.
function put(id, html) {
  if (typeof html !== "string") return;
  const place = byId(id);
  const focused = place.contains(document.activeElement) ? document.activeElement.value : null;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  place.replaceChildren(...parsed.body.childNodes);
  if (focused === null) return;
  // Who moved an attachment wants to move it on; who removed something goes on with what is left.
  const same = [...place.querySelectorAll("button")].find((button) => button.value === focused);
  const next = same ?? place.querySelector("button") ?? (id === "recipients-part" ? byId("field-to") : byId("field-file"));
  next?.focus();
}

function told(answer) {
  if (answer.draft !== null && answer.draft !== undefined) {
    field("draft").value = answer.draft;
    if (location.search !== `?draft=${answer.draft}`) history.replaceState(null, "", `?draft=${answer.draft}`);
  }
  if (answer.version !== null && answer.version !== undefined) field("version").value = answer.version;
  showErrors(answer.errors ?? {});
  put("recipients-part", answer.recipients);
  put("attachments-part", answer.attachments);
  if (answer.conflict) {
    stopped = true;
    field("key").value = answer.key;
    const box = byId("write-conflict");
    // Changed elsewhere, sent or discarded: the box says which.
    box.querySelector("p").textContent = answer.message;
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
    say("");
  } else if (answer.message) say(answer.message);
}

function fields(action) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "action" && !(name === "to" && action === "save")) data.append(name, value);
  }
  data.append("action", action);
  return data;
}

// One after the other: each is made from the version that the one before has left.
function send(action) {
  clearTimeout(timer);
  const run = async () => {
    dirty = false;
    say(word("saving"));
    let response;
    try {
      response = await fetch(form.getAttribute("action"), {
        method: "POST",
        headers: { Accept: "application/json" },
        body: fields(action),
        credentials: "same-origin",
      });
    } catch {
      dirty = true;
      say(word("offline"));
      timer = setTimeout(() => send("save"), 5000);
      return null;
    }
    const type = response.headers.get("Content-Type") ?? "";
    if (!type.startsWith("application/json")) {
      dirty = true;
      say(response.status === 409 || response.status === 401 ? word("signedOut") : word("failed"));
      return null;
    }
    const answer = await response.json();
    if (!response.ok) dirty = true;
    told(answer);
    if (answer.go) location.assign(answer.go);
    return response.ok ? answer : null;
  };
  inFlight = inFlight.then(run, run);
  return inFlight;
}

function saveSoon() {
  if (stopped) return;
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(() => send("save"), SAVE_AFTER);
}

form.addEventListener("input", (event) => {
  if (event.target.name !== "to" && event.target.type !== "file" && event.target.name !== "template_name") saveSoon();
});

addEventListener("beforeunload", (event) => {
  if (dirty || uploading > 0) event.preventDefault();
});

/* Buttons inside the parts. */

const WITHIN = /^(add|drop|up|down|detach):|^(save)$/;

form.addEventListener("submit", (event) => {
  const action = event.submitter?.value ?? "save";
  if (event.submitter?.name === "action" && WITHIN.test(action)) {
    event.preventDefault();
    send(action);
    return;
  }
  if (uploading > 0) {
    event.preventDefault();
    say(word("uploading"));
    return;
  }
  dirty = false;
  clearTimeout(timer);
});

/* Finding a recipient. */

const input = byId("field-to");
const options = byId("to-options");
const status = byId("to-status");
let found = [];
let active = -1;
let asked = 0;
let typing;

input.setAttribute("role", "combobox");
input.setAttribute("aria-autocomplete", "list");
input.setAttribute("aria-expanded", "false");
input.setAttribute("aria-controls", "to-options");

function close() {
  options.hidden = true;
  options.replaceChildren();
  found = [];
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function line(tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

function open(rows) {
  found = rows;
  active = -1;
  options.replaceChildren(
    ...rows.map((row, at) => {
      const item = document.createElement("li");
      item.id = `to-option-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      if (!row.sendable) item.setAttribute("aria-disabled", "true");
      item.append(line("strong", row.name), " ", line("code", row.id));
      item.append(line("span", `${row.kind} · ${row.address}`, "muted"), line("span", row.verdict));
      // Before the field loses focus.
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        choose(at);
      });
      return item;
    }),
  );
  options.hidden = rows.length === 0;
  input.setAttribute("aria-expanded", String(rows.length > 0));
  input.removeAttribute("aria-activedescendant");
}

function mark(at) {
  const items = options.children;
  if (items.length === 0) return;
  items[active]?.setAttribute("aria-selected", "false");
  active = (at + items.length) % items.length;
  items[active].setAttribute("aria-selected", "true");
  items[active].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", items[active].id);
}

async function choose(at) {
  const row = found[at];
  if (!row?.sendable) return;
  input.value = "";
  close();
  await send(`add:${row.id}`);
}

async function look() {
  const q = input.value.trim();
  const mine = ++asked;
  if (q.length < 2) {
    close();
    return;
  }
  try {
    const response = await fetch(`${form.dataset.recipients}?q=${encodeURIComponent(q)}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    // An older answer than the one that is shown says nothing.
    if (!response.ok || mine !== asked) return;
    const answer = await response.json();
    if (mine !== asked || document.activeElement !== input) return;
    open(answer.rows);
    status.textContent = answer.message;
  } catch {
    status.textContent = word("offline");
  }
}

input.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(look, 200);
});
input.addEventListener("blur", close);
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (options.hidden) look();
    else mark(event.key === "ArrowDown" ? active + 1 : active <= 0 ? -1 : active - 1);
  } else if (event.key === "Escape") {
    if (options.hidden) input.value = "";
    close();
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (active >= 0) choose(active);
    else if (input.value.trim() !== "") send(`add:${input.value.trim()}`).then((added) => added && (input.value = ""));
  }
});

/* Attachments. */

let uploading = 0;
let queue = Promise.resolve();
const files = byId("field-file");
const drop = byId("drop");
const progress = byId("progress");

drop.querySelector(".write-upload").hidden = true;
drop.querySelector(".write-drop-hint").hidden = false;

function row(file) {
  const item = document.createElement("li");
  const name = line("span", file.name);
  const bar = document.createElement("progress");
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `${word("uploading")}: ${file.name}`);
  const text = line("span", "0 %", "muted");
  const cancel = line("button", word("cancel"), "link-button");
  cancel.type = "button";
  cancel.setAttribute("aria-label", `${word("cancel")}: ${file.name}`);
  item.append(name, bar, text, cancel);
  progress.append(item);
  return { item, bar, text, cancel };
}

function upload(file, shown) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${form.dataset.files}${field("draft").value}/attachments`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", field("csrf").value);
    request.upload.addEventListener("progress", (event) => {
      shown.bar.max = event.total || 1;
      shown.bar.value = event.loaded;
      const part = Math.floor((100 * event.loaded) / (event.total || 1));
      shown.text.textContent = event.loaded === event.total ? word("judging") : `${part} %`;
    });
    const failed = () => resolve({ failed: true });
    request.addEventListener("error", failed);
    request.addEventListener("abort", () => resolve({ cancelled: true }));
    request.addEventListener("load", () => {
      const type = request.getResponseHeader("Content-Type") ?? "";
      if (request.status === 200 && type.startsWith("application/json")) resolve(JSON.parse(request.responseText));
      else failed();
    });
    shown.cancel.addEventListener("click", () => request.abort());
    const body = new FormData();
    body.append("file", file, file.name);
    request.send(body);
  });
}

async function take(file, shown) {
  // The draft takes the file, so there has to be one.
  if (field("draft").value === "") await send("save");
  else await inFlight;
  let answer = { failed: true };
  if (field("draft").value !== "") answer = await upload(file, shown);
  uploading -= 1;
  shown.item.remove();
  if (answer.failed) {
    const item = line("li", `${file.name}: ${word("failed")}`, "field-error");
    progress.append(item);
    byId("file-status").textContent = item.textContent;
  } else if (!answer.cancelled) {
    // What was typed meanwhile has a version of its own.
    delete answer.version;
    delete answer.errors;
    told(answer);
    byId("file-status").textContent = answer.message;
  }
}

function add(list) {
  for (const old of progress.querySelectorAll(".field-error")) old.remove();
  for (const file of list) {
    const shown = row(file);
    uploading += 1;
    queue = queue.then(() => take(file, shown));
  }
}

files.addEventListener("change", () => {
  add([...files.files]);
  files.value = "";
});
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("write-drop-over");
  });
}
for (const kind of ["dragleave", "drop"]) {
  drop.addEventListener(kind, () => drop.classList.remove("write-drop-over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  add([...event.dataTransfer.files]);
});
// A file that misses its place does not take the page away.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
