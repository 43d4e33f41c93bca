"""Effects: the engine asks, somebody performs, the outcome says where to go on. Places that vanished. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from helpline.conversation.engine import answer, respond
from helpline.conversation.heard import Heard
from helpline.conversation.session import Place, Session, decode, encode
from helpline.conversation.turn import Context, Effect, Outcome, Page
from helpline.menus.forms import Identity
from helpline.menus.parse import parse_prompts
from helpline.menus.prompts import Prompts, prepare
from helpline.prompts_folder import read_files

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
CONTEXT = Context("sms", NOW, key="SM1")
IDENTITY = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34", "38123", "01 99 00 12 34")

WITH_AN_EFFECT = """
callback:
  options: callback.save
  fr:
    label: Rappel
    text: |
      On vous rappelle ?
      1 Oui
  en:
    label: Call back
    text: |
      Shall we call you?
      1 Yes
callback.save:
  effect: ask_for_call
  outcomes:
    saved: goodbye
    not_saved: contact
  fr:
    label: Rappel
  en:
    label: Call back
"""


@cache
def prompts() -> Prompts:
    files = {**read_files(Path(__file__).parents[2] / "prompts"), "callback.yaml": WITH_AN_EFFECT}
    menus, faults = parse_prompts(files, ("fr", "en"))
    assert not [fault for fault in faults if fault.severity == "fault"]
    return prepare(menus, IDENTITY)


def at_callback() -> Session:
    return Session(language="fr", place=Place("callback"), turn=3, at=int(NOW.timestamp()))


def test_an_effect_is_asked_for_and_its_outcome_leads_on() -> None:
    asked: list[tuple[Effect, str]] = []

    def perform(effect: Effect, context: Context) -> Outcome:
        asked.append((effect, context.key))
        return Outcome("saved")

    turn = answer(prompts(), at_callback(), Heard("key", ("1",)), CONTEXT, perform)

    assert asked == [(Effect("ask_for_call", "callback.save", language="fr", heard="1"), "SM1")]
    assert turn.session.place == Place("goodbye")
    assert turn.session.turn == 4
    assert turn.effect is None


def test_an_effect_that_failed_leads_where_the_failure_has_its_place() -> None:
    turn = answer(prompts(), at_callback(), Heard("key", ("1",)), CONTEXT, lambda effect, context: Outcome("not_saved"))

    assert turn.says == (Page(Place("contact")),)


def test_respond_itself_does_nothing_but_ask() -> None:
    first = respond(prompts(), at_callback(), Heard("key", ("1",)), CONTEXT)
    second = respond(prompts(), at_callback(), Heard("key", ("1",)), CONTEXT)

    assert first == second
    assert first.effect == Effect("ask_for_call", "callback.save", language="fr", heard="1")
    assert first.says == ()


def test_a_caller_whose_place_vanished_is_at_the_nearest_place_of_the_trail() -> None:
    session = Session(
        language="fr", place=Place("gone"), trail=(Place("signin"), Place("gone.too")), at=int(NOW.timestamp())
    )

    turn = respond(prompts(), session, Heard("key", ("9",)), CONTEXT)

    assert turn.session.place == Place("signin")


def test_choices_of_which_one_vanished_are_not_chosen_from() -> None:
    session = Session(
        language="fr",
        place=Place("which"),
        choices=(Place("gone"), Place("contact")),
        trail=(Place("update"),),
        at=int(NOW.timestamp()),
    )

    turn = respond(prompts(), session, Heard("key", ("2",)), CONTEXT)

    assert turn.session.place == Place("update.how")


def test_a_question_without_choices_is_left() -> None:
    session = Session(language="fr", place=Place("late"), at=int(NOW.timestamp()))

    assert respond(prompts(), session, Heard("key", ("9",)), CONTEXT).session.place == Place("menu")


def test_a_page_that_is_no_longer_there_is_the_last_one_that_is() -> None:
    session = Session(language="fr", place=Place("signin.password", 9), at=int(NOW.timestamp()))

    turn = respond(prompts(), session, Heard("key", ("9",)), CONTEXT)

    assert turn.session.place.node == "signin.password"
    assert turn.session.place.page < 3


def test_every_answer_leaves_a_session_that_survives_its_text_form() -> None:
    session = at_callback()
    for heard in (Heard("topics", ("update", "signin")), Heard("key", ("1",)), Heard("unknown"), Heard("key", ("*",))):
        session = respond(prompts(), session, heard, CONTEXT).session
        assert decode(encode(session)) == session
