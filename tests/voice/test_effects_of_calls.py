"""What calls do: two keys agree, the words that were spoken go with each effect, and nothing is said of others."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from helpline.carrier.callers import fingerprint
from helpline.conversation.turn import Effect
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns
from helpline.voice.calls import CallPaths, Calls
from helpline.voice.ssml import lines_of
from tests.conversations.performer import LANDLINE, Agreed
from tests.conversations.player import KEY, NUMBER, Folder, load

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


@dataclass
class Talk:
    """One call in which keys are pressed and words are said."""

    agreed: Agreed = field(default_factory=Agreed)
    number: str = NUMBER
    language: str = "fr"
    call: str = "CA1"
    seen: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    where: str = ""
    said: str = ""

    def __post_init__(self) -> None:
        turns = Turns(self.agreed.performers(), Counters())
        self.calls = Calls(
            Folder(load(("fr", "en"))),
            turns,
            lambda _: self.language,
            CallPaths(""),
            KEY,
            lambda: NOW,
            True,
            self.seen.append,
            self.forgotten.append,
        )
        self._hear(self.calls.begin(self.call, self.number))

    def press(self, keys: str) -> str:
        for key in keys:
            self._hear(self.calls.go_on(self.call, self.where, key, "", self.number))
        return self.said

    def say(self, words: str) -> str:
        self._hear(self.calls.go_on(self.call, self.where, "", words, self.number))
        return self.said

    @property
    def last(self) -> Effect:
        return self.agreed.effects[-1]

    @property
    def done(self) -> list[str]:
        return [effect.name for effect in self.agreed.effects]

    def _hear(self, twiml: str) -> None:
        root = ElementTree.fromstring(twiml)
        self.said = "\n".join(line for say in root.iter("Say") for line in lines_of(say))
        gather = root.find("Gather")
        self.where = urlsplit(gather.attrib["action"]).path.rpartition("/")[2] if gather is not None else ""


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("key", "scope"), [("1", "all"), ("2", "last")])
def test_two_keys_agree_each_to_the_words_that_were_spoken(language: str, key: str, scope: str) -> None:
    call = Talk(language=language)
    asked = call.press("55")
    confirm = call.press(key)
    first = call.last
    assert (first.name, first.heard, first.language) == (f"subscribe_{scope}", key, language)
    assert asked.startswith(first.shown)  # the first topic of a call is followed by the keys that work everywhere
    assert call.agreed.scope == ""
    call.press("1")
    second = call.last
    assert (second.name, second.heard, second.language) == (f"confirm_{scope}", "1", language)
    assert second.shown == confirm
    assert call.agreed.scope == scope


def test_the_words_that_are_agreed_to_say_who_what_how_often_what_it_costs_and_how_to_end() -> None:
    for language, words in (
        ("fr", ("Relais Droits", "association Le Pont", "actualisation", "Gratuits", "4", "STOP", "numéro")),
        ("en", ("Relais Droits", "association Le Pont", "update", "ree to receive", "4", "STOP", "number")),
    ):
        call = Talk(language=language)
        asked = call.press("55")
        confirm = call.press("1")
        assert all(word in asked for word in words[:-1]), asked
        assert all(word in confirm for word in words), confirm


def test_one_key_is_not_enough() -> None:
    for keys in ("1", "10", "1*", "12", "19", "16", "1#"):
        call = Talk()
        call.press("55" + keys)
        assert call.agreed.scope == "", keys


def test_words_agree_to_nothing() -> None:
    call = Talk()
    call.press("55")
    for words in ("oui", "un", "ok", "oui tous les rappels", "d'accord"):
        call.say(words)
    assert "subscribe_all" not in call.done
    call = Talk()
    call.press("551")
    for words in ("oui", "un", "je confirme", "ok"):
        call.say(words)
    assert "confirm_all" not in call.done


def test_a_request_that_comes_twice_does_nothing_twice() -> None:
    call = Talk()
    call.press("551")
    where = call.where
    first = call.press("1")
    call.where = where
    assert call.press("1") == first
    assert call.done.count("confirm_all") == 1


def test_the_number_comes_with_every_turn() -> None:
    call = Talk(number=LANDLINE)
    assert "Ce numéro ne reçoit pas nos S M S" in call.press("55")
    call = Talk(number="")  # of whom no language is known
    assert "Votre numéro est caché" in call.press("155")


def test_who_withholds_the_number_cannot_go_on_with_a_page_of_somebody_else() -> None:
    call = Talk()
    call.press("551")
    call.number = ""
    assert "Votre numéro est caché" in call.press("1")
    assert call.agreed.scope == ""


def test_a_call_without_an_id_shares_no_effect_with_another() -> None:
    agreed = Agreed("all")
    for _ in range(2):
        Talk(agreed, call="").say("stop")
    assert [effect.name for effect in agreed.effects] == ["stop", "stop"]


def test_a_stop_is_obeyed_aloud_and_by_key() -> None:
    call = Talk(Agreed("all"))
    assert "plus de rappels" in call.say("stop")
    assert call.where == ""
    assert call.agreed.scope == ""
    call = Talk(Agreed("last"))
    call.press("553")
    assert call.agreed.scope == ""


def test_who_is_erased_by_phone_is_forgotten_in_redis_too() -> None:
    call = Talk(Agreed("all"))
    call.say("effacer mes données")
    assert call.forgotten == []
    call.press("1")
    assert call.forgotten == [fingerprint(NUMBER, KEY)]


def test_whoever_called_was_there() -> None:
    call = Talk()
    call.calls.ended(NUMBER)
    call.calls.ended("")
    assert call.seen == [fingerprint(NUMBER, KEY)]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_whoever_asks_for_reminders_hears_the_same_whatever_is_active(language: str) -> None:
    """Anybody can call under another's number: two keys sign up, one more ends, and nothing tells what there was."""
    for keys in ("55", "551", "5511", "55111", "552", "5521", "553"):
        said = {
            Talk(Agreed(scope, is_done=done), language=language, call=f"CA{scope}{done}").press(keys)
            for scope, done in (("", False), ("all", False), ("last", False), ("all", True), ("last", True))
        }
        assert len(said) == 1, said


def test_what_is_kept_is_never_said_aloud() -> None:
    call = Talk(Agreed("all"))
    assert "nous ne le disons pas au téléphone" in call.say("mes données")
