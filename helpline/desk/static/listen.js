// Has the browser read aloud what a call says. Where it cannot, nothing is offered.
"use strict";

(() => {
  const voice = window.speechSynthesis;
  if (!voice) return;
  const buttons = [...document.querySelectorAll(".listen")];
  const words = new Map(buttons.map((button) => [button, button.firstElementChild.textContent]));
  let speaking = null;

  function stop() {
    if (speaking) speaking.firstElementChild.textContent = words.get(speaking);
    speaking = null;
    voice.cancel();
  }

  function speak(button) {
    stop();
    speaking = button;
    button.firstElementChild.textContent = button.dataset.stop;
    const lines = [...button.closest("figure").querySelectorAll(".spoken span")];
    lines.forEach((line, place) => {
      const said = new SpeechSynthesisUtterance(line.textContent);
      said.lang = line.parentElement.dataset.voice;
      if (place === lines.length - 1) said.onend = () => speaking === button && stop();
      voice.speak(said);
    });
  }

  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => (button === speaking ? stop() : speak(button)));
  }
  for (const lead of document.querySelectorAll(".listen-lead")) lead.hidden = false;
  window.addEventListener("pagehide", stop);
})();
