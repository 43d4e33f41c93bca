"""The carrier's door: requests of this machine only, and none that a web page in a browser of this machine sends."""

from __future__ import annotations

from urllib.parse import urlsplit

from helpline.setting_rules import LOCAL_HOSTS
from helpline.simulator.carrier.http import Answer, Handler, Request, json_answer

# What changes the carrier itself. A browser cannot keep its pages from posting there, but it says that it is one.
_OURS = frozenset({"/control", "/received"})
_OF_BROWSERS = frozenset({"origin", "sec-fetch-site"})


def guarded(handler: Handler) -> Handler:
    """The same handler behind the door."""

    async def answer(request: Request) -> Answer | None:
        return _refused(request) or await handler(request)

    return answer


def _refused(request: Request) -> Answer | None:
    if not _is_local(request.headers.get("host", "")):
        return json_answer(403, {"message": "The carrier is on this machine only: ask for 127.0.0.1 or localhost."})
    if request.method != "GET" and request.path in _OURS and _OF_BROWSERS & request.headers.keys():
        return json_answer(403, {"message": f"No web page may post to {request.path}. Use curl, for example."})
    return None


def _is_local(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in LOCAL_HOSTS
    except ValueError:
        return False
