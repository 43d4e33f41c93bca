// One phone: its screens, its keys, and what the carrier tells it.

import { CallWords } from "./call.js";
import { afterwards, endInWords, isEnd, lasted, stateInWords } from "./call_told.js";
import { Log } from "./curious.js";
import { flash, listenToKeys } from "./keys.js";
import { Line, Refused } from "./line.js";
import { Notice } from "./notice.js";
import { keyTone, messageBeep, ring, ringBack, watchSound } from "./sound.js";
import { Thread } from "./thread.js";
import { clock, day, moment, now } from "./time.js";

const RINGS_MILLISECONDS = 60_000;
const EARS = "Speak: some browsers send what the microphone hears to their maker.";
const EARS_TOLD = "helpline-ears-told";

export class Phone {
  #article;
  #line;
  #thread;
  #words;
  #log;
  #mode = "home"; // home, texts, call
  #call = null; // { sid, direction, state, by, from }
  #unread = 0;
  #stopRinging = null;
  #notice;
  #stopWatching;

  constructor(article) {
    this.#article = article;
    this.#thread = new Thread(this.#find(".thread"));
    this.#notice = new Notice(this.#find(".notice"));
    this.#log = new Log(this.#find(".log"));
    const parts = { words: this.#find(".words"), waits: this.#find(".waits"), otherEnd: this.#find(".other-end"), dialled: this.#find(".dialled") };
    this.#words = new CallWords(parts, {
      act: (what, body) => this.#inCall(what, body),
      changed: () => this.#show(),
      tell: (words) => this.#notice.tell(words),
    });
    this.#line = new Line(article.dataset.number, {
      news: (answer, isHistory) => this.#news(answer, isHistory),
      connection: (trouble) => this.#write(".connection", trouble),
    });
    this.#listen();
    this.tick();
    this.#show();
    this.#line.run();
  }

  // Time goes by.
  tick() {
    const time = clock(now());
    this.#write(".clock", time);
    this.#write(".small-clock", time);
    this.#write(".day", day(now()));
    if (this.#call?.state === "in-progress") this.#write(".elapsed", lasted(Date.now() - this.#call.from));
  }

  focus() {
    this.#find(".screen").focus();
  }

  putAway() {
    if (this.#call) this.#inCall("hang-up");
    this.#words.stop();
    this.#ring(null);
    this.#stopWatching();
    this.#line.stop();
    this.#article.remove();
  }

  #find(selector) {
    return this.#article.querySelector(selector);
  }

  #write(selector, text) {
    const found = this.#find(selector);
    if (found.textContent !== text) found.textContent = text;
  }

  // What the carrier tells

  #news(answer, isHistory) {
    const hadCall = Boolean(this.#call);
    if (isHistory) this.#forget();
    for (const event of answer.events) this.#happened(event, isHistory, answer.call);
    if (isHistory) this.#resume(answer.call);
    if (hadCall && isHistory && !this.#call) this.#notice.tell("Call lost", RINGS_MILLISECONDS);
    this.#article.classList.toggle("is-blocked", answer.is_blocked);
    this.#find(".blocked").hidden = !answer.is_blocked;
    this.#show();
  }

  #forget() {
    this.#thread.clear();
    this.#log.clear();
    this.#words.begin();
    this.#call = null;
    this.#ring(null);
    if (this.#mode === "call") this.#mode = "home";
  }

  #happened(event, isPast, current) {
    this.#log.add(event);
    switch (event.kind) {
      case "text":
        this.#thread.add(event);
        if (event.direction === "received" && !isPast) this.#received(event);
        break;
      case "status":
        this.#thread.status(event);
        break;
      case "call":
        if (!isPast) this.#callMoved(event);
        else if (event.call === current?.call) this.#keep(event, Date.now() - (now() - moment(event.at)));
        break;
      case "heard":
        if (!isPast && event.call === this.#call?.sid) this.#words.heard(event);
        else if (isPast && event.call === current?.call) this.#words.past(event, current.waits);
        break;
      case "pressed":
        if (event.call === (isPast ? current?.call : this.#call?.sid)) this.#words.pressed(event);
        break;
      case "fault":
        if (!isPast) this.#notice.tell(event.message);
        break;
    }
  }

  #resume(current) {
    if (!current) return;
    this.#call ??= { sid: current.call, direction: current.direction, from: Date.now() };
    this.#call.state = current.state;
    this.#call.by = current.by;
    this.#mode = "call";
    if (current.state === "ringing") this.#ring(current.direction);
    else this.#words.goOn();
  }

  #received(event) {
    messageBeep();
    this.#article.classList.add("got-text");
    setTimeout(() => this.#article.classList.remove("got-text"), 1500);
    if (this.#mode === "texts") return;
    this.#unread += 1;
    this.#notice.tell(`New message: ${event.body}`, 20_000);
  }

  #keep(event, from) {
    if (this.#call?.sid !== event.call) this.#words.begin();
    this.#call = { sid: event.call, direction: event.direction, state: event.state, by: event.by, from };
  }

  #callMoved(event) {
    if (isEnd(event.state)) {
      if (event.call === this.#call?.sid) this.#ended(event.state);
      return;
    }
    this.#keep(event, Date.now());
    this.#mode = "call";
    this.#ring(event.state === "ringing" ? event.direction : null);
    this.#notice.tell(event.state === "ringing" && event.direction === "incoming" ? "Incoming call" : "", RINGS_MILLISECONDS);
  }

  async #ended(state) {
    const call = this.#call;
    this.#ring(null);
    if (this.#isCalled) this.#notice.tell("");
    await this.#words.finished();
    if (this.#call !== call) return;
    this.#call = null;
    this.#words.stop();
    this.#write(".call .state", endInWords(call, state));
    const words = afterwards(call, state);
    if (words) this.#notice.tell(words, RINGS_MILLISECONDS);
    this.#show();
  }

  #ring(direction) {
    this.#stopRinging?.();
    this.#stopRinging = direction && (direction === "incoming" ? ring() : ringBack());
    this.#article.classList.toggle("is-ringing", direction === "incoming");
  }

  // What the caller does

  async #try(act, otherwise = () => {}) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      otherwise();
      this.#notice.tell(error.message);
      return null;
    }
  }

  #inCall(what, body = {}) {
    const { sid } = this.#call ?? {};
    return sid ? this.#try(() => this.#line.post(`calls/${sid}/${what}`, body)) : null;
  }

  #openTexts() {
    if (this.#refusesTexts()) return;
    this.#mode = "texts";
    this.#unread = 0;
    this.#notice.tell("");
    this.#show();
    this.#thread.show();
    if (matchMedia("(pointer: fine)").matches) this.#draft.focus();
  }

  #refusesTexts() {
    const words = this.#article.dataset.noTexts;
    if (words) this.#notice.tell(words);
    return Boolean(words);
  }

  get #draft() {
    return this.#find("textarea");
  }

  #send() {
    const body = this.#draft.value.trim();
    if (!body) return;
    this.#draft.value = "";
    this.#try(() => this.#line.post("texts", { body }), () => {
      this.#draft.value ||= body;
    });
  }

  async #dial() {
    this.#words.begin();
    this.#mode = "call";
    this.#call = { sid: "", direction: "outgoing", state: "ringing", from: Date.now() };
    this.#ring("outgoing");
    this.#show();
    this.focus();
    const call = this.#call;
    await this.#try(() => this.#line.post("calls"), () => {
      if (this.#call === call) this.#ended("failed");
    });
  }

  #hangUp() {
    this.#words.stop();
    if (this.#call?.sid) this.#inCall("hang-up");
    else this.#ended("canceled");
  }

  #home() {
    this.#mode = "home";
    this.#notice.tell("");
    this.#show();
    this.focus();
  }

  #press(key) {
    keyTone(key);
    flash(this.#article, key);
    if (this.#call) {
      if (this.#call.state === "in-progress") this.#words.press(key);
    } else if (this.#mode === "texts" || !this.#refusesTexts()) {
      if (this.#mode !== "texts") {
        this.#openTexts();
        this.focus();
      }
      this.#draft.value += key;
    }
  }

  // What the two soft keys, the green and the red one do now: [words, deed] or nothing.
  #deeds() {
    const hangUp = ["Hang up", () => this.#hangUp()];
    if (this.#isCalled) {
      const answer = ["Answer", () => this.#inCall("answer")];
      const decline = ["Decline", () => this.#inCall("decline")];
      return { left: answer, right: decline, green: answer, red: decline, enter: answer };
    }
    if (this.#call) {
      const speak = this.#words.canSpeak ? ["Speak", () => this.#words.speak()] : null;
      return { left: speak, right: hangUp, green: null, red: hangUp, enter: null };
    }
    const dial = ["Call", () => this.#dial()];
    const home = ["Back", () => this.#home()];
    const text = [this.#unread ? "Read" : "Text", () => this.#openTexts()];
    const send = ["Send", () => this.#send()];
    if (this.#mode === "texts") return { left: send, right: home, green: dial, red: home, enter: send };
    if (this.#mode === "call") return { left: text, right: home, green: dial, red: home, enter: dial };
    return { left: text, right: dial, green: dial, red: home, enter: dial };
  }

  // Whether a call is there that somebody has to answer.
  get #isCalled() {
    return this.#call?.state === "ringing" && this.#call.direction === "incoming";
  }

  #do(name) {
    this.#deeds()[name]?.[1]();
  }

  #listen() {
    this.#find(".machine").addEventListener("click", () => this.#inCall("machine"));
    this.#stopWatching = watchSound((isOn) => this.#find(".sound").setAttribute("aria-pressed", String(isOn)));
    listenToKeys(this.#article, {
      press: (key) => this.#press(key),
      deed: (name) => this.#do(name),
      send: () => this.#send(),
      leaveField: () => this.focus(),
      erase: () => {
        if (this.#mode === "texts") this.#draft.value = this.#draft.value.slice(0, -1);
      },
    });
  }

  // What is on the screen

  #show() {
    for (const mode of ["home", "texts", "call"]) this.#find(`.view.${mode}`).hidden = this.#mode !== mode;
    this.#article.dataset.mode = this.#mode;
    this.#find(".unread").hidden = !this.#unread;
    this.#write(".count", this.#unread === 1 ? "1 new message" : `${this.#unread} new messages`);
    if (this.#call) this.#write(".call .state", stateInWords(this.#call));
    if (this.#call?.state === "ringing") this.#write(".elapsed", "");
    this.#find(".instead").hidden = !this.#isCalled;
    const deeds = this.#deeds();
    const hadFocus = this.#article.contains(document.activeElement);
    for (const side of ["left", "right"]) {
      this.#write(`.soft.${side}`, deeds[side]?.[0] ?? "");
      const key = this.#find(`.soft.${side}`);
      key.disabled = !deeds[side];
      key.ariaLabel = deeds[side] ? null : "Nothing";
    }
    this.#warnOfEars(deeds.left?.[0] === "Speak");
    this.#find(".green").disabled = !deeds.green;
    this.#find(".green").setAttribute("aria-label", `Green key: ${deeds.green?.[0] ?? "nothing"}`);
    this.#find(".red").setAttribute("aria-label", `Red key: ${deeds.red[0]}`);
    const lost = document.activeElement === document.body || document.activeElement?.disabled || document.activeElement?.closest("[hidden]");
    if (hadFocus && lost) this.focus();
  }

  // Who is offered to speak knows first who may hear it: once, and whenever the key is pointed at.
  #warnOfEars(mayBeOffered) {
    this.#find(".soft.left").title = mayBeOffered ? EARS : "";
    if (!mayBeOffered || sessionStorage.getItem(EARS_TOLD) || !this.#notice.isEmpty) return;
    sessionStorage.setItem(EARS_TOLD, "yes");
    this.#notice.tell(EARS);
  }
}
