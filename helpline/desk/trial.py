"""A test message to one's own phone: handed to the carrier at once, never among the messages of callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy import Connection, func, select

from helpline.authentication import EDITOR, let_in
from helpline.carrier.results import Busy, NotSent, Refused, Result, Sent
from helpline.consent.daily_budget import add
from helpline.consent.kinds import is_dated
from helpline.consent.once import one_at_a_time
from helpline.consent.reach import may_call
from helpline.desk.desk import Desk
from helpline.desk.language import Words, words_now
from helpline.desk.person_shown import kind_in_words, reason_in_words, wave_in_words
from helpline.desk.shown import go_to, shown
from helpline.desk.trial_choices import Choice, Trial, as_it_would_go, choices
from helpline.menus.dates import today_in_paris
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel
from helpline.on_request.numbers import no_text_to
from helpline.operators import audit
from helpline.operators.keys import hash_of
from helpline.operators.operator import Operator
from helpline.records.desk_tables import audit as entries
from helpline.records.engine import reading
from helpline.records.tables import carrier_blocks, objections
from helpline.reminders.posting import OURS_PATH
from helpline.reminders.words import NoWords
from helpline.setting_rules import e164

AN_HOUR, A_DAY = 5, 20  # each operator, and all of them
TOO_MANY = frozenset({"most_an_hour", "most_a_day"})
TOLD = frozenset({"accepted", "refused", "busy", "not_sent", "unsure"})
VALID_SECONDS = 3600  # a test that comes later is of no use
_LONGEST_NUMBER = 40
_REFUSALS = (objections, carrier_blocks)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is to be tried, in which language and how."""

    choice: Choice
    language: str
    channel: Channel


def add_trial(routes: Blueprint, desk: Desk) -> None:
    """What is chosen is shown as it would go; then it is sent to the number that is typed."""

    @routes.get("/reminders/test")
    def trial() -> Response:
        chosen = _chosen(desk.wired.prompts(), request.args)
        told = request.args.get("told", "")
        code = request.args.get("code", default=0, type=int)
        return _form(desk, chosen, told=told if told in TOLD else "", code=str(code) if code else "")

    @routes.post("/reminders/test")
    def send_trial() -> Response:
        chosen = _chosen(desk.wired.prompts(), request.form)
        made = _made(desk, chosen)
        if not isinstance(made, Trial):
            return _form(desk, chosen, status=400)
        number = e164(request.form.get("number", "")[:_LONGEST_NUMBER]) or ""
        wrong = _may_not_get(desk, number, made) or _note(desk, g.operator, number, made)
        if wrong:
            return _form(desk, chosen, wrong=wrong, status=429 if wrong in TOO_MANY else 400)
        told, code = _told(_sent(desk, number, made))
        what = made.choice.value
        page = url_for("desk.trial", what=what, language=made.language, by=made.channel, told=told, code=code or None)
        return go_to(page)

    let_in(trial, EDITOR)
    let_in(send_trial, EDITOR)


def _chosen(prompts: Prompts, form: Mapping[str, str]) -> _Chosen:
    """What the form says; the first of each where it says nothing that there is."""
    every = choices(prompts)
    choice = next((one for one in every if one.value == form.get("what")), every[0])
    language = form.get("language", "")
    channel: Channel = "voice" if form.get("by") == "voice" and choice.may_be_called else "sms"
    return _Chosen(choice, language if language in prompts.languages else prompts.languages[0], channel)


def _made(desk: Desk, chosen: _Chosen) -> Trial | NoWords:
    try:
        return as_it_would_go(desk.wired.prompts(), chosen.choice, chosen.language, chosen.channel, desk.now())
    except NoWords as why:
        return why


def _form(desk: Desk, chosen: _Chosen, wrong: str = "", status: int = 200, told: str = "", code: str = "") -> Response:
    """The number that was typed is not shown again."""
    prompts, t = desk.wired.prompts(), words_now()
    made = _made(desk, chosen)
    return shown(
        "trial.html",
        status,
        page="waves",
        chosen=chosen,
        is_made_up=is_dated(chosen.choice.kind),
        choices=[(one.value, _name(one, t)) for one in choices(prompts)],
        spoken=[(code, prompts.menus.languages[code].name) for code in prompts.languages],
        made=made if isinstance(made, Trial) else None,
        wrong=wrong,
        told=told,
        why=reason_in_words(code, t) if code else "",
        most=(AN_HOUR, A_DAY),
    )


def _name(choice: Choice, t: Words) -> str:
    kind = kind_in_words(choice.kind, t)
    if choice.kind == "welcome":
        return t("trial.welcome_of", kind=kind, scope=t(f"person.short_scope_{choice.wave}"))
    return t("one_message.of_wave", kind=kind, wave=wave_in_words(choice.wave, t)) if choice.wave else kind


def _may_not_get(desk: Desk, number: str, made: Trial) -> str:
    """Why nothing goes to a number, as a name of words; nothing if it may get this."""
    settings = desk.wired.settings
    if not number:
        return "no_number"
    if number in (settings.voice_number, settings.sms_sender):
        return "our_own"
    if made.channel == "voice":
        if not may_call(number, settings.allowed_countries):
            return "not_allowed"
    elif refusal := no_text_to(number, settings.allowed_countries):
        return refusal
    fingerprint = desk.wired.consent.fingerprint(number)
    with reading(desk.engine).connect() as connection:
        refused = (select(table.c.fingerprint).where(table.c.fingerprint == fingerprint) for table in _REFUSALS)
        return "said_stop" if any(connection.scalar(one) for one in refused) else ""


def _note(desk: Desk, operator: Operator, number: str, made: Trial) -> str:
    """Write down that one goes, before it does. Where too many went lately: which limit it is."""
    now, fingerprint = desk.real(), desk.wired.consent.fingerprint(number)
    with desk.engine.begin() as connection:
        one_at_a_time(connection, hash_of("test_sent"))  # else two at once would both be the last one
        if _went(connection, now - timedelta(hours=1), operator.name) >= AN_HOUR:
            return "most_an_hour"
        if _went(connection, now - timedelta(days=1)) >= A_DAY:
            return "most_a_day"
        detail = f"{made.choice.value}, {made.language}, {made.channel}"
        audit.note(connection, now, operator.name, "test_sent", about=fingerprint, detail=detail)
        add(connection, today_in_paris(desk.now()), 1, desk.now())
    return ""


def _went(connection: Connection, since: datetime, who: str = "") -> int:
    of_whom = (entries.c.who == who,) if who else ()
    found = select(func.count()).where(entries.c.at > since, entries.c.what == "test_sent", *of_whom)
    return connection.scalar(found) or 0


def _sent(desk: Desk, number: str, made: Trial) -> Result:
    carrier = desk.wired.carrier
    if made.channel == "voice":
        return carrier.call(number, f"{carrier.public_url}{OURS_PATH}/{made.begins}")
    return carrier.send(number, made.text, VALID_SECONDS)


def _told(result: Result) -> tuple[str, int]:
    """How it went, as a name of words, with the carrier's code where it refused."""
    match result:
        case Sent():
            return "accepted", 0
        case Refused(code=code, http=http):
            return "refused", code or http
        case Busy(code=code):
            return "busy", code
        case NotSent():
            return "not_sent", 0
        case _:
            return "unsure", 0
