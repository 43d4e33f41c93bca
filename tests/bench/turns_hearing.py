"""What hearing a text costs: texts as people write them, and texts that are made to be slow."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from helpline.conversation.normalise import LONGEST
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context
from helpline.identity import identity_of
from helpline.menus.shapes import MAIN_MENU
from helpline.prompts_folder import Loaded, load_folder
from helpline.settings import Settings
from helpline.simulator.script.conversation import read_conversations
from helpline.turns.turn import listen
from tests.conversations.script import all_files

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
JUNK = ("😀👍", "?!...", "xq zzt", "12 34 56", "http://exemple.fr/a?b=c", "كيف", "ok ok ok", "…", "AAAA", "0000")
SENTENCES = Path(__file__).parent.parent / "hearing" / "dev.tsv"
AGAIN = 3  # each slow text is heard so often; the least counts


@dataclass(frozen=True)
class Costs:
    """CPU seconds a text: of texts as people write them, and of each that is made to be slow."""

    count: int
    ordinary: float
    slow: Mapping[str, float]

    @property
    def slowest(self) -> str:
        return max(self.slow, key=lambda name: self.slow[name])


def hearing_costs(settings: Settings, count: int) -> Costs:
    """What `count` texts cost on average, by a caller at the main menu, and what the slow ones cost."""
    languages = settings.languages
    loaded = load_folder(settings.prompts_dir, languages, identity_of(settings))
    heard = partial(_seconds, loaded)
    chosen = ordinary_texts(loaded, count)
    for text in chosen[:200]:
        heard(text)
    ordinary = sum(map(heard, chosen)) / count
    slow = {name: min(heard(text) for _ in range(AGAIN)) for name, text in slow_texts(loaded).items()}
    return Costs(count, ordinary, slow)


def _seconds(loaded: Loaded, text: str) -> float:
    session = Session(language="fr", place=Place(MAIN_MENU), at=int(NOW.timestamp()))
    began = time.thread_time()
    listen(loaded.prompts, loaded.ears, session, text[:LONGEST], Context("sms", NOW, "SM"))
    return time.thread_time() - began


def ordinary_texts(loaded: Loaded, count: int) -> list[str]:
    """A quarter each of what callers write in the golden conversations, sentences, keywords with an error, and junk.

    The sentences are those by which hearing is judged (`tests/hearing`). The same texts each time.
    """
    chance = random.Random(1)
    conversations = (each for path in all_files() for each in read_conversations(path))
    written = [step.what for each in conversations for step in each.steps if step.does == "writes" and step.what]
    sentences = [line.split("\t")[0] for line in SENTENCES.read_text(encoding="utf-8").splitlines()[1:]]
    keywords = _keywords(loaded)
    kinds = (
        lambda: chance.choice(written),
        lambda: _mistyped(chance.choice(keywords), chance),
        lambda: chance.choice(sentences),
        lambda: chance.choice(JUNK) + "".join(chance.choices(LETTERS + " ", k=chance.randint(0, 20))),
    )
    return [kinds[number % len(kinds)]() for number in range(count)]


def slow_texts(loaded: Loaded) -> dict[str, str]:
    """Texts as long as the carrier delivers, by what they try."""
    chance = random.Random(2)
    keywords = _keywords(loaded)
    near = [_mistyped(keyword, chance) for keyword in chance.choices(keywords, k=300)]
    words = sorted({word for keyword in keywords for word in keyword.split() if len(word) > 4})
    wrong = [_mistyped(word, chance) for word in chance.sample(words, min(300, len(words)))]
    invented = ("".join(chance.choices(LETTERS, k=chance.randint(5, 9))) for _ in range(400))
    made = {
        "keywords": " ".join(chance.sample(keywords, min(200, len(keywords)))),
        "keywords with errors": " ".join(near),
        "words with errors": " ".join(wrong),
        "words with errors, and between them": " et ".join(wrong),
        "words of nobody": " ".join(invented),
        "words of two letters": " ".join("".join(chance.choices(LETTERS, k=2)) for _ in range(600)),
        "letters": " ".join(chance.choices(LETTERS, k=800)),
        "one word": "".join(chance.choices(LETTERS, k=LONGEST)),
        "one letter": "a" * LONGEST,
        "two letters by turns": "ab" * LONGEST,
        "accents": "é\u0301\u0308" * LONGEST,
        "one letter that becomes many": "\ufdfa" * LONGEST,
        "digits": "1" * LONGEST,
        "numbers": " ".join(str(chance.randint(0, 99)) for _ in range(600)),
        "digits with points": "1." * LONGEST,
        "social security numbers": "1 85 05 78 006 084 36 " * 100,
        "dates": " ".join(f"{day}/12/2026" for day in range(1, 31)) * 6,
        "dates in words": "lundi 12 decembre 2026 a 14h30 " * 60,
        "almost dates": "le 1 de 2 du 3 a 4h " * 100,
        "spaces": "a" + " " * LONGEST + "a",
        "spaces and letters": "a " * LONGEST,
        "newlines": "\n1\n" * LONGEST,
        "apostrophes": "l'" * LONGEST,
        "question marks": "?" * LONGEST,
        "stop in hiding": "st op s top arretez pas stopp arret er " * 50,
        "stop and words": " ".join(f"stop {word}" for word in wrong),
        "danger with errors": " ".join(["violance sucide frape dort dehors me tuer"] * 50),
        "not": "n't can't won't " * 120,
        "passwords": "mot de passe : abc1 mdp = Xy12 " * 60,
        "emoji": "👍🏽" * LONGEST,
        "other letters": "ي" * LONGEST,
        "letters of all kinds": "".join(chr(chance.randint(0xA0, 0x2FFF)) for _ in range(LONGEST)),
        "joined with and": "et " * LONGEST,
        "yes and no": "oui non ok merci " * 120,
    }
    return {name: text[:LONGEST] for name, text in made.items()}


def _keywords(loaded: Loaded) -> list[str]:
    nodes = loaded.prompts.menus.nodes.values()
    return sorted({word for node in nodes for wording in node.wordings.values() for word in wording.keywords})


def _mistyped(text: str, chance: random.Random) -> str:
    """The text with one letter left out, doubled, changed or exchanged."""
    at = chance.randrange(len(text))
    ways = (
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + chance.choice(LETTERS) + text[at + 1 :],
        text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
    )
    return chance.choice(ways)
