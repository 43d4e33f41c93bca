"""`POST /twilio/sms/status?message=ID.TRY.MARK`: the carrier reports what became of a message of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.carrier.sending import REPORTS_PATH
from helpline.carrier.webhooks import signed_by_twilio
from helpline.menus.shapes import Calendar
from helpline.reminders.consequences import Consequences
from helpline.reminders.last_message import UNHEARD, went
from helpline.reminders.report_ids import state_of
from helpline.reminders.sender import Accepted
from helpline.reminders.statuses import follow, read_report
from helpline.telemetry.counters import Counters

log = structlog.get_logger(__name__)


def status_routes(
    consequences: Consequences,
    calendar: Callable[[], Calendar],
    counters: Counters,
    clock: Callable[[], datetime],
    key: bytes,
    remember: Callable[[Sequence[Accepted]], None],
) -> Blueprint:
    """204 for whatever is signed, also where it is not about ours; 503 while the database is down: it is repeated.

    `remember` keeps a text of which nobody else heard that it went as its caller's last message. It is quick, and never
    raises.
    """
    routes = Blueprint("statuses", __name__)

    @routes.post(REPORTS_PATH)
    @signed_by_twilio
    def message_went_on() -> Response:
        report = read_report(request.args.get("message", ""), request.form)
        if report is None:
            counters.count("status_not_ours")
            return Response(status=204)
        counters.count("status", status=report.status if report.status.isalpha() else "odd")
        now = clock()
        try:
            with consequences.engine.begin() as connection:
                before = state_of(connection, report.message, report.mark, key)
                found = follow(connection, calendar(), report, now) if before else None
                heard = went(connection, report.message) if before in UNHEARD else None
            if before is None:
                counters.count("status_not_ours")
            if heard:
                remember([heard])
            if found:
                log.info("message not delivered", message=report.message, code=report.code, status=report.status)
                consequences.bear(found, now)
        except SQLAlchemyError as error:
            log.warning("status not written down", message=report.message, error=type(error).__name__)
            counters.count("status_lost")
            return Response(status=503)
        return Response(status=204)

    return routes
