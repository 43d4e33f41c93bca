"""Words that were not understood: told once three callers used them, and never what is somebody's own."""

from __future__ import annotations

import pytest
from redis import Redis

from helpline.conversation.loop_guard import MOST_IN_WINDOW
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.sms.store import TIMEOUT_SECONDS, connect
from helpline.tallies import missed_words as words_missed
from helpline.tallies.missed_words import DAYS, MOST_NEW_A_DAY, MissedWords, missed_words, tellable
from helpline.turns.turn import Turns
from tests.tallies.conftest import Counting

KEY = b"a key for tests"
CALLERS = [f"+3363998000{place}" for place in range(5)]


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Redis:
    client = connect(shared_valkey.url, TIMEOUT_SECONDS)
    client.flushall()
    return client


def note(redis: Redis, words: str, *callers: str) -> None:
    """Each by a process of its own."""
    for caller in callers:
        missed = MissedWords(KEY)
        missed.note(words, caller)
        missed.write(redis)


def everything(redis: Redis) -> str:
    """All that Redis holds."""
    found = []
    for key in redis.keys("*"):
        match redis.type(key):
            case "set":
                found.append(f"{key} {redis.smembers(key)}")
            case "zset":
                found.append(f"{key} {redis.zrange(key, 0, -1)}")
            case _:
                found.append(f"{key} {redis.get(key)}")
    return " ".join(found)


def test_words_are_told_from_the_third_caller_on(redis: Redis) -> None:
    note(redis, "Aide au logement", *CALLERS[:2], *CALLERS[:2], CALLERS[0])
    assert missed_words(redis) == []
    assert "logement" not in everything(redis)
    note(redis, "aide au  logement !", CALLERS[2])
    assert missed_words(redis) == [("aide au logement", 3)]
    note(redis, "AIDE AU LOGEMENT", CALLERS[3])
    note(redis, "permis", *CALLERS[:3])
    assert missed_words(redis) == [("aide au logement", 4), ("permis", 3)]


def test_no_number_gets_into_redis(redis: Redis) -> None:
    note(redis, "permis", *CALLERS)
    shown = everything(redis)
    assert "permis" in shown
    for caller in CALLERS:
        assert caller[1:] not in shown


def test_all_of_it_ends_thirty_days_after_the_first_caller(redis: Redis) -> None:
    note(redis, "permis", *CALLERS[:3])
    (callers,) = [key for key in redis.keys("missed:*") if redis.type(key) == "set" and key != "missed:shown"]
    redis.expire(callers, 1000)
    note(redis, "permis", CALLERS[3])
    assert redis.ttl(callers) <= 1000
    note(redis, "chômage partiel", *CALLERS[:3])
    for key in redis.keys("missed:*"):
        assert key == "missed:shown" or 0 < redis.ttl(key) <= DAYS * 86_400
    for key in redis.keys("missed:*"):
        if key != "missed:shown":
            redis.delete(key)
    assert missed_words(redis) == []
    assert redis.smembers("missed:shown") == set()


def test_words_end_with_the_callers_who_used_them(redis: Redis) -> None:
    note(redis, "permis", *CALLERS[:2])
    (callers,) = redis.keys("missed:*")
    redis.expire(callers, 1000)
    note(redis, "permis", CALLERS[2])
    (words,) = redis.keys("missed:words:*")
    assert 0 < redis.ttl(words) <= 1000


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "?!",
        "rdv 12",
        "le 3e jour",
        "numéro ٤٥٦",
        "bloc Ⅷ",
        "un deux trois quatre cinq",
        "ab" * 21,
        "anticonstitutionnellement extraordinairement",
    ],
)
def test_what_has_digits_or_is_long_is_never_told(words: str) -> None:
    assert tellable(words) == ""


def test_what_is_short_is_told_in_its_plain_form() -> None:
    assert tellable(" L’Aide,  au LOGÈMENT ") == "l aide au logement"


def test_a_withheld_number_is_no_caller(redis: Redis) -> None:
    note(redis, "permis", "", "", "")
    assert redis.keys("*") == []


