"""`helpline talk --script`: golden conversations against a running server."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.cli import main
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.script.conversation import read_conversations
from helpline.simulator.script.dates import ServerDate
from helpline.simulator.script.numbers import NAME, fresh_numbers
from helpline.simulator.script.replay import why_not
from tests.simulator.servers import Canned, Server, canned_server, demo_server
from tests.simulator.talk.test_terminal import person_at

CONVERSATIONS = Path(__file__).parents[2] / "conversations"
AUGUST = datetime(2026, 8, 1, 9, tzinfo=UTC)  # before every conversation
HELLO = """
- title: Somebody says hello
  channel: sms
  turns:
  - writes: salut
    answer: |
      Bonjour
  - writes: encore
    answer: Bonjour
"""
DATED = HELLO.replace("channel", "when: 2026-12-10 10:00\n  channel").replace("Somebody", "On a given day somebody")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with demo_server(tmp_path_factory.mktemp("demo"), AUGUST) as server:
        yield server


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "script.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def date_of(server: Server) -> dict[str, str | bool]:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/phone/date") as answer:
        told = json.loads(answer.read())
    assert isinstance(told, dict)
    return told


def send_to(server: Server, moment: datetime) -> None:
    address = f"http://127.0.0.1:{server.port}"
    headers = {"Content-Type": "application/json", "Origin": address}
    told = json.dumps({"to": moment.isoformat()}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{address}/phone/date", told, headers)).close()


@pytest.mark.parametrize("file", ["update.yaml", "silence-and-wrong-keys.yaml", "late-and-resume.yaml"])
def test_a_demo_answers_golden_conversations_as_they_are_written(demo: Server, file: str) -> None:
    result = demo.talk("--script", str(CONVERSATIONS / file))
    assert result.exit_code == 0, result.output
    assert "played: every answer as written." in result.output
    assert int(result.output.partition(" ")[0]) > 5
    assert date_of(demo)["travelled"] is False


def test_a_difference_is_shown_with_its_file_title_and_step(demo: Server, written: Callable[[str], str]) -> None:
    text = (CONVERSATIONS / "update.yaml").read_text(encoding="utf-8")
    result = demo.talk("--script", written(text.replace("jusqu'à minuit. Il reste 5 jours", "jusqu'à midi")))
    assert result.exit_code == 1
    assert "script.yaml: Everything about the update, on an evening when it is open\n  step 1. writes 'actu'\n" in (
        result.output
    )
    marked = [line for line in result.output.splitlines() if line.startswith("  > ")]
    assert "jusqu'à midi" in marked[0]
    assert "jusqu'à minuit" in marked[0]
    assert "of them with another answer." in result.output


def test_a_date_that_somebody_chose_is_given_back(demo: Server) -> None:
    chosen = datetime(2027, 1, 5, 10, tzinfo=UTC)
    send_to(demo, chosen)
    assert demo.talk("--script", str(CONVERSATIONS / "signin.yaml")).exit_code == 0
    told = date_of(demo)
    assert told["travelled"] is True
    assert chosen <= datetime.fromisoformat(str(told["now"])) < chosen + timedelta(days=1)


def test_the_date_comes_back_also_after_a_failure(demo: Server, tmp_path: Path) -> None:
    before = date_of(demo)["travelled"]
    result = demo.talk("--script", str(CONVERSATIONS / "update.yaml"), VAR_DIR=str(tmp_path))
    assert result.exit_code == 1
    assert "refused the signature (403)" in result.output
    assert date_of(demo)["travelled"] == before


def test_a_server_that_is_no_demo_is_not_touched_unless_that_is_meant(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    canned = Canned({"/twilio/sms": "<Message>Bonjour</Message>", "/phone/date": 404})
    with canned_server(tmp_path, canned) as server:
        asked = server.talk("--script", written(HELLO))
        assert [path for path, _ in canned.asked] == ["/phone/date"]
        meant = server.talk("--script", written(HELLO + DATED), "--yes")
    assert asked.exit_code == 1
    assert "This server is no demo" in asked.output
    assert "up for real" in asked.output
    assert "To play it all the same: --yes" in asked.output
    assert meant.exit_code == 0
    assert meant.output == (
        "1 conversation played: every answer as written.\n"
        "1 conversation left out: they need a given date, and this server has no time machine.\n"
    )


def test_a_script_of_which_nothing_is_played_fails_and_says_so(tmp_path: Path, written: Callable[[str], str]) -> None:
    canned = Canned({"/twilio/sms": "<Message>Bonjour</Message>", "/phone/date": 404})
    (tmp_path / "empty").mkdir()
    with canned_server(tmp_path, canned) as server:
        dated = server.talk("--script", written(DATED), "--yes")
        empty = server.talk("--script", str(tmp_path / "empty"), "--yes")
    assert dated.output == (
        "Nothing was played.\n1 conversation left out: they need a given date, and this server has no time machine.\n"
    )
    assert empty.output == "Nothing was played.\n"
    assert (dated.exit_code, empty.exit_code) == (1, 1)


def test_no_control_character_of_a_script_or_of_an_answer_reaches_the_terminal(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    script = HELLO.replace("Somebody", '"Some\\e]0;body\\u009b').replace("hello", 'hello"').replace("salut", r'"s\ea"')
    canned = Canned({"/twilio/sms": "<Message>Bon\x80jour\x9b1m</Message>"})
    with canned_server(tmp_path, canned) as server:
        result = server.talk("--script", written(script), "--yes")
        wrong = server.talk("--script", written(script.replace("channel", "weather")), "--yes")
        texted = server.talk(typed="sa\x1b[2Jlut\n")
    assert "Some]0;body" in result.output
    assert "Bonjour1m" in result.output
    assert "Some]0;body" in wrong.output
    assert "sa[2Jlut" in texted.output
    for each in (result, wrong, texted):
        assert all(letter.isprintable() or letter == "\n" for letter in each.output)


def test_each_conversation_comes_from_a_number_of_its_own(tmp_path: Path, written: Callable[[str], str]) -> None:
    canned = Canned({"/twilio/sms": "<Message>Bonjour</Message>"})
    with canned_server(tmp_path, canned) as server:
        for _ in range(2):
            assert server.talk("--script", written(HELLO * 2), "--yes").exit_code == 0
    senders = [form["From"] for form in canned.forms("/twilio/sms")]
    assert len(senders) == 8
    assert len(set(senders)) == 4
    assert all(sender.startswith("+3363998") and len(sender) == 12 for sender in senders)


def test_a_fault_of_the_answer_is_a_difference(tmp_path: Path, written: Callable[[str], str]) -> None:
    script = "- channel: voice\n  title: A call\n  greeting: 'fr: Oui'\n  turns:\n  - silent:\n    answer: (hangs up)\n"
    answers = {"/twilio/voice": '<Jump/><Gather><Say language="fr-FR">Oui</Say></Gather>'}
    with canned_server(tmp_path, Canned(answers)) as server:
        result = server.talk("--script", written(script), "--yes")
    assert result.exit_code == 1
    assert "step 1. the call begins" in result.output
    assert "(fault: The answer holds <Jump>, which the carrier" in result.output
    assert "step 2" not in result.output


def test_a_call_that_rings_on_first_is_played_from_its_answer(tmp_path: Path, written: Callable[[str], str]) -> None:
    script = "- channel: voice\n  title: A call\n  greeting: 'fr: Oui'\n  turns:\n  - silent:\n    answer: (hangs up)\n"
    asks = '<Gather><Say voice="Polly.Lea" language="fr-FR">Oui</Say></Gather><Redirect>/bye</Redirect>'
    answers = {"/twilio/voice": f'<Pause length="6"/>{asks}', "/bye": "<Hangup/>"}
    with canned_server(tmp_path, Canned(answers)) as server:
        result = server.talk("--script", written(script), "--yes")
    assert result.exit_code == 0, result.output


def test_a_person_sees_how_far_it_is(tmp_path: Path, written: Callable[[str], str]) -> None:
    canned = Canned({"/twilio/sms": "<Message>Bonjour</Message>"})
    with (
        canned_server(tmp_path, canned) as server,
        person_at(server, "--yes", "--script", written(HELLO * 2)) as person,
    ):
        person.waits_for(" of 2")
        person.waits_for("2 conversations played: every answer as written.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("just words", "script.yaml holds no conversations"),
        ("- [", "script.yaml is no YAML"),
        ("[" * 20_000, "script.yaml is nested too deeply"),
        ("- title: A\n  turns: []\n", "'A': needs 'channel: sms' or 'channel: voice', and turns"),
        ("- title: A\n  channel: sms\n  turns:\n  - answer: x\n", "'A': a turn says one of writes"),
        ("- title: A\n  channel: sms\n  turns:\n  - just words\n", "'A': a turn says one of writes"),
        ("- title: A\n  channel: sms\n  turns:\n  - writes: a\n    times: -1\n", "'times: -1' is no number of times"),
        ("- title: A\n  channel: sms\n  turns:\n  - writes: a\n    later: soon\n", "'soon' is no time"),
        (HELLO.replace("channel", "weather: fine\n  channel"), "weather means nothing here"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_words(
    tmp_path: Path, written: Callable[[str], str], text: str, told: str
) -> None:
    with canned_server(tmp_path, Canned({})) as server:
        result = server.talk("--script", written(text), "--yes")
    assert result.exit_code == 1
    assert told in result.output


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("not yet: soon", "they say what the helpline does not do yet"),
        ("sql: down", "a part of the helpline is out of order in them"),
        ("memory: down", "a part of the helpline is out of order in them"),
        ("calendar: x", "they have a calendar of their own"),
        ("reminders: all", "the caller agreed to something before"),
        ("number: landline", "the caller has a landline"),
        ("number: withheld", "texts from a withheld number do not come from a phone"),
        ("remembers: en", "the caller's language is remembered from another conversation"),
        ("languages: fr", "they are of a helpline in other languages than fr, en"),
        ("reminders: none", ""),
        ("memory: valkey", ""),
    ],
)
def test_what_only_the_tests_can_make_is_left_out(written: Callable[[str], str], line: str, why: str) -> None:
    (conversation,) = read_conversations(Path(written(DATED.replace("channel", f"{line}\n  channel"))))
    assert why_not(conversation, ("fr", "en"), has_dates=True) == why


def test_sessions_that_are_forgotten_in_between_cannot_be_played(written: Callable[[str], str]) -> None:
    (conversation,) = read_conversations(Path(written(DATED)))
    first, second = conversation.steps
    for days, why in [(2, ""), (4, "more than 3 days pass, after which a session is forgotten")]:
        steps = (first, replace(second, later=timedelta(days=days)))
        assert why_not(replace(conversation, steps=steps), ("fr", "en"), has_dates=True) == why


def test_numbers_go_on_where_the_last_script_ended(tmp_path: Path) -> None:
    first = list(islice(fresh_numbers(tmp_path), 3))
    assert next(fresh_numbers(tmp_path)) not in first
    (tmp_path / NAME).write_text("9898", encoding="ascii")
    assert list(islice(fresh_numbers(tmp_path), 2)) == ["+33639989999", "+33639980100"]


def test_numbers_do_without_a_folder_to_write_in(tmp_path: Path) -> None:
    assert len(set(islice(fresh_numbers(tmp_path / "nowhere"), 50))) == 50


def test_a_date_that_cannot_be_moved_is_a_problem_of_the_carrier(tmp_path: Path) -> None:
    with canned_server(tmp_path, Canned({"/phone/date": 400})) as server:
        address = f"http://127.0.0.1:{server.port}"
        date = ServerDate(Webhooks(address, address, "token"), None)
        with pytest.raises(CarrierError, match="cannot be moved there"):
            date.travel_to(datetime(2020, 1, 1, tzinfo=UTC))


def test_who_plays_a_script_is_told_that_the_date_moves_for_all() -> None:
    told = " ".join(CliRunner().invoke(main, ["talk", "--help"]).output.replace("│", "").split())
    assert "the date of the demo moves, for everybody" in told
