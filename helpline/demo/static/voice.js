// Words said aloud where the browser has a voice of their language; in silence, and in their time, where it has none.

import { soundIsOn, watchSound } from "./sound.js";

const synthesis = window.speechSynthesis;
const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
let isSpeaking = false; // one voice for all phones of the page: the second one moves its lips

synthesis?.getVoices(); // some browsers load them only when asked
watchSound((isOn) => {
  if (!isOn) synthesis?.cancel();
});

export function rest(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function voiceFor(language) {
  const voices = synthesis?.getVoices() ?? [];
  const wanted = language.toLowerCase();
  const of = (voice) => voice.lang.replace("_", "-").toLowerCase();
  const same = voices.filter((voice) => of(voice) === wanted);
  const near = voices.filter((voice) => of(voice).split("-")[0] === wanted.split("-")[0]);
  const found = same.length ? same : near;
  return found.find((voice) => voice.localService) ?? found[0];
}

export async function say(words, language, seconds, signal) {
  const voice = soundIsOn() && !isSpeaking && voiceFor(language);
  if (!voice) return rest(seconds, signal);
  isSpeaking = true;
  const began = performance.now();
  const spoken = await new Promise((resolve) => {
    const utterance = new SpeechSynthesisUtterance(words);
    Object.assign(utterance, { voice, lang: voice.lang });
    utterance.onend = () => resolve(true);
    utterance.onerror = () => resolve(false);
    setTimeout(() => resolve(true), (seconds * 3 + 5) * 1000); // some browsers never say that they are done
    signal.addEventListener("abort", () => resolve(true), { once: true });
    synthesis.speak(utterance);
  });
  synthesis.cancel();
  isSpeaking = false;
  // A voice that failed, or was muted, leaves the words their time.
  if (!spoken && !signal.aborted) await rest(Math.max(0, seconds - (performance.now() - began) / 1000), signal);
  return undefined;
}

// A recording of this helpline, whatever the name under which the carrier reaches it.
export async function playRecording(url, signal) {
  const { pathname, search } = new URL(url, location.href);
  const audio = new Audio(pathname + search);
  const stopWatching = watchSound((isOn) => {
    audio.muted = !isOn;
  });
  await new Promise((resolve) => {
    audio.onended = resolve;
    audio.onerror = resolve;
    signal.addEventListener("abort", resolve, { once: true });
    audio.play().catch(resolve);
  });
  audio.pause();
  stopWatching();
}

export const canListen = Boolean(Recognition);

const NO_EARS = {
  "not-allowed": "This browser may not use the microphone. Allow it in the browser's settings for this page, or press keys.",
  "audio-capture": "This browser finds no microphone. Press keys instead.",
  network: "The speech recognition of this browser is not reached. Press keys instead.",
  "language-not-supported": "This browser does not understand this language. Press keys instead.",
};
NO_EARS["service-not-allowed"] = NO_EARS["not-allowed"];

// What somebody says into the microphone, or the trouble that kept the browser from listening, in words.
// Neither when nothing was said, or it could not be understood.
export function listen(language, signal) {
  return new Promise((resolve) => {
    const done = (words, trouble = "") => resolve({ words, trouble });
    const recognition = new Recognition();
    recognition.lang = language;
    recognition.onresult = (event) => done(event.results[0][0].transcript);
    recognition.onerror = (event) => done("", NO_EARS[event.error]);
    recognition.onend = () => done("");
    signal.addEventListener("abort", () => {
      recognition.abort();
      done("");
    }, { once: true });
    try {
      recognition.start();
    } catch {
      done("", "This browser does not listen now. Press keys instead.");
    }
  });
}
