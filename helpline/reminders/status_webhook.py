"""`POST /twilio/sms/status?message=ID.TRY.MARK`: the carrier reports what became of a message of ours.

Of a call of ours it does so at `/twilio/voice/status`, in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.carrier.sending import REPORTS_PATH
from helpline.carrier.webhooks import signed_by_twilio
from helpline.menus.shapes import Calendar
from helpline.records.messages import State
from helpline.reminders.consequences import Consequences
from helpline.reminders.last_message import UNHEARD, went
from helpline.reminders.reconcile import restored_since
from helpline.reminders.report_ids import state_of
from helpline.reminders.sender import Accepted, Said, not_noted
from helpline.reminders.statuses import Report, follow, read_report
from helpline.telemetry.counters import Counters

# Of calls, before it is known whether anything was said in them.
_UNDECIDED: frozenset[State] = UNHEARD | {"accepted"}

log = structlog.get_logger(__name__)


class Reports:
    """Writes down what the carrier reports of our texts and calls: repeated, out of order and late ones, too.

    `remember` keeps a text of which nobody else heard that it went as its caller's last message. `said` tells whether
    the words of a call, by the carrier's id, are known to have been said, or None where that cannot be told now. They
    are quick, and never raise.
    """

    def __init__(
        self,
        consequences: Consequences,
        calendar: Callable[[], Calendar],
        counters: Counters,
        clock: Callable[[], datetime],
        key: bytes,
        remember: Callable[[Sequence[Accepted]], object],
        said: Said = not_noted,
    ) -> None:
        self._consequences, self._calendar, self._counters = consequences, calendar, counters
        self._clock, self._key, self._remember, self._said = clock, key, remember, said

    def take(self, about: str, form: Mapping[str, str]) -> Response:
        """`about` is our own id of the try. 204 for whatever is signed, also where it is not about ours.

        503 while the database is down, or it cannot be told whether anything was said in a call: then it is repeated.
        """
        report = read_report(about, form)
        if report is None:
            self._counters.count("status_not_ours")
            return Response(status=204)
        self._counters.count("status", status=report.status if report.status.replace("-", "").isalpha() else "odd")
        try:
            is_decided = self._write(report)
        except SQLAlchemyError as error:
            log.warning("status not written down", message=report.message, error=type(error).__name__)
            self._counters.count("status_lost")
            return Response(status=503)
        return Response(status=204 if is_decided else 503)

    def _write(self, report: Report) -> bool:
        """Whether it is known what the report means."""
        now = self._clock()
        said = self._said(report.sid) if report.was_picked_up else True  # before the database: nothing waits for it
        with self._consequences.engine.begin() as connection:
            before = state_of(connection, report.message, report.mark, self._key)
            # The notes that a restored backup lacks would call everybody again.
            report = replace(report, said=True if restored_since(connection) else said)
            found = follow(connection, self._calendar(), report, now) if before else None
            heard = went(connection, report.message) if before in UNHEARD and not report.is_of_call else None
        if before is None:
            self._counters.count("status_not_ours")
        if heard:
            self._remember([heard])
        if found:
            log.info("message not delivered", message=report.message, code=report.code, status=report.status)
            self._consequences.bear(found, now)
        return report.said is not None or before not in _UNDECIDED


def status_routes(reports: Reports) -> Blueprint:
    """Where the carrier reports on texts. What it says of calls comes with all other ends of calls (`voice`)."""
    routes = Blueprint("statuses", __name__)

    @routes.post(REPORTS_PATH)
    @signed_by_twilio
    def message_went_on() -> Response:
        return reports.take(request.args.get("message", ""), request.form)

    return routes
