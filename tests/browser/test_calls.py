"""Calls of the page's phones with a server whose answers a test chooses: machines, missed calls, many keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Desk, Handset, Helpline
from tests.browser.test_everybody import tab_to, violations
from tests.server.running import wait_until
from tests.simulator.phone_at import carrier_beside
from tests.simulator.servers import Canned, canned_server, phones_page

VOICE, OURS, TURN, STATUS = "/twilio/voice", "/twilio/voice/ours", "/twilio/voice/turn", "/twilio/voice/status"
HELLO = '<Say language="fr-FR">Bonjour.</Say>'
REMINDER = '<Say language="fr-FR">Un message pour vous. Rappelez-nous.</Say><Hangup/>'


@dataclass
class Stage:
    """What the page shows is led by `canned`, which listens on `port`."""

    canned: Canned
    port: int
    desk: Desk

    def rings(self, number: str, **more: str) -> None:
        """The helpline calls a phone."""
        self.desk.helpline.call(number, Url=f"http://localhost:{self.port}{OURS}?message=7.1.a", **more)

    def asked(self, path: str) -> list[dict[str, str]]:
        """What the server was asked there, as soon as it was."""
        wait_until(lambda: self.canned.forms(path), lambda: f"{self.canned.asked}")
        return self.canned.forms(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Stage]:
    folder, canned = tmp_path_factory.mktemp("calls"), Canned({})
    with (
        canned_server(folder, canned) as server,
        carrier_beside(server, folder, "--greeting", "0.2") as carrier,
        phones_page(folder, carrier.url) as page,
    ):
        yield Stage(canned, server.port, Desk(Helpline(page, carrier.process), browser))


@pytest.fixture
def stage(whole: Stage) -> Iterator[Stage]:
    expect.set_options(timeout=30_000)
    whole.canned.answers = {VOICE: HELLO, OURS: REMINDER}
    whole.canned.asked.clear()
    yield whole
    assert whole.desk.complaints == []


def a_phone(last: int) -> tuple[str, str]:
    """A number that nobody has, as the carrier knows it and as the page's address has it."""
    return f"+336399814{last:02}", f"/?phone=06399814{last:02}"


def state_of(phone: Handset, words: str) -> None:
    expect(phone.itself.locator(".call .state")).to_have_text(words)


def test_a_call_that_rings_may_be_left_to_the_answering_machine_by_keyboard(stage: Stage) -> None:
    number, address = a_phone(1)
    with stage.desk.page(address, reduced_motion="reduce") as page:
        phone = Handset(page, number)
        stage.rings(number, MachineDetection="DetectMessageEnd")
        state_of(phone, "is calling")
        expect(phone.itself.get_by_role("button", name="Leave it to the answering machine")).to_be_visible()
        assert violations(page) == []
        tab_to(page, ".machine")
        page.keyboard.press("Enter")
        state_of(phone, "on the answering machine")
        expect(phone.screen).to_be_focused()
        expect(phone.itself.locator(".instead")).to_be_hidden()
        expect(phone.words).to_contain_text("(a greeting of 0.2 s, then a beep)")
        expect(phone.words).to_contain_text("Un message pour vous.")
        assert violations(page) == []
        state_of(phone, "ended")
        expect(phone.notice).to_have_text("There is a message on the answering machine.")
        phone.itself.locator("summary").first.click()
        log = phone.itself.locator(".log")
        log.get_by_text("Request", exact=True).first.click()
        expect(log).to_contain_text(f"POST {OURS}?message=7.1.a")
        expect(log.locator("dd").get_by_text("machine_end_beep")).to_be_visible()
        log.get_by_text("TwiML", exact=True).first.click()
        expect(log.locator("pre").first).to_contain_text("Rappelez-nous")
    assert [form["AnsweredBy"] for form in stage.asked(OURS)] == ["machine_end_beep"]


