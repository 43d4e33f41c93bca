// The keys of a phone: those that are drawn, and those of the keyboard while the phone has the focus.

import { switchSound } from "./sound.js";

const PRESSED_MILLISECONDS = 130;
const FIELDS = "input, textarea, select";
const TOUCHED = "button, a, summary";

// press(key), deed("left" | "right" | "green" | "red" | "enter"), send(), erase(), leaveField()
export function listenToKeys(article, { press, deed, send, erase, leaveField }) {
  const click = (selector, then) => article.querySelector(selector).addEventListener("click", then);
  click(".soft.left", () => deed("left"));
  click(".soft.right", () => deed("right"));
  click(".green", () => deed("green"));
  click(".red", () => deed("red"));
  click(".sound", switchSound);
  click(".keypad", (event) => {
    const { key } = event.target.closest("button")?.dataset ?? {};
    if (key) press(key);
  });
  article.querySelector(".draft").addEventListener("submit", (event) => event.preventDefault());

  const typedInField = (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") leaveField();
  };
  const typed = (event) => {
    if (/^[0-9*#]$/.test(event.key)) {
      event.preventDefault();
      press(event.key);
    } else if (event.key === "Enter" && !event.target.closest(TOUCHED)) {
      event.preventDefault();
      if (!event.repeat) deed("enter");
    } else if (event.key === "Escape") deed("red");
    else if (event.key === "Backspace") erase();
  };
  article.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    (event.target.matches(FIELDS) ? typedInField : typed)(event);
  });
}

// Show that a key goes down.
export function flash(article, key) {
  const button = article.querySelector(`[data-key="${key}"]`);
  button.classList.add("is-pressed");
  setTimeout(() => button.classList.remove("is-pressed"), PRESSED_MILLISECONDS);
}
