// How a call stands, and how it ended, in words. A call: { direction, state, by }.

const ENDED = { completed: "ended", busy: "busy", "no-answer": "no answer", canceled: "ended", failed: "failed" };
const MISSED = new Set(["no-answer", "canceled"]);
// Who picked up, where it was not the person at the phone.
const TAKEN_BY = { fax: "on a fax machine", human: "answered elsewhere", silence: "answered in silence" };
const ON_MACHINE = "on the answering machine";

export function isEnd(state) {
  return state in ENDED;
}

export function stateInWords({ state, direction, by }) {
  if (state === "ringing") return direction === "incoming" ? "is calling" : "calling …";
  return by ? TAKEN_BY[by] ?? ON_MACHINE : "in a call";
}

export function endInWords(call, state) {
  return isMissed(call, state) && call.direction === "incoming" ? "missed" : ENDED[state];
}

// What its owner finds on the phone after a call; nothing after most. `call` as it stood before it ended so.
export function afterwards(call, state) {
  if (isMissed(call, state)) return call.direction === "incoming" ? "Missed call" : "Not answered: this call cost nothing.";
  return call?.by?.startsWith("machine") ? "There is a message on the answering machine." : "";
}

export function lasted(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function isMissed(call, state) {
  return call?.state === "ringing" && MISSED.has(state);
}
