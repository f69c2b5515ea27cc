// Opens a deeper part where a link leads to it or into it, and all of them on paper.

function around(place) {
  const found = [...place.querySelectorAll(":scope > details.deeper")];
  for (let part = place.closest("details"); part; part = part.parentElement.closest("details")) found.push(part);
  return found;
}

function reveal() {
  const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = goal ? around(goal).filter((part) => !part.open) : [];
  for (const part of closed) part.open = true;
  if (closed.length) goal.scrollIntoView();
}

addEventListener("hashchange", reveal);
addEventListener("load", reveal);
addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && link.hash && link.href === location.href) reveal(); // then no hash changes
});

addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.deeper:not([open])")) {
    part.open = true;
    part.dataset.closed = "";
  }
});
addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details.deeper[data-closed]")) {
    part.open = false;
    delete part.dataset.closed;
  }
});
