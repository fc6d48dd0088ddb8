// The way of a message, live. The server ends the stream when nothing will change soon, or after a while.

const place = document.getElementById("sending");

if (place && place.dataset.settled !== "true") {
  const events = new EventSource(place.dataset.events);
  const put = (html) => {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    place.replaceChildren(...parsed.body.childNodes);
  };
  events.addEventListener("rows", (event) => put(event.data));
  events.addEventListener("end", (event) => {
    put(event.data);
    place.dataset.settled = "true";
    events.close();
  });
  // Too many watch, or the server went away: the link beside it loads the page anew.
  events.addEventListener("error", () => events.close());
}
