"""The application that the web workers serve."""

from functools import cache

from flask import Flask

from helpline.background import Background, Task
from helpline.collecting import without_collecting
from helpline.server.slow_bodies import SlowBodies

# Whoever writes a line lets go of the interpreter, and waits for it again among all who answer callers: that took a
# fifth of a turn. So lines are written together. A process that is killed loses those of a tenth of a second.
LOG_SECONDS = 0.1


@cache
def application() -> Flask:
    """The helpline, made once: workers that are forked from a process that has it share it."""
    with without_collecting():
        from helpline.app import create_app
        from helpline.date.of_settings import clock_of
        from helpline.menus.waves import next_allowed
        from helpline.settings import load_settings

        settings = load_settings()
        app = create_app(settings)
    # The public holidays take a fifth of a second to load: no caller is to wait for them.
    next_allowed(app.extensions["prompts"].current().prompts.menus.calendar, clock_of(settings)())
    log_file = app.extensions["log_file"]
    app.before_request(Background(Task("log", LOG_SECONDS, log_file.write_out), at_end=log_file.end).begin)
    app.wsgi_app = SlowBodies(app.wsgi_app)  # type: ignore[method-assign]
    return app
