"""A phone tree as the carrier's tutorial for Flask builds it. It needs Flask and the carrier's library alone."""

from __future__ import annotations

from flask import Flask, Response, request, url_for
from twilio.twiml.voice_response import Gather, VoiceResponse


def tutorial() -> Flask:
    """Two views, TwiML built by the library for each answer, no signature checked."""
    app = Flask(__name__)

    @app.post("/ivr/welcome")
    def welcome() -> Response:
        response = VoiceResponse()
        gather = Gather(num_digits=1, action=url_for("menu"), method="POST")
        gather.say("Thanks for calling. Press 1 for directions. Press 2 for a list of planets to call.", loop=3)
        response.append(gather)
        return Response(str(response), content_type="text/xml")

    @app.post("/ivr/menu")
    def menu() -> Response:
        response = VoiceResponse()
        chosen = request.form["Digits"]
        if chosen == "1":
            response.say("To get to your extraction point, get on your bike and go down the street.", voice="alice")
            response.say("Thank you for calling. Good bye.")
            response.hangup()
        elif chosen == "2":
            with response.gather(num_digits=1, action=url_for("menu"), method="POST") as gather:
                gather.say("To call the planet Broh Doe, press 2. To call the planet Dagobah, press 3.", loop=3)
        else:
            response.say("Returning to the main menu.", voice="alice")
            response.redirect(url_for("welcome"))
        return Response(str(response), content_type="text/xml")

    return app
