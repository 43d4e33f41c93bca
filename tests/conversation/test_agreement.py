"""Who agrees to what: a key, or a plain yes, to the page that asks. Pure, with the real prompts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpline.conversation.engine import answer, respond
from helpline.conversation.heard import START, STOP, Heard
from helpline.conversation.pressed import ASKED_BY_US
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Effect, HowToMove, Keys, Outcome, Page, SwitchTo, Words
from helpline.menus.prompts import Prompts
from helpline.turns.turn import listen
from tests.conversations.player import load

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
BY_TEXT, BY_CALL = Context("sms", NOW, "SM1", number="+33639980001"), Context("voice", NOW, "CA1.3")
ALOUD = Context("voice", NOW, "CA1.3", spoken=True)
ONE, TWO = Heard("key", ("1",), literal=True), Heard("key", ("2",), literal=True)
YES = Heard("yes", literal=True)
ASKING = (
    *("remind.ask", "remind.again", "remind.call", "remind.sure", "remind.sure.last", "erase.ask", "keep.ask"),
    *("remind.landline", "remind.called", "remind.calls.sure", "remind.calls.sure.last", "invite.ask"),
    *("appointment.sure", "paper.sure"),
)
TOLD = {"appointment.sure": (("day", "2026-12-12"), ("time", "14:30")), "paper.sure": (("day", "2027-03-31"),)}
ASKING_BY_TEXT = ("remind.ask", "remind.again", "erase.ask", "keep.ask")
AGREED_TO = {
    *("subscribe_all", "subscribe_last", "confirm_all", "confirm_last", "erase", "keep", "note"),
    *("subscribe_call_all", "subscribe_call_last", "confirm_call_all", "confirm_call_last"),
}


def prompts() -> Prompts:
    return load(("fr", "en")).prompts


def at(place: str, language: str = "fr", minutes_ago: int = 1) -> Session:
    seconds = int((NOW - timedelta(minutes=minutes_ago)).timestamp())
    return Session(language, Place(place), turn=3, at=seconds, form=TOLD.get(place, ()))


def effect_of(session: Session, heard: Heard, context: Context = BY_TEXT) -> str:
    """What is asked to be done; nothing if only words follow."""
    effect = respond(prompts(), session, heard, context).effect
    return effect.name if effect else ""


def effect_of_words(session: Session, words: str, context: Context = BY_TEXT) -> str:
    loaded = load(("fr", "en"))
    return effect_of(session, listen(loaded.prompts, loaded.ears, session, words, context), context)


@pytest.mark.parametrize("context", [BY_TEXT, BY_CALL])
def test_a_key_of_the_page_that_asks_agrees(context: Context) -> None:
    asked = [(effect_of(at(place), ONE, context), effect_of(at(place), TWO, context)) for place in ASKING]
    assert asked == [
        ("subscribe_all", "subscribe_last"),
        ("subscribe_all", "subscribe_last"),
        ("subscribe_all", "subscribe_last"),
        ("confirm_all", ""),
        ("confirm_last", ""),
        ("erase", ""),
        ("keep", "stop"),
        ("subscribe_call_all", "subscribe_call_last"),
        ("subscribe_call_all", "subscribe_call_last"),
        ("confirm_call_all", ""),
        ("confirm_call_last", ""),
        ("subscribe_all", "subscribe_last"),
        ("note", ""),
        ("note", ""),
    ]


@pytest.mark.parametrize("words", ["OUI", "oui svp", "Yes", "OK OUI", "oui."])
def test_a_plain_yes_agrees_to_the_first_choice(words: str) -> None:
    agreed = [effect_of_words(at(place), words) for place in ASKING_BY_TEXT]
    assert agreed == ["subscribe_all", "subscribe_all", "erase", "keep"]


@pytest.mark.parametrize("place", ASKING)
@pytest.mark.parametrize(
    "words",
    [
        "ok",
        "okay",
        "d'accord",
        "mouais",
        "oui ?",
        "non pas oui",
        "oui mais non",
        "ok mais",
        "ok merci",
        "merci",
        "👍",
        "super",
        "deux",
        "un",
        "le premier",
        "la dernière",
        "premier choix",
        "1 ?",
        "1er",
        "no 1",
        "nn 1",
        "non 1",
        "pas 1",
        "12",
        "11",
        "oui effacer",
        "oui garder",
        "oui tous",
        "un seul",
        "je confirme tout",
        "peut être",
        "yes and no",
        "oui je veux m'inscrire à pôle emploi",
        "oui j'ai perdu mon mot de passe",
        "",
        "?",
        "START",
        "help",
        "menu",
    ],
)
def test_nothing_else_agrees_to_anything(place: str, words: str) -> None:
    assert effect_of_words(at(place), words) not in AGREED_TO


@pytest.mark.parametrize("place", ASKING)
@pytest.mark.parametrize("words", ["oui", "1", "un", "d'accord", "je confirme", "ok", "oui tous les rappels", "deux"])
def test_speech_agrees_to_nothing(place: str, words: str) -> None:
    assert effect_of_words(at(place), words, ALOUD) not in AGREED_TO


@pytest.mark.parametrize("words", ["oui", "un", "ok", "je ne sais pas", "zzz qqq"])
def test_who_answers_aloud_is_told_which_key_to_press(words: str) -> None:
    loaded = load(("fr", "en"))
    heard = listen(loaded.prompts, loaded.ears, at("remind.call"), words, ALOUD)
    turn = respond(prompts(), at("remind.call"), heard, ALOUD)
    assert turn.says == (Words("only.keys"), Keys(Place("remind.call")))


@pytest.mark.parametrize("place", sorted(set(ASKING_BY_TEXT) - ASKED_BY_US))
@pytest.mark.parametrize("heard", [ONE, TWO, YES, Heard("thanks", literal=True), Heard("unsure")])
def test_a_late_answer_brings_the_question_again(place: str, heard: Heard) -> None:
    turn = respond(prompts(), at(place, minutes_ago=31), heard, BY_TEXT)
    assert turn.effect is None
    assert turn.says == (Page(Place(place)),)


@pytest.mark.parametrize("place", sorted(ASKED_BY_US))
@pytest.mark.parametrize("heard", [ONE, YES])
def test_what_we_ask_by_ourselves_is_answered_hours_later(place: str, heard: Heard) -> None:
    turn = respond(prompts(), at(place, minutes_ago=26 * 60), heard, BY_TEXT)
    assert turn.effect is not None
    assert turn.effect.name in AGREED_TO


def test_yes_and_1_to_any_other_message_agree_to_nothing() -> None:
    places = [
        node.id
        for node in prompts().menus.nodes.values()
        if node.kind not in ("choose", "effect") and node.by != "keys"
    ]
    for place in places:
        for heard in (ONE, TWO, YES, Heard("thanks", literal=True)):
            for context in (BY_TEXT, BY_CALL):
                assert effect_of(at(place), heard, context) not in AGREED_TO, (place, heard)
    assert len(places) > 80


def test_keys_that_were_offered_for_something_else_agree_to_nothing() -> None:
    session = Session("fr", Place("which"), (Place("update.how"), Place("remind")), at=int(NOW.timestamp()))
    assert effect_of(session, ONE) == ""
    assert effect_of(session, TWO) == "look_up_reminders"


def test_an_unclear_answer_is_asked_again_in_plainer_words() -> None:
    for heard in (Heard("unsure"), Heard("yes"), Heard("key", ("1",)), Heard("unknown")):
        assert respond(prompts(), at("remind.ask"), heard, BY_TEXT).says == (Page(Place("remind.again")),)
    assert respond(prompts(), at("erase.ask"), Heard("unsure"), BY_TEXT).says == (
        Words("unsure"),
        Page(Place("erase.ask")),
    )


def test_a_second_text_that_nobody_understands_names_a_person() -> None:
    first = respond(prompts(), at("remind.ask"), Heard("unknown"), BY_TEXT)
    second = respond(prompts(), first.session, Heard("unknown"), BY_TEXT)
    assert second.says == (Page(Place("sorry.again")),)


def test_a_wrong_key_shows_the_whole_question_again() -> None:
    wrong = Heard("key", ("4",), literal=True)
    assert respond(prompts(), at("remind.ask"), wrong, BY_TEXT).says == (Words("keys"), Page(Place("remind.ask")))


def test_a_question_of_consent_is_nothing_but_its_words() -> None:
    """No notice, no hint at another language: what is kept as the proof is the message."""

    heard = Heard("topics", ("remind",), "en")
    for context, outcome, page in ((BY_TEXT, "none", "remind.ask"), (BY_CALL, "in_call", "remind.call")):
        turn = answer(prompts(), Session(), heard, context, lambda *_, name=outcome: Outcome(name))
        assert turn.says == (Page(Place(page)),)
        assert turn.session.language == "en"


def test_hints_go_with_every_other_outcome() -> None:
    turn = answer(prompts(), Session(), Heard("topics", ("remind",), "en"), BY_TEXT, lambda *_: Outcome("not_known"))
    assert turn.says == (Page(Place("remind.later")), SwitchTo(("fr",)))
    fifth = Heard("key", ("5",), literal=True)
    turn = answer(prompts(), at("more"), fifth, BY_CALL, lambda *_: Outcome("no_number"))
    assert turn.says == (Page(Place("remind.withheld")), HowToMove())


def test_an_effect_knows_its_language_and_the_word_it_came_by() -> None:
    def asked(session: Session, heard: Heard, context: Context = BY_TEXT) -> Effect:
        effect = respond(prompts(), session, heard, context).effect
        assert effect is not None
        return effect

    assert asked(at("remind.ask"), ONE) == Effect("subscribe_all", "remind.all", "fr", "", "1")
    assert asked(at("remind.ask", "en"), YES) == Effect("subscribe_all", "remind.all", "en", "", "yes")
    assert asked(at("menu"), Heard("command", ("stop",), "en")) == Effect("stop", "stop", "en", "", "stop")
    assert asked(at("menu"), Heard("command", ("not_me",))).heard == "not_me"
    assert asked(at("menu"), Heard("topics", ("remind",))).heard == "remind"


@pytest.mark.parametrize("context", [BY_TEXT, BY_CALL])
def test_stop_and_7_work_on_every_page(context: Context) -> None:
    for node in prompts().menus.nodes.values():
        if node.kind not in ("choose", "effect"):
            for minutes in (1, 600):
                assert effect_of(at(node.id, minutes_ago=minutes), STOP, context) == "stop", node.id
                done = Heard("key", ("7",), literal=True)
                assert effect_of(at(node.id, minutes_ago=minutes), done, context) == "done", node.id


def test_nothing_is_gone_back_to_after_a_stop() -> None:
    before = Session("fr", Place("remind.active"), trail=(Place("update"),), bookmark=Place("update.how"), turn=7)
    turn = answer(prompts(), before, STOP, BY_TEXT, lambda *_: Outcome("stopped"))
    assert turn.session == Session("fr", Place("stop.done"), turn=8, at=int(NOW.timestamp()))
    assert turn.outcomes == (("stop", "stopped"),)


def test_a_stop_that_could_not_be_kept_says_so() -> None:
    turn = answer(prompts(), at("menu"), STOP, BY_TEXT, lambda *_: Outcome("not_saved"))
    assert turn.says == (Page(Place("stop.failed")),)
    for language in ("fr", "en"):
        (page,) = prompts().form("stop.failed", language).sms
        assert "STOP" in page.text
        assert "01 99 00 12 34" in page.text


def test_start_signs_nobody_up() -> None:
    turn = answer(prompts(), at("remind.ask"), START, BY_TEXT, lambda *_: Outcome("started"))
    assert turn.outcomes == (("start", "started"),)
    assert turn.session.place == Place("menu")


def test_questions_and_their_answers_are_not_gone_back_to() -> None:
    session = at("update.how")
    for name in ("none", "all"):
        turn = answer(prompts(), session, Heard("topics", ("remind",)), BY_TEXT, lambda *_, n=name: Outcome(n))
        following = respond(prompts(), turn.session, Heard("command", ("menu",)), BY_TEXT).session
        assert turn.session.bookmark == session.bookmark
        assert [step.node for step in following.trail] == []
        back = respond(prompts(), turn.session, Heard("command", ("back",)), BY_TEXT)
        assert back.says == (Page(Place("update.how")),)


@pytest.mark.parametrize("command", ["done", "not_me"])
def test_what_was_only_spoken_is_asked_back_before_anything_ends(command: str) -> None:
    heard = Heard("command", (command,))
    asked = respond(prompts(), at("menu"), heard, ALOUD)
    assert asked.effect is None
    assert effect_of(asked.session, ONE, BY_CALL) == command
    assert effect_of(asked.session, Heard("key", ("0",), literal=True), BY_CALL) == ""
    assert effect_of(at("menu"), heard, BY_TEXT) == command


def test_a_spoken_stop_is_obeyed_at_once() -> None:
    assert effect_of(at("menu"), STOP, ALOUD) == "stop"