def test_without_redis_nothing_is_kept_and_nothing_fails(redis: Redis) -> None:
    missed = MissedWords(KEY)
    missed.note("permis", CALLERS[0])
    missed.write(connect("redis://127.0.0.1:1/0", TIMEOUT_SECONDS))
    missed.write(redis)
    assert redis.keys("*") == []


def test_redis_is_sent_the_words_only_once_enough_callers_used_them(redis: Redis) -> None:
    before = redis.config_get("slowlog-log-slower-than")
    redis.config_set("slowlog-log-slower-than", 0)
    try:
        redis.slowlog_reset()
        note(redis, "permis", *CALLERS[:2])
        assert "missed" in str(redis.slowlog_get(128))
        assert "permis" not in str(redis.slowlog_get(128))
        note(redis, "permis", CALLERS[2])
        assert "permis" in str(redis.slowlog_get(128))
    finally:
        redis.config_set("slowlog-log-slower-than", before["slowlog-log-slower-than"])
        redis.slowlog_reset()


def word(place: int) -> str:
    """A word of its own, without a digit."""
    return "mot " + "".join(chr(97 + place // 26**power % 26) for power in range(3))


def words_kept(redis: Redis) -> int:
    return len([key for key in redis.keys("missed:*") if redis.type(key) == "set" and key != "missed:shown"])


def test_of_one_caller_twenty_new_words_a_day_are_kept(redis: Redis) -> None:
    for place in range(25):
        note(redis, word(place), CALLERS[0])
    assert words_kept(redis) == MOST_NEW_A_DAY == 20
    note(redis, word(0), CALLERS[1])
    note(redis, word(30), CALLERS[1])
    assert words_kept(redis) == 21
    (day, _) = redis.keys("missed-day:*")
    assert 0 < redis.ttl(day) <= 86_400
    redis.delete(*redis.keys("missed-day:*"))
    note(redis, word(31), CALLERS[0])
    assert words_kept(redis) == 22


def test_of_all_callers_so_many_words_are_kept(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_missed, "MOST_KEPT", 3)
    for place in range(5):
        note(redis, word(place), CALLERS[place])
    assert words_kept(redis) == 3
    redis.zadd("missed-kept", dict.fromkeys(redis.zrange("missed-kept", 0, 0), 1))  # one has come to its end
    note(redis, word(7), CALLERS[0])
    assert words_kept(redis) == 4
    assert redis.zcard("missed-kept") == 3


def test_where_the_list_is_full_the_words_of_the_fewest_callers_go(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_missed, "MOST_SHOWN", 2)
    note(redis, "permis", *CALLERS[:5])
    note(redis, "spam", *CALLERS[:3])
    note(redis, "carte vitale", *CALLERS[:3])
    assert missed_words(redis) == [("permis", 5), ("carte vitale", 3)]
    assert "spam" not in everything(redis)
    note(redis, "spam", CALLERS[3])
    assert missed_words(redis) == [("permis", 5), ("spam", 4)]
    note(redis, "carte vitale", CALLERS[0])
    assert missed_words(redis) == [("permis", 5), ("spam", 4)]


def test_who_is_taken_for_a_machine_is_not_noted(counting: Counting) -> None:
    noted = heard_by(counting)
    caller = counting.phone()
    texts = [f"xyzzy {word(place)}" for place in range(40)]
    answers = [caller.text(body) for body in texts]
    assert answers[-1] == []
    assert noted
    assert not set(noted) & set(texts[MOST_IN_WINDOW:])


def heard_by(counting: Counting) -> list[str]:
    """What a helpline notes from now on."""
    noted: list[str] = []
    turns = counting.app.extensions["turns"]
    assert isinstance(turns, Turns)
    turns._missed = lambda words, number: noted.append(words)
    return noted


def test_what_a_helpline_does_not_understand_is_noted_and_nothing_else(counting: Counting) -> None:
    noted = heard_by(counting)
    caller = counting.phone()
    for body in (
        "xyzzy plugh",
        "menu",
        "8",
        "",
        "mon mot de passe est Secret123",
        "je veux mourir",
        "1 85 05 78 006 084 36",
        "rdv",
        "je sais pas quand",
    ):
        caller.text(body)
    other = counting.phone()
    other.speak(other.press(other.dial(), "1"), "qwerty flurb")
    assert noted == ["xyzzy plugh", "qwerty flurb"]
