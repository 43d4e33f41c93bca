// The texts of a phone, as bubbles.

import { watchMore } from "./more.js";
import { clock, day, moment } from "./time.js";

const STATES = {
  queued: "on its way", sending: "on its way", accepted: "on its way", sent: "on its way",
  delivered: "delivered", undelivered: "not delivered", failed: "failed", received: "",
};

export function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export class Thread {
  #list;
  #bySid = new Map();
  #day = "";
  #more;

  constructor(list) {
    this.#list = list;
    this.#more = watchMore(list);
  }

  clear() {
    this.#list.replaceChildren();
    this.#bySid.clear();
    this.#day = "";
  }

  add(event) {
    const at = moment(event.at);
    if (this.#day !== day(at)) {
      this.#day = day(at);
      this.#list.append(element("p", "day-line", this.#day));
    }
    const bubble = element("div", `bubble ${event.direction}`);
    bubble.append(element("span", "unseen", event.direction === "sent" ? "You: " : "Helpline: "));
    bubble.append(element("p", "body", event.body));
    const foot = element("p", "foot", `${event.segments} SMS · ${clock(at)}`);
    const state = element("span", "delivery");
    foot.append(" ", state);
    bubble.append(foot);
    this.#list.append(bubble);
    if (event.sid) this.#bySid.set(event.sid, state);
    if (event.direction === "sent") state.textContent = STATES[event.status] ?? event.status ?? "";
    this.show();
  }

  status(event) {
    const state = this.#bySid.get(event.sid);
    if (state) state.textContent = (STATES[event.status] ?? event.status) + (event.code ? ` (${event.code})` : "");
  }

  // The end of the latest text: what can be answered stands there.
  show() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#more();
  }
}
