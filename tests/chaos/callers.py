"""The people of a chaos run: each texts or calls, waits as people do, and tries again what did not work."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpline.settings import Settings
from helpline.simulator.line.call import Call
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from tests.chaos.told import ASKS, ASKS_TO_ERASE, CONFIRMED, NOTHING_DUE, TOLD_SO, Person, Told, Wish, holds

# What may be keyed: neither 5, behind which one signs up, nor 8, which has something sent.
KEYS_OF_CALLS, KEYS_OF_TEXTS = "12346909*", "12346034"
KEYWORDS = ("actualisation", "mot de passe", "inscription", "radié", "allocation", "arnaque")
TEXTS_OF_A_WALK, KEYS_OF_A_WALK = 6, 6
STEPS: dict[Wish, tuple[str, ...]] = {
    "stop": ("STOP",),
    "done": ("FAIT",),
    "erase": ("EFFACER", "1"),
    "sign_up": ("RAPPEL", "OUI"),
}
# Who tries again uses other words: the same text six times in a row is taken for a machine's.
IN_OTHER_WORDS = {"STOP": "stop sms", "FAIT": "c'est fait", "EFFACER": "tout effacer", "RAPPEL": "rappel svp"}
FIRST_TRY_AGAIN, LONGEST_TRY_AGAIN = 1.0, 8.0


@dataclass
class Callers:
    """Threads, one for each caller. `quitting` are numbers that have reminders, with what they will ask for."""

    webhooks: Webhooks
    settings: Settings
    told: Told
    now: Callable[[], datetime]
    quitting: list[tuple[str, Wish]]
    numbers: Iterator[str]
    pause: tuple[float, float]
    seed: int
    expected: dict[str, str] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)  # begin nothing new
    gone: threading.Event = field(default_factory=threading.Event)  # nor go on with anything

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def learn(self) -> None:
        """What each keyword is answered with while nothing fails: its longest line."""
        for word in KEYWORDS:
            answer = self._line(self._new_number()).send(word)
            self.expected[word] = max("\n".join(answer).splitlines(), key=len)

    def begin(self, count: int) -> None:
        for index in range(count):
            chances = random.Random(f"{self.seed} {index}")
            thread = threading.Thread(target=self._live, args=(chances, index), name=f"caller {index}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self, patience: float) -> int:
        """Let everybody come to an end, in so many seconds. How many did not."""
        self.over.set()
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        left = sum(thread.is_alive() for thread in self._threads)
        self.gone.set()
        for thread in self._threads:
            thread.join(30)
        return left

    def _live(self, chances: random.Random, index: int) -> None:
        self._wait(chances, chances.uniform(0, self.pause[1]))
        ways = itertools.cycle((self._call, self._walk, self._sign_up, self._quit))
        for _ in range(index % 4):
            next(ways)
        while not self.over.is_set():
            try:
                next(ways)(chances)
            except Exception as error:  # a fault of the test's: it must not look like fewer callers
                self.told.note_odd(f"caller failed: {type(error).__name__} {error}")
            self._wait(chances)

    def _call(self, chances: random.Random) -> None:
        call = Call(self.webhooks, self.settings, self._new_number())
        try:
            _hear(call.begin())
            for _ in range(KEYS_OF_A_WALK):
                self._wait(chances)
                if self.over.is_set() or call.waits is None or call.is_over:
                    break
                if call.waits.keys and chances.random() < 0.9:
                    heard, _ = call.press(chances.choice(KEYS_OF_CALLS))
                    _hear(heard)
                else:
                    _hear(call.silence())
        except CarrierError:
            self.told.count("calls broken off")
        try:
            call.hang_up()
        except CarrierError:
            self.told.count("reports lost")
        for fault in call.faults:
            self.told.note_odd(f"call: {fault}")

    def _walk(self, chances: random.Random) -> None:
        line = self._line(self._new_number())
        for _ in range(TEXTS_OF_A_WALK):
            if self.over.is_set():
                return
            body = chances.choice(KEYS_OF_TEXTS) if chances.random() < 0.5 else chances.choice(KEYWORDS)
            answer = self._text(line, body)
            if answer is not None:
                wanted = self.expected.get(body, "")
                if not answer or (wanted and not holds(answer, wanted)):
                    self.told.note_odd(f"{body!r} was answered {answer}")
            self._wait(chances)

    def _sign_up(self, chances: random.Random) -> None:
        number = self._new_number()
        if self._wish(chances, number, "sign_up") and chances.random() < 0.5:
            self._wait(chances)
            self._wish(chances, number, "stop")

    def _quit(self, chances: random.Random) -> None:
        with self._lock:
            found = self.quitting.pop() if self.quitting else None
        if found:
            self._wish(chances, *found)
        else:
            self._sign_up(chances)

    def _wish(self, chances: random.Random, number: str, wish: Wish) -> bool:
        """Ask for it until it is confirmed. Whether it was."""
        person, line = self.told.of(number), self._line(number)
        person.open = wish
        again, tries = FIRST_TRY_AGAIN, 0
        while not self.gone.is_set():
            first, *then = STEPS[wish]
            steps = (IN_OTHER_WORDS[first] if tries % 2 else first, *then)
            tries += 1
            if self._try(chances, person, line, wish, steps):
                return True
            self._wait(chances, again)
            again = min(again * 1.5, LONGEST_TRY_AGAIN)
        return False

    def _try(self, chances: random.Random, person: Person, line: TextLine, wish: Wish, steps: Sequence[str]) -> bool:
        for step in steps:
            if step == steps[-1]:
                person.said.add(wish)
                self.told.count(f"said {wish}")
            answer = self._text(line, step)
            if answer is None:
                return False
            if holds(answer, *CONFIRMED[wish]):
                person.last, person.open, person.confirmed_at = wish, None, self.now()
                return True
            if holds(answer, TOLD_SO[wish]):
                self.told.count(f"told so {wish}")
                return False
            if holds(answer, ASKS, ASKS_TO_ERASE):
                self._wait(chances)
                continue
            # Somebody who is erased already, or whose key was not heard without a session, is asked again.
            if wish in ("done", "erase") and (step == "1" or holds(answer, NOTHING_DUE)):
                return False
            self.told.note_odd(f"{wish}: {step!r} was answered {answer}")
            return False
        return False

    def _text(self, line: TextLine, body: str) -> list[str] | None:
        """The answer; None if the carrier got none, after it had asked again."""
        try:
            return line.send(body)
        except CarrierError:
            self.told.count("texts unanswered")
            return None

    def _line(self, number: str) -> TextLine:
        return TextLine(self.webhooks, self.settings, number)

    def _new_number(self) -> str:
        with self._lock:
            return next(self.numbers)

    def _wait(self, chances: random.Random, seconds: float | None = None) -> None:
        (self.gone if seconds is not None else self.over).wait(
            chances.uniform(*self.pause) if seconds is None else seconds
        )


def _hear(pieces: Iterator[object]) -> Sequence[object]:
    return list(pieces)
