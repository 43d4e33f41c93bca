// Tones of keys, beeps and rings, made by the browser. Silent until somebody touches the page, as browsers ask.

const KEPT = "helpline-sound";
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";

let context = null;
let isOn = sessionStorage.getItem(KEPT) !== "off";
const listeners = new Set();

export function soundIsOn() {
  return isOn;
}

export function switchSound() {
  isOn = !isOn;
  sessionStorage.setItem(KEPT, isOn ? "on" : "off");
  listeners.forEach((tell) => tell(isOn));
}

// tell(isOn) now and whenever it changes; gives back what ends that.
export function watchSound(tell) {
  listeners.add(tell);
  tell(isOn);
  return () => listeners.delete(tell);
}

function wake() {
  if (!window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}
for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake, { capture: true });

function play(frequencies, seconds, { delay = 0, volume = 0.06 } = {}) {
  if (!isOn || context?.state !== "running") return;
  const from = context.currentTime + delay;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(volume, from + 0.008);
  gain.gain.setValueAtTime(volume, from + seconds - 0.02);
  gain.gain.linearRampToValueAtTime(0, from + seconds);
  gain.connect(context.destination);
  for (const frequency of frequencies) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(gain);
    oscillator.start(from);
    oscillator.stop(from + seconds);
  }
}

export function keyTone(key) {
  const at = KEYS.indexOf(key);
  if (at >= 0) play([ROWS[Math.floor(at / 3)], COLUMNS[at % 3]], 0.14);
}

export function messageBeep() {
  play([1319], 0.09);
  play([1760], 0.14, { delay: 0.12 });
}

function again(once, milliseconds) {
  once();
  const timer = setInterval(once, milliseconds);
  return () => clearInterval(timer);
}

// Each gives back what ends it.
export function ring() {
  const notes = [784, 988, 1175, 988, 784, 988, 1175, 1568];
  return again(() => notes.forEach((note, at) => play([note], 0.13, { delay: at * 0.15, volume: 0.08 })), 2600);
}

export function ringBack() {
  return again(() => play([440], 1.5, { volume: 0.03 }), 5000);
}