def test_a_call_with_detection_that_somebody_answers_is_led_by_keys(stage: Stage) -> None:
    number, address = a_phone(2)
    stage.canned.answers = {
        OURS: f'<Gather numDigits="1" timeout="600" action="{TURN}">{HELLO}</Gather>',
        TURN: REMINDER,
    }
    with stage.desk.page(address) as page:
        phone = Handset(page, number)
        stage.rings(number, MachineDetection="DetectMessageEnd")
        phone.push("Answer")
        expect(phone.words).to_contain_text("Bonjour.")
        phone.push("7")
        expect(phone.words).to_contain_text("Un message pour vous.")
        state_of(phone, "ended")
    assert stage.asked(OURS)[0]["AnsweredBy"] == "human"
    assert (stage.asked(TURN)[0]["Digits"], stage.asked(TURN)[0]["To"]) == ("7", number)


def test_who_hangs_up_while_the_line_still_rings_was_not_answered(stage: Stage) -> None:
    number, address = a_phone(3)
    stage.canned.answers = {VOICE: f'<Pause length="600"/>{HELLO}'}
    with stage.desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Call")
        stage.asked(VOICE)
        phone.itself.locator("summary").first.click()
        expect(phone.itself.locator(".log")).to_contain_text(f"POST {VOICE}")
        state_of(phone, "calling …")
        expect(phone.itself.locator(".elapsed")).to_be_empty()
        assert violations(page) == []
        phone.push("Hang up")
        state_of(phone, "no answer")
        expect(phone.notice).to_have_text("Not answered: this call cost nothing.")
        expect(phone.words.locator("p")).to_have_count(0)
    (end,) = stage.asked(STATUS)
    assert (end["CallStatus"], end["Direction"], end["CallDuration"]) == ("no-answer", "inbound", "0")


def test_who_lets_it_ring_is_answered(stage: Stage) -> None:
    number, address = a_phone(4)
    stage.canned.answers = {VOICE: f'<Pause length="1"/>{HELLO}'}
    with stage.desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Call")
        expect(phone.words).to_contain_text("Bonjour.")
        state_of(phone, "ended")
    assert stage.asked(STATUS)[0]["CallStatus"] == "completed"


def question(number: int, more: str) -> str:
    return f'<Gather {more} action="{TURN}/{number}"><Say language="fr-FR">La date.</Say></Gather>'


def test_keys_pressed_one_after_another_are_one_answer(stage: Stage) -> None:
    number, address = a_phone(5)
    stage.canned.answers = {
        VOICE: question(1, 'numDigits="6" finishOnKey="#" timeout="600"'),
        f"{TURN}/1": question(2, 'numDigits="6" finishOnKey="#" timeout="600"'),
        f"{TURN}/2": question(3, 'numDigits="6" timeout="2"'),
        f"{TURN}/3": HELLO,
    }
    with stage.desk.page(address) as page:
        phone = Handset(page, number)
        pressed = phone.words.locator(".pressed")
        phone.push("Call")
        expect(phone.words).to_contain_text("La date.")
        for key in "12122":
            phone.push(key)
        expect(phone.itself.locator(".waits")).to_have_text("12122")
        expect(pressed).to_have_count(0)
        phone.push("6")
        expect(pressed).to_have_text(["121226"])
        expect(phone.words.get_by_text("La date.")).to_have_count(2)
        phone.screen.focus()
        page.keyboard.type("1212#")
        expect(pressed).to_have_text(["121226", "1212#"])
        expect(phone.words.get_by_text("La date.")).to_have_count(3)
        page.keyboard.type("31")
        # Two keys of six are the answer once no more come.
        expect(pressed).to_have_text(["121226", "1212#", "31", "(silence)"])
        expect(phone.words).to_contain_text("Bonjour.")
        state_of(phone, "ended")
    assert [stage.asked(f"{TURN}/{n}")[0]["Digits"] for n in (1, 2, 3)] == ["121226", "1212", "31"]
