"""Which reminder of ours a caller answers, where they say that it is done. Pure functions."""

from __future__ import annotations

from helpline.conversation.forms import Form, answers_in
from helpline.conversation.items import read_item
from helpline.conversation.session import Place, Session
from helpline.menus.dated_places import CALLS, WAVES
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel
from helpline.menus.waves_file import WAVES as UPDATE_WAVES

UPDATE = "update"  # what an effect is of that is about the monthly update, as the database names it
_UPDATE_DONE = "remind.done"  # the pages that say so begin with it
_NONE: tuple[str, Form] = ("", ())


def answered_reminder(prompts: Prompts, session: Session, channel: Channel, late: bool) -> tuple[str, Form]:
    """What the reminder is about that is answered: a dated kind with the thing's date, or the update; or nothing.

    By text it is the last message; in a call of ours what it began with, as long as a way leads back there. Who says
    once more, and not `late`, that it is done, means what was just done.
    """
    if channel == "voice":
        found = (_reminder(prompts, step, CALLS, session.form) for step in (session.place, *reversed(session.trail)))
    else:
        found = (_reminder(prompts, step, WAVES, session.form) for step in (session.place,))
    answered = next((each for each in found if each != _NONE), _NONE)
    return answered if answered != _NONE or late else _just_done(session.place)


def _reminder(prompts: Prompts, place: Place, by: str, form: Form) -> tuple[str, Form]:
    match place.node.split("."):
        case [way, wave, *_] if way == by and wave in UPDATE_WAVES:  # some have a page for each state of the window
            return UPDATE, ()
        case [kind, way, _] if way == by and kind in prompts.menus.calendar.kinds:
            return kind, form
        case _:
            return _NONE


def _just_done(place: Place) -> tuple[str, Form]:
    item = read_item(place.item)
    if item:
        return item.kind, tuple(answers_in(item.occurrence).items())
    return (UPDATE, ()) if place.node.startswith(_UPDATE_DONE) else _NONE
