"""New kinds are data: "a training that starts" is YAML only, and is asked for, read back, sent and ended like any."""

from __future__ import annotations

from pathlib import Path

from helpline.conversation.session import Place, Session
from helpline.prompts_folder import load_folder
from tests.conversation.callers import MONDAY, Caller, Texter, dialled, put_into, written
from tests.conversation.training import KIND, WORDS
from tests.conversations.player import OPERATOR, PROMPTS


def test_no_code_knows_of_it() -> None:
    code = [path.read_text(encoding="utf-8") for path in (PROMPTS.parent / "helpline").rglob("*.py")]
    assert not any('"training' in text or "'training" in text for text in code)
    assert "training" in KIND
    assert "training.sure" in WORDS


def test_a_server_takes_the_folder(tmp_path: Path) -> None:
    prompts = load_folder(put_into(tmp_path, written()), ("fr", "en"), OPERATOR).prompts
    assert prompts.menus.calendar.kinds["training"].most == 2
    assert list(prompts.menus.calendar.kinds) == ["appointment", "paper", "training"]


def test_by_text_from_the_first_word_to_the_last_reminder() -> None:
    caller = Texter(Session("fr", Place("menu"), at=int(MONDAY.timestamp())))
    assert "Quel jour commence la formation" in caller("rappel formation")
    assert "A quelle heure" in caller("samedi 12/12")
    assert "Formation samedi 12 décembre, 14 h. Rappels : samedi 5 décembre" in caller("14h")
    assert "C'est noté : formation samedi 12 décembre, 14 h" in caller("oui")
    assert "Formation 12/12 14 h" in caller("rappel")
    caller.gets("training.wave.week", day="2026-12-12", time="14:00")
    caller.agreed.things.remind("training", "2026-12-12T14:00")
    assert "samedi 12 décembre, 14 h" in caller("9")
    caller("7")
    assert caller.last.name == "done"
    assert caller.agreed.things.active == {}


def test_by_text_at_once_in_english() -> None:
    caller = Texter(Session("en", Place("menu"), at=int(MONDAY.timestamp())))
    assert "Training Saturday 12 December, 14:30. Reminders: Saturday 5 December" in caller("training 12/12 2:30pm")
    assert "It is saved" in caller("YES")


def test_by_voice_from_the_keyword_to_the_call_that_reminds() -> None:
    caller = dialled()
    caller.say("rappel de formation")
    caller.press("1")
    assert "Quel jour commence la formation" in caller.heard
    assert "À quelle heure" in caller.press("1212")
    assert "Formation samedi 12 décembre, 14 h" in caller.press("1400")
    assert "C'est noté : formation samedi 12 décembre, 14 h" in caller.press("1")
    form = (("day", "2026-12-12"), ("time", "14:00"))
    called = Caller(agreed=caller.agreed).at(Session("fr", Place("training.call.week"), form=form))
    assert "Formation samedi 12 décembre, 14 h" in called.heard
    called.press("7")
    assert (called.last.name, called.last.of, called.last.form) == ("done", "training", form)
