// The texts of a phone, as bubbles.

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
  #last = null;

  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#list.replaceChildren();
    this.#bySid.clear();
    this.#day = "";
    this.#last = null;
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
    this.#last = bubble;
    if (event.sid) this.#bySid.set(event.sid, state);
    if (event.direction === "sent") state.textContent = STATES[event.status] ?? event.status ?? "";
    this.show();
  }

  status(event) {
    const state = this.#bySid.get(event.sid);
    if (state) state.textContent = (STATES[event.status] ?? event.status) + (event.code ? ` (${event.code})` : "");
  }

  // The latest text, from its first word on.
  show() {
    const list = this.#list;
    const top = this.#last && this.#last.getBoundingClientRect().top - list.getBoundingClientRect().top;
    list.scrollTop = this.#last?.offsetHeight > list.clientHeight ? list.scrollTop + top - 2 : list.scrollHeight;
  }
}
