"""Somebody who texts, and somebody who calls, with the shipped prompts and one kind more; each turn through the text
form of the session."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from helpline.conversation import session
from helpline.conversation.moves import interrupted
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Effect
from helpline.menus.windows import PARIS
from helpline.prompts_folder import Loaded, load_folder
from helpline.sms.compose import compose, last_message
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns
from helpline.voice.calls import CallPaths, Calls
from tests.conversation.training import KIND, WORDS
from tests.conversations.performer import Agreed
from tests.conversations.player import KEY, NUMBER, OPERATOR, PROMPTS, Folder

MONDAY = datetime(2026, 11, 23, 10, 15, tzinfo=PARIS)
TRAINING = "training.yaml"


def written() -> dict[str, str]:
    """The files of the shipped prompts, and the words of a training."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(PROMPTS.glob("*.yaml"))}
    return files | {"kinds.yaml": files["kinds.yaml"] + KIND, TRAINING: WORDS}


def put_into(folder: Path, files: dict[str, str]) -> Path:
    for name, words in files.items():
        (folder / name).write_text(words, encoding="utf-8")
    return folder


@cache
def loaded() -> Loaded:
    """Read as a server reads them; a fault would be raised."""
    with TemporaryDirectory() as folder:
        return load_folder(put_into(Path(folder), written()), ("fr", "en"), OPERATOR)


@dataclass
class Texter:
    """Somebody who texts. `here` is where the last answer left them."""

    here: Session = field(default_factory=lambda: Session("fr"))
    now: datetime = MONDAY
    agreed: Agreed = field(default_factory=Agreed)
    turns: int = 0

    def __post_init__(self) -> None:
        self.agreed.follow(loaded().prompts.menus.calendar)

    def __call__(self, words: str, later: timedelta = timedelta(seconds=20)) -> str:
        """What a text is answered with."""
        self.now, self.turns = self.now + later, self.turns + 1
        context = Context("sms", self.now, f"SM{self.turns}", number=NUMBER)
        turns = Turns(self.agreed.performers(), Counters())
        turn = turns.of_words(loaded().prompts, loaded().ears, self.here, words, context, last_message)
        self.here = session.decode(session.encode(turn.session))
        assert self.here == turn.session
        return "\n".join(compose(loaded().prompts, turn, context))

    def gets(self, page: str, **form: str) -> None:
        """A message of ours comes."""
        context = Context("sms", self.now)
        prompts = loaded().prompts
        self.here = interrupted(prompts, self.here, Place(page), "fr", context, tuple(form.items()))

    @property
    def place(self) -> str:
        return self.here.place.node

    @property
    def form(self) -> dict[str, str]:
        return dict(self.here.form)

    @property
    def last(self) -> Effect:
        return self.agreed.effects[-1]


@dataclass
class Caller:
    """Somebody who calls. `heard` is what was said last, `twiml` the whole answer."""

    language: str = "fr"
    agreed: Agreed = field(default_factory=Agreed)
    now: datetime = MONDAY
    twiml: str = ""

    def __post_init__(self) -> None:
        self.agreed.follow(loaded().prompts.menus.calendar)
        turns = Turns(self.agreed.performers(), Counters())
        self.calls = Calls(
            Folder(loaded()),
            turns,
            lambda fingerprint: self.language,
            CallPaths(""),
            KEY,
            lambda: self.now,
            speech_wanted=False,
        )

    def at(self, here: Session) -> Caller:
        """The caller, in a call of ours that begins there."""
        self.twiml = self.calls.ours("CA1", session.encode(here), "human", NUMBER)
        return self

    def press(self, keys: str) -> str:
        self.twiml = self.calls.go_on("CA1", self._where("Gather"), keys, "", NUMBER)
        return self.heard

    def say(self, words: str) -> str:
        self.twiml = self.calls.go_on("CA1", self._where("Gather"), "", words, NUMBER)
        return self.heard

    def wait(self) -> str:
        self.twiml = self.calls.go_on("CA1", self._where("Redirect"), "", "", NUMBER)
        return self.heard

    @property
    def heard(self) -> str:
        root = ElementTree.fromstring(self.twiml)
        return " ".join(" ".join("".join(say.itertext()).split()) for say in root.iter("Say"))

    @property
    def here(self) -> Session:
        return session.decode(self._where("Gather"))

    @property
    def waits_for(self) -> tuple[str, str]:
        """How many keys, and the key that ends them."""
        gather = ElementTree.fromstring(self.twiml).find("Gather")
        assert gather is not None, self.twiml
        return gather.attrib["numDigits"], gather.attrib["finishOnKey"]

    @property
    def last(self) -> Effect:
        return self.agreed.effects[-1]

    def _where(self, verb: str) -> str:
        found = ElementTree.fromstring(self.twiml).find(verb)
        assert found is not None, self.twiml
        return urlsplit(found.get("action") or found.text or "").path.rpartition("/")[2]


def dialled(language: str = "fr", agreed: Agreed | None = None) -> Caller:
    """A call to us."""
    caller = Caller(language, agreed or Agreed())
    caller.twiml = caller.calls.begin("CA1", NUMBER)
    return caller
