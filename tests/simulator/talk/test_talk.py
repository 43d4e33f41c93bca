import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.cli import main
from tests.server.running import free_port
from tests.simulator.servers import Server, helpline_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with helpline_server(tmp_path_factory.mktemp("helpline")) as running:
        yield running


def answers_to(output: str) -> list[str]:
    """What followed each thing typed."""
    return re.split(r"^>.*\n", output, flags=re.MULTILINE)[1:]


def test_a_whole_conversation_by_text(server: Server) -> None:
    typed = "quand actualiser\n6\n0\n2\nok merci\nok\n"
    result = server.talk("--from", "06 39 98 00 11", typed=typed)
    assert result.exit_code == 0, result.output
    window, more, menu, signin, thanks, silence = answers_to(result.output)
    assert "mardi 15 décembre" in window
    assert "(2 SMS, " in window
    assert "28" in more
    assert "Relais Droits (pas France Travail)" in menu
    assert "(1 SMS, " in menu
    assert "mot de passe" in signin.casefold()
    assert "(1 SMS, " in thanks
    assert silence.strip() == "(no answer)"


def test_a_whole_call(server: Server) -> None:
    result = server.talk("--call", "--from", "+33639980012", typed="1\n\n2\n\n\n\n\n")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Léa (fr):  [")
    assert "Amy (en):  [" in result.output
    menu, again, signin, *silences = answers_to(result.output)
    assert "Ici Relais Droits, pas France Travail.\n" in menu
    assert "(silence, 8 s)" in again
    assert "Tapez un chiffre" in again
    assert "tapez 1." in signin
    assert "Au revoir" in silences[-1]
    assert "Fault" not in result.output
    assert result.output.endswith("(The line is closed.)\n")


def test_keys_typed_together_are_pressed_one_after_the_other(server: Server) -> None:
    result = server.talk("--call", "--from", "anonymous", typed="1 20\n")
    assert [line for line in result.output.splitlines() if line.startswith("(key")] == [
        "(key 1)",
        "(key 2)",
        "(key 0)",
    ]
    assert result.output.endswith("(You hang up.)\n")


def test_words_in_a_call_that_takes_keys_only_are_not_sent(tmp_path: Path) -> None:
    with helpline_server(tmp_path, VOICE_SPEECH="0") as server:
        result = server.talk("--call", typed="1\nmot de passe\n")
    assert "This call takes keys only" in result.output


def test_words_are_spoken_where_the_helpline_listens(server: Server) -> None:
    result = server.talk("--call", typed="1\nmot de passe\n")
    assert "keys only" not in result.output
    assert "mot de passe" in answers_to(result.output)[-1].casefold()


def test_the_language_comes_first(server: Server) -> None:
    result = server.talk("--lang", "en", "--from", "+33639980013", typed="password\n")
    assert result.output.startswith("> EN\n")
    assert "Relais Droits (not France Travail)" in result.output


def test_a_call_begins_in_the_language_that_was_texted(server: Server) -> None:
    result = server.talk("--call", "--lang", "en", "--from", "+33639980014")
    assert "This is Relais Droits" in result.output


def test_empty_lines_are_not_sent_and_broken_letters_do_no_harm(server: Server) -> None:
    env = {name: text for name, text in {**os.environ, **server.env}.items() if text is not None}
    helpline = Path(sys.executable).with_name("helpline")
    typed = "\n  \nmot de passe\n\xff\xfe actu\n".encode("latin-1")
    done = subprocess.run(
        [helpline, "talk", "--from", "+33639980015"], input=typed, capture_output=True, env=env, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    output = done.stdout.decode()
    assert len(answers_to(output)) == 2
    assert "\x1b" not in output
    assert "Traceback" not in done.stderr.decode()


def test_another_token_is_told_in_words(server: Server, tmp_path: Path) -> None:
    result = server.talk(typed="actu\n", VAR_DIR=str(tmp_path))
    assert result.exit_code == 1
    assert "refused the signature (403)" in result.output


def test_another_public_address_is_signed_for(tmp_path: Path) -> None:
    with helpline_server(tmp_path, PUBLIC_URL="https://helpline.example.org") as server:
        texted = server.talk(typed="menu\n")
        called = server.talk("--call", typed="1\n\n")
    assert "Relais Droits" in texted.output
    assert "(silence, 8 s)" in called.output
    assert called.exit_code == 0


def test_without_a_server_the_phone_says_how_to_start_one() -> None:
    result = CliRunner().invoke(main, ["talk", "--url", f"http://localhost:{free_port()}"])
    assert result.exit_code == 1
    assert "Start it with scripts/server in another terminal." in result.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--lang", "xx"], "use one of fr, en"),
        (["--from", "nobody"], "write a phone number"),
        (["--url", "somewhere"], "write an address"),
    ],
)
def test_options_that_make_no_sense_are_refused_with_an_example(options: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["talk", *options])
    assert result.exit_code == 2
    assert told in result.output
