// A call in progress: its words as they are spoken, the keys that are pressed meanwhile, and the time that it waits.

import { element } from "./thread.js";
import { canListen, listen, playRecording, rest, say } from "./voice.js";

const SPEAKING_RATE = 14; // characters a second, where the carrier does not say

export class CallWords {
  #parts;
  #act;
  #changed;
  #tell;
  #cut = new AbortController();
  #playing = Promise.resolve();
  #last = null;
  #keys = "";
  #keysAhead = ""; // pressed while the answer to the last ones was on its way
  #isAnswering = false;
  #language = "fr-FR";
  #isListening = false;

  // parts: where words, what is waited for, and the other end of a transfer are shown.
  // act(what, body): what the caller does; nothing comes back where that was refused. changed(): what can be done now is not what it was.
  // tell(words): what the caller must know.
  constructor(parts, { act, changed, tell }) {
    this.#parts = parts;
    this.#act = act;
    this.#changed = changed;
    this.#tell = tell;
    parts.otherEnd.addEventListener("click", (event) => {
      const status = event.target.dataset?.transferred;
      if (!status) return;
      this.#showOtherEnd("");
      this.#answer("transferred", { status });
    });
  }

  get canSpeak() {
    return canListen && Boolean(this.#last?.waits?.speech) && !this.#isListening;
  }

  begin() {
    this.stop();
    this.#parts.words.replaceChildren();
    this.#last = null;
  }

  // Nothing more is said or waited for.
  stop() {
    this.#cut.abort();
    this.#keys = this.#keysAhead = "";
    this.#isListening = this.#isAnswering = false;
    this.#last = null;
    this.#highlight(null);
    this.#showOtherEnd("");
    this.#parts.waits.textContent = "";
    this.#changed();
  }

  // Once everything is said that belongs to the end of the call.
  async finished() {
    if (this.#last?.over) await this.#playing;
  }

  heard(event) {
    const goesOn = this.#last && !this.#last.waits && !this.#last.over;
    const before = goesOn ? this.#playing : Promise.resolve();
    if (!goesOn) this.#cut.abort();
    const cut = goesOn && !this.#cut.signal.aborted ? this.#cut : new AbortController();
    this.#cut = cut;
    this.#last = event;
    this.#keys = "";
    this.#listensNoMore();
    this.#isAnswering = false;
    this.#changed();
    this.#playing = before.then(() => this.#play(event, cut.signal));
    const ahead = this.#keysAhead;
    this.#keysAhead = "";
    for (const key of ahead) this.press(key);
  }

  // What was said before the page was loaded: shown, not said. `waits`: what the call waits for now.
  past(event, waits) {
    for (const piece of event.pieces) for (const line of piece.say ?? []) this.#line(line, piece.language);
    this.#last = { ...event, waits };
  }

  goOn() {
    if (!this.#last) return;
    this.#cut = new AbortController();
    const dialled = this.#last.pieces.findLast((piece) => piece.dial);
    if (dialled && !this.#last.waits) this.#showOtherEnd(dialled.dial);
    else this.#await(this.#last, this.#cut.signal);
    this.#changed();
  }

  pressed(event) {
    this.#parts.words.append(element("p", "pressed", event.silence ? "(silence)" : event.words ?? event.keys));
    this.#toEnd();
  }

  press(key) {
    const waits = this.#last?.waits;
    if (!waits?.keys) return;
    if (this.#isAnswering) {
      this.#keysAhead += key;
      return;
    }
    this.#silence();
    this.#keys += key;
    this.#parts.waits.textContent = this.#keys;
    const isDone = (waits.digits && this.#keys.length >= waits.digits) || waits.finish_on?.includes(key);
    if (isDone) this.#send();
    else this.#await(this.#last, this.#cut.signal);
  }

  async speak() {
    this.#silence();
    this.#isListening = true;
    this.#parts.waits.textContent = "Listening …";
    this.#changed();
    const { signal } = this.#cut;
    const { words, trouble } = await listen(this.#language, signal);
    if (signal.aborted) return;
    this.#listensNoMore();
    if (words) this.#answer("speech", { words });
    else if (!trouble) this.#answer("silence", {});
    else {
      // The caller wanted to say something and could not: no silence, but time to read why, and to press a key.
      this.#tell(trouble);
      this.#await(this.#last, signal);
    }
  }

  #silence() {
    this.#cut.abort();
    this.#cut = new AbortController();
    this.#highlight(null);
    this.#listensNoMore();
  }

  #listensNoMore() {
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#parts.waits.textContent = "";
    this.#changed();
  }

  #send(isWhole = true) {
    const keys = this.#keys;
    this.#keys = "";
    this.#parts.waits.textContent = "";
    this.#silence();
    this.#answer("keys", { keys }, isWhole);
  }

  // isWhole: nothing more belongs to the answer. Fewer keys than are waited for are one only once no more come.
  async #answer(what, body, isWhole = true) {
    const asked = this.#last;
    this.#isAnswering = true;
    if (await this.#act(what, body)) {
      if (!isWhole && this.#last === asked) this.#answer("silence", {});
      return;
    }
    if (!asked || this.#last !== asked) return;
    // Who was refused, or not heard, may try something else, and the call waits on.
    this.#isAnswering = false;
    const ahead = what === "silence" ? this.#keysAhead : ""; // those that follow a lost key mean nothing
    this.#keysAhead = "";
    if (what === "transferred") this.#parts.otherEnd.hidden = false;
    else if (ahead) for (const key of ahead) this.press(key);
    else this.#await(asked, this.#cut.signal);
  }

  async #play(event, signal) {
    for (const piece of event.pieces) {
      if (signal.aborted) return;
      if (piece.say) await this.#say(piece, signal);
      else if (piece.play) await this.#recording(piece.play, signal);
      else if (piece.pause) await rest(piece.pause, signal);
      else if (piece.dial) this.#showOtherEnd(piece.dial);
      else if (piece.fault) this.#parts.words.append(element("p", "fault", piece.fault));
    }
    if (signal.aborted) return;
    this.#highlight(null);
    if (event.waits) this.#await(event, signal);
  }

  async #say(piece, signal) {
    this.#language = piece.language || this.#language;
    const letters = piece.say.reduce((sum, line) => sum + line.length, 0) || 1;
    const seconds = piece.seconds || letters / SPEAKING_RATE;
    for (const words of piece.say) {
      if (signal.aborted) return;
      this.#highlight(this.#line(words, piece.language));
      await say(words, this.#language, (seconds * words.length) / letters, signal);
    }
  }

  async #recording(url, signal) {
    this.#highlight(this.#line("♪", ""));
    await playRecording(url, signal);
  }

  // Silence, or the keys that were pressed, once nothing happens for as long as the call waits.
  async #await(event, signal) {
    if (!event.waits) return;
    await rest(event.waits.timeout || 5, signal);
    if (signal.aborted) return;
    if (this.#keys) this.#send(false);
    else this.#answer("silence", {});
  }

  #line(words, language) {
    const line = element("p", "line", words);
    if (language) line.lang = language;
    this.#parts.words.append(line);
    this.#toEnd();
    return line;
  }

  #highlight(line) {
    for (const said of this.#parts.words.querySelectorAll(".is-said")) {
      said.classList.remove("is-said");
      said.removeAttribute("aria-current");
    }
    if (!line) return;
    line.classList.add("is-said");
    line.setAttribute("aria-current", "true");
  }

  #showOtherEnd(number) {
    this.#parts.otherEnd.hidden = !number;
    if (number) this.#parts.dialled.textContent = `${number} rings. What happens there?`;
  }

  #toEnd() {
    this.#parts.words.scrollTop = this.#parts.words.scrollHeight;
  }
}
