// What happened inside, for the curious: newest first.

import { element } from "./thread.js";
import { clockWithSeconds, moment } from "./time.js";

const MOST = 60;
const TOLD = {
  place: "place", heard: "heard", said: "said", why: "why", language: "language", effects: "effects", milliseconds: "thought for",
};

export class Log {
  #list;

  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#list.replaceChildren();
  }

  add(event) {
    const made = this.#entry(event);
    if (!made) return;
    made.prepend(element("time", "", clockWithSeconds(moment(event.at))));
    this.#list.prepend(made);
    while (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
  }

  #entry(event) {
    switch (event.kind) {
      case "exchange":
        return exchange(event);
      case "text":
        return line(event.direction === "sent" ? "Text to the helpline" : "Text to the phone", `${event.segments} SMS, ${event.encoding}, letters: ${[...event.body].length}, ${event.sid}`);
      case "status":
        return line("Status of a text", `${event.status}${event.code ? `, error ${event.code}` : ""}, ${event.sid}`);
      case "call":
        return line("Call", `${event.direction}, ${event.state}, ${event.call}`);
      case "fault":
        return line("Fault", event.message, "fault");
      default:
        return null;
    }
  }
}

function line(title, text, className = "") {
  const item = element("li", className);
  item.append(element("b", "", ` ${title} `), element("span", "", text));
  return item;
}

function exchange({ url, form, status, answer, milliseconds, told }) {
  const item = line(`POST ${url}`, `${status}, ${Math.round(milliseconds * 10) / 10} ms`, status >= 400 || !status ? "fault" : "");
  const understood = filled(told).map(([name, value]) => [TOLD[name] ?? name, inWords(name, value)]);
  if (understood.length) item.append(pairs(understood));
  item.append(folded("Request", pairs(filled(form))));
  if (answer) item.append(folded("TwiML", element("pre", "", pretty(answer))));
  return item;
}

function inWords(name, value) {
  if (name === "milliseconds") return `${value} ms`;
  if (name === "effects") return value.map((effect) => [effect].flat().join(": ")).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function filled(named) {
  return Object.entries(named ?? {}).filter(([, value]) => value !== null && String(value) !== "");
}

function folded(title, content) {
  const all = element("details");
  all.append(element("summary", "", title), content);
  return all;
}

function pairs(entries) {
  const list = element("dl");
  for (const [name, value] of entries) list.append(element("dt", "", name), element("dd", "", String(value)));
  return list;
}

function pretty(xml) {
  const parsed = new DOMParser().parseFromString(xml, "text/xml");
  return parsed.querySelector("parsererror") ? xml : lines(parsed.documentElement, "").join("\n");
}

function lines(node, indent) {
  const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${value}"`).join("");
  const open = `${indent}<${node.tagName}${attributes}`;
  const children = [...node.childNodes].filter((child) => child.nodeType === 1 || child.textContent.trim());
  if (!children.length) return [`${open}/>`];
  if (children.every((child) => child.nodeType !== 1)) return [`${open}>${node.textContent.trim()}</${node.tagName}>`];
  const inner = children.flatMap((child) => (child.nodeType === 1 ? lines(child, `${indent}  `) : [`${indent}  ${child.textContent.trim()}`]));
  return [`${open}>`, ...inner, `${indent}</${node.tagName}>`];
}
