// The page of a message: prints, and fetches what the check of the seal found once the rest can be read.

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

const seal = document.querySelector("#messages-seal[data-load]");
if (seal) {
  const say = (name, shown) => {
    const part = seal.querySelector(`[data-${name}]`);
    if (part) part.hidden = !shown;
  };
  say("fallback", false);
  say("wait", true);
  try {
    const answer = await fetch(seal.dataset.load, { headers: { accept: "text/html" } });
    // Where the session ended, the page of the sign-in would come.
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
    const part = await answer.text();
    seal.innerHTML = part;
  } catch {
    say("wait", false);
    say("failed", true);
  }
}
