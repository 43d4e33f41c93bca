// What a phone tells its owner at the foot of the screen, for a while.

import { watchMore } from "./more.js";

const MILLISECONDS = 8000;

export class Notice {
  #place;
  #more;
  #timer = 0;

  constructor(place) {
    this.#place = place;
    this.#more = watchMore(place);
  }

  get isEmpty() {
    return !this.#place.textContent;
  }

  tell(words, milliseconds = MILLISECONDS) {
    clearTimeout(this.#timer);
    if (this.#place.textContent !== words) this.#place.textContent = words;
    this.#place.scrollTop = 0;
    this.#more();
    // What a keyboard must scroll can have the focus.
    if (this.#place.scrollHeight > this.#place.clientHeight) this.#place.tabIndex = 0;
    else this.#place.removeAttribute("tabindex");
    if (words) this.#timer = setTimeout(() => this.tell(""), milliseconds);
  }
}
