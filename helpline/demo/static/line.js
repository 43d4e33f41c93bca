// The line between a phone and the server: long polling that comes back by itself.

const WAIT_SECONDS = 20;
const TOO_LONG_SECONDS = 40;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4000;
// Browsers keep six connections to a server, for all of its tabs: one that nobody looks at must not hold any.
const HIDDEN_PAUSE = 4000;

const AWAY = "The helpline does not answer just now. Please try again in a moment.";
const LOST = "Connection lost. Trying again …";

export class Refused extends Error {}

export async function ask(path, body) {
  const asked = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...asked });
  } catch {
    throw new Refused(AWAY);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told.message || (answer.status < 500 ? `The helpline says ${answer.status}.` : AWAY));
  return told;
}

export class Line {
  #path;
  #news;
  #connection;
  #last = 0;
  #epoch = "";
  #trouble = "";
  #pause = FIRST_PAUSE;
  #stopped = new AbortController();
  #hurry = () => {};

  // news(answer, isHistory): what happened, or all that is known. connection(trouble): why the line is lost; "": it is back.
  constructor(number, { news, connection }) {
    this.#path = `/phone/${encodeURIComponent(number)}`;
    this.#news = news;
    this.#connection = connection;
  }

  post(path, body = {}) {
    return ask(`${this.#path}/${path}`, body);
  }

  stop() {
    this.#stopped.abort();
  }

  async run() {
    const { signal } = this.#stopped;
    const hurry = () => this.#hurry();
    for (const change of ["online", "offline"]) window.addEventListener(change, hurry, { signal });
    document.addEventListener("visibilitychange", hurry, { signal });
    while (!signal.aborted) {
      let answer;
      try {
        answer = await this.#look();
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(error instanceof Refused ? error.message : LOST);
        await this.#rest(this.#pause);
        this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
        continue;
      }
      if (signal.aborted) return;
      this.#pause = FIRST_PAUSE;
      this.#tell("");
      if (!answer) continue;
      this.#take(answer.told);
      if (document.hidden) await this.#rest(HIDDEN_PAUSE);
      else if (answer.pause) await this.#rest(answer.pause);
    }
  }

  // What is new, and how long to pause before the next look; nothing when the wait was cut short.
  async #look() {
    const isFirst = !this.#epoch;
    const wait = isFirst || document.hidden || this.#trouble ? 0 : WAIT_SECONDS;
    const query = new URLSearchParams({ after: this.#last, wait, ...(isFirst ? {} : { epoch: this.#epoch }) });
    const cut = new AbortController();
    let hurried = false;
    this.#hurry = () => {
      hurried = true;
      cut.abort();
    };
    const signal = AbortSignal.any([cut.signal, this.#stopped.signal, AbortSignal.timeout(TOO_LONG_SECONDS * 1000)]);
    try {
      const answer = await fetch(`${this.#path}/events?${query}`, { signal, cache: "no-store" });
      if (!answer.ok) throw await whyNot(answer);
      // Too many pages wait already: this one was not let wait, and asks again in a while.
      return { told: await answer.json(), pause: Number(answer.headers.get("Retry-After")) * 1000 };
    } catch (error) {
      if (hurried) return null;
      throw error;
    }
  }

  #take(answer) {
    const isHistory = answer.epoch !== this.#epoch;
    if (isHistory && this.#last > 0) {
      // The carrier was started again and counts anew: ask for everything that it knows.
      this.#last = 0;
      this.#epoch = "";
      return;
    }
    this.#epoch = answer.epoch;
    this.#last = answer.last;
    this.#news(answer, isHistory);
  }

  #rest(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#stopped.signal.addEventListener("abort", () => this.#hurry(), { once: true });
    });
  }

  #tell(trouble) {
    if (trouble !== this.#trouble) this.#connection(trouble);
    this.#trouble = trouble;
  }
}

// A refusal says itself what is wrong. Anything else passes by itself.
async function whyNot(answer) {
  if (answer.status < 400 || answer.status >= 500) return new Error(String(answer.status));
  const told = await answer.json().catch(() => ({}));
  return new Refused(told.message || `The helpline says ${answer.status}.`);
}
