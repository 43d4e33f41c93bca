"""Who did what: the audit trail, for editors. It is shown, and nothing else: no page changes it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from helpline.authentication import EDITOR, let_in
from helpline.desk.desk import Desk
from helpline.desk.shown import shown
from helpline.operators.audit import entries
from helpline.records.engine import reading

A_PAGE = 50
_LARGEST_ID = 2**62


def add_audit(routes: Blueprint, desk: Desk) -> None:
    """The page with the latest entries."""

    @routes.get("/audit")
    def audit() -> Response:
        before = request.args.get("before", default=0, type=int)
        with reading(desk.engine).connect() as connection:
            found = entries(connection, A_PAGE + 1, max(0, min(before, _LARGEST_ID)))
        older = found[A_PAGE - 1].id if len(found) > A_PAGE else 0
        return shown("audit.html", page="audit", entries=found[:A_PAGE], older=older)

    let_in(audit, EDITOR)
