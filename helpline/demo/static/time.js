// What time it is for the helpline, and the panel that moves it.

import { ask } from "./line.js";

const ZONE = "Europe/Paris";
const LOOK_AGAIN = 20_000;
const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, ...options });
const CLOCK = format({ hour: "2-digit", minute: "2-digit" });
const SECONDS = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = format({ weekday: "short", day: "numeric", month: "short" });
const WHOLE = format({ weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });

let ahead = 0; // milliseconds

export const now = () => new Date(Date.now() + ahead);
export const clock = (moment) => CLOCK.format(moment);
export const clockWithSeconds = (moment) => SECONDS.format(moment);
export const day = (moment) => DAY.format(moment);
export const moment = (seconds) => new Date(seconds * 1000);

export function timeMachine(panel, changed) {
  const find = (name) => panel.querySelector(name);
  const [today, travelled, stops, back, told] = ["#today", "#travelled", "#stops", "#come-back", "#travel-told"].map(find);
  const form = find("#travel");

  const showNow = () => {
    const text = WHOLE.format(now());
    if (today.textContent !== text) today.textContent = text;
    changed();
  };

  const show = (date) => {
    ahead = new Date(date.now) - Date.now();
    today.dateTime = date.now;
    travelled.hidden = back.hidden = !date.travelled;
    const shown = [...stops.querySelectorAll("button")].map((button) => button.dataset.to).join();
    if (shown !== date.stops.map((stop) => stop.to).join()) stops.replaceChildren(...date.stops.map(button));
    showNow();
  };

  const button = (stop) => {
    const item = document.createElement("li");
    const key = item.appendChild(document.createElement("button"));
    Object.assign(key, { type: "button" }).dataset.to = stop.to;
    key.appendChild(document.createElement("b")).textContent = stop.label;
    key.append(" ");
    key.appendChild(document.createElement("span")).textContent = stop.shown;
    return item;
  };

  const travel = async (wanted) => {
    try {
      show(await ask("/phone/date", wanted));
      told.textContent = `It is now ${today.textContent}. What is due goes out within half a minute.`;
      if (wanted.to) form.elements.to.value = wanted.to;
    } catch (error) {
      told.textContent = error.message;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    travel({ to: form.elements.to.value });
  });
  stops.addEventListener("click", (event) => {
    const to = event.target.closest("button")?.dataset.to;
    if (!to) return;
    form.elements.to.focus({ preventScroll: true }); // its button may be gone in a moment
    travel({ to });
  });
  back.addEventListener("click", () => {
    form.elements.to.focus({ preventScroll: true });
    travel({ back: true });
  });
  // Another page may have travelled.
  const look = () => document.hidden || ask("/phone/date").then(show, () => {});
  setInterval(look, LOOK_AGAIN);
  document.addEventListener("visibilitychange", look);
  setInterval(showNow, 1000);
  ahead = new Date(panel.dataset.now) - Date.now();
  showNow();
  look();
}
