// The page: its phones are those of its address.

import { Phone } from "./phone.js";
import { timeMachine } from "./time.js";

const main = document.querySelector("#phones");
const phones = new Map();

function takeUp(article) {
  const phone = new Phone(article);
  phones.set(article.id, phone);
  return phone;
}

function putAway(id) {
  phones.get(id).putAway();
  phones.delete(id);
}

// Make the page what the server says it is at that address, without ending the calls of phones that stay.
async function show(address, { isNew = true } = {}) {
  let page;
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(address);
    return;
  }
  const wanted = [...page.querySelectorAll(".phone")];
  const gone = [...phones.keys()].filter((id) => !wanted.some((article) => article.id === id));
  gone.forEach(putAway);
  let added = null;
  for (const article of wanted) {
    const shown = document.getElementById(article.id);
    if (shown) {
      shown.querySelector("[data-closes]").href = article.querySelector("[data-closes]").getAttribute("href");
      continue;
    }
    added = takeUp(main.appendChild(document.importNode(article, true)));
  }
  const warning = page.querySelector(".warning[role=alert]");
  document.querySelector(".warning[role=alert]")?.remove();
  if (warning) main.parentElement.before(document.importNode(warning, true));
  const beside = document.importNode(page.querySelector("#beside"), true);
  document.querySelector("#beside").replaceWith(beside);
  if (isNew) history.pushState(null, "", address);
  if (added) added.focus();
  else if (gone.length) [...phones.values()].at(-1)?.focus();
  else beside.querySelector("a, input")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-adds], [data-closes]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.getAttribute("href"));
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "add") return;
  event.preventDefault();
  show(`/?${new URLSearchParams(new FormData(event.target))}`);
});
window.addEventListener("popstate", () => show(location.pathname + location.search, { isNew: false }));

timeMachine(document.querySelector("#time-machine"), () => phones.forEach((phone) => phone.tick()));
document.querySelectorAll(".phone").forEach(takeUp);
