"""The prompts as operators see them: the map, each place as it is read and heard, and what the check says."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, delete, insert, text

from helpline import app as app_module
from helpline.app import create_app
from helpline.desk.guard import POLICY, POLICY_WITH_SCRIPT
from helpline.desk.prompts import MOST_WARNINGS
from helpline.desk.prompts_prepared import Preparing, prepared
from helpline.desk.prompts_used import leaving
from helpline.menus.check import check
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.prompts_command.place_read import PlaceReader
from helpline.prompts_folder import PromptsFolder
from helpline.records.desk_tables import tallies
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.sms.store import connect
from helpline.tallies.missed_words import MissedWords
from helpline.tallies.reading import Left
from tests.conftest import SHIPPED, Clock, settings_for
from tests.databases import address
from tests.desk.people import Desk
from tests.menus.mistakes import FIFTEEN, place

LARGEST = 100_000
WELL = "Aucune faute dans les textes en service."
Opened = Callable[..., Desk]


@pytest.fixture
def opened(
    tmp_path: Path, sqlite_engine: Engine, shared_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> Opened:
    """A desk with other settings."""
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))

    def desk(**environ: str) -> Desk:
        given = {"REDIS_URL": shared_valkey.url, "DATABASE_URL": address(sqlite_engine), **environ}
        settings, clock = settings_for(tmp_path, **given), Clock()
        return Desk(create_app(settings, now=clock), sqlite_engine, keys_of(settings.fingerprint_key), clock)

    return desk


@pytest.fixture
def own_prompts(tmp_path: Path) -> Path:
    """A folder of prompts that may be edited."""
    return shutil.copytree(SHIPPED, tmp_path / "prompts")


def folder_of(desk: Desk) -> PromptsFolder:
    found = desk.app.extensions["prompts"]
    assert isinstance(found, PromptsFolder)
    return found


def words_of(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_place_opens_in_both_languages_with_all_of_its_words(desk: Desk) -> None:
    loaded = folder_of(desk).loaded
    for language in ("fr", "en"):
        browser = desk.person(f"Anna {language}", language=language).browser
        readers = [PlaceReader(loaded.prompts, loaded.recordings, code, desk.clock.now) for code in ("fr", "en")]
        for node in loaded.prompts.menus.nodes.values():
            answer = browser.open(f"/desk/prompts/{node.id}")
            assert answer.status_code == 200, node.id
            assert len(answer.data) < LARGEST, node.id
            page = words_of(answer.text.partition('id="warnings-title"')[0])
            assert "{" not in page, node.id
            if node.kind not in ("choose", "effect"):
                for reader in readers:
                    for words in reader.texts(node):
                        assert " ".join(words.body.split()) in page, node.id
                    for call in reader.calls(node):
                        assert all(" ".join(line.split()) in page for piece in call.pieces for line in piece.lines)
            for fact in node.facts:
                assert f'href="/desk/facts/{fact}"' in answer.text
            for following in (*node.options, *node.cases.values(), *node.outcomes.values()):
                assert f'href="/desk/prompts/{following}"' in answer.text


def test_the_map_leads_to_every_place_and_stays_small(desk: Desk) -> None:
    for language in ("fr", "en"):
        page = desk.person(f"Anna {language}", language=language).browser.open("/desk/prompts").text
        for node in folder_of(desk).loaded.prompts.menus.nodes.values():
            assert f'href="/desk/prompts/{node.id}"' in page
            assert html.escape(node.wordings[language].label, quote=False) in html.unescape(page)
        assert len(page.encode()) < LARGEST * 0.8  # the rest is for its style sheets


def test_a_place_shows_what_a_text_costs(opened: Opened) -> None:
    desk = opened(SMS_PRICE="0.08")
    english, french = (desk.person(f"Anna {code}", language=code).browser for code in ("en", "fr"))
    page = words_of(english.open("/desk/prompts/contact").text)
    assert "billed as 2 SMS · €0.16 for each person" in page
    assert "GSM-7 letters" in page
    assert "2 SMS facturés · 0,16\xa0€".replace("\xa0", " ") in words_of(french.open("/desk/prompts/contact").text)


def test_a_place_shows_how_long_it_is_heard_and_where_its_keys_lead(desk: Desk) -> None:
    page = desk.person(language="en").browser.open("/desk/prompts/contact").text
    assert re.search(r"<figcaption>Page 1 of \d.*[\d.]+ s.*first key after [\d.]+ s</figcaption>", page)
    (first, *_) = folder_of(desk).loaded.prompts.menus.nodes["contact"].options
    assert re.search(rf'<b class="key">1</b> <a href="/desk/prompts/{first}">', page)
    assert 'href="/desk/prompts/more"' in page  # from where one comes


def test_a_place_that_depends_on_the_day_tells_which_one_it_is_today(desk: Desk) -> None:
    browser = desk.person(language="en").browser
    days = {10: "update open, ", 15: "last day, ", 20: "update closed, "}
    for day, told in days.items():
        desk.clock.now = datetime(2026, 12, day, 9, 0, tzinfo=UTC)
        browser = desk.person(f"Anna {day}", language="en").browser
        assert f"Today: {told}" in words_of(browser.open("/desk/prompts/update.when").text)


def test_a_recording_is_played_and_only_pages_with_words_have_a_script(opened: Opened, own_prompts: Path) -> None:
    (own_prompts / "audio" / "fr").mkdir(parents=True, exist_ok=True)
    (own_prompts / "audio" / "fr" / "contact.mp3").write_bytes(b"ID3")
    desk = opened(PROMPTS_DIR=str(own_prompts))
    browser = desk.person(language="en").browser
    spoken = browser.open("/desk/prompts/contact")
    assert re.search(r'<audio controls preload="none" src="/audio/fr/contact\.mp3" aria-label="[^"]+"', spoken.text)
    assert "/audio/en/contact.mp3" not in spoken.text
    assert browser.open("/audio/fr/contact.mp3").data == b"ID3"
    assert spoken.headers["Content-Security-Policy"] == POLICY_WITH_SCRIPT
    assert spoken.text.count("<script") == 1
    assert '<script src="/desk/static/listen.js" defer></script>' in spoken.text
    for path in ("/desk/prompts", "/desk/facts", "/desk/"):
        other = browser.open(path)
        assert other.headers["Content-Security-Policy"] == POLICY
        assert "<script" not in other.text


def test_the_check_says_what_the_command_says(desk: Desk) -> None:
    loaded = folder_of(desk).loaded
    remarks = [fault for fault in check(loaded.prompts, loaded.recordings) if fault.severity == "warning"]
    browser = desk.person().browser
    page = words_of(browser.open("/desk/prompts-check").text)
    assert len(remarks) > 10
    for fault in remarks[:MOST_WARNINGS]:
        assert " ".join(f"{fault.source} {fault.node} {fault.what} Mend: {fault.mend}".split()) in page
    assert WELL in page
    the_map = words_of(browser.open("/desk/prompts").text)
    assert WELL in the_map
    assert f"Remarques qui n’empêchent rien : {len(remarks)}" in the_map
    of_scam = [fault for fault in remarks if fault.node == "about.scam (fr)"]
    assert of_scam
    shown = words_of(browser.open("/desk/prompts/about.scam").text)
    assert all(" ".join(fault.what.split()) in shown for fault in of_scam)


def test_an_edit_with_a_fault_is_told_with_its_line_and_gone_once_it_is_mended(
    opened: Opened, own_prompts: Path
) -> None:
    desk = opened(PROMPTS_DIR=str(own_prompts))
    browser = desk.person(language="en").browser
    broken = own_prompts / "broken.yaml"
    broken.write_text(place(f"text: {FIFTEEN} seize. Appelez le 3949."), encoding="utf-8")
    folder_of(desk).refresh()
    for path in ("/desk/prompts", "/desk/prompts-check"):
        page = words_of(browser.open(path).text)
        assert "The edited words have a fault." in page
        assert re.search(r"broken\.yaml:\d+ broken \(fr\):? A sentence has 16 words", page)
        assert "No fault in the words in use." not in page
    assert browser.open("/desk/prompts/broken").status_code == 404  # what is shown is what callers get
    broken.unlink()
    folder_of(desk).refresh()
    assert "No fault in the words in use." in words_of(browser.open("/desk/prompts").text)


def test_new_words_are_on_the_map_as_soon_as_they_are_in_use(opened: Opened, own_prompts: Path) -> None:
    desk = opened(PROMPTS_DIR=str(own_prompts))
    browser = desk.person().browser
    assert 'href="/desk/prompts/extra"' not in browser.open("/desk/prompts").text
    (own_prompts / "extra.yaml").write_text(place(name="extra"), encoding="utf-8")
    folder_of(desk).refresh()
    assert folder_of(desk).refused == ()
    page = browser.open("/desk/prompts").text
    assert '<summary><span translate="no">extra.yaml</span>' in page
    assert '<a href="/desk/prompts/extra">Essai</a>' in page


def test_what_a_state_of_the_folder_needs_is_made_once(desk: Desk) -> None:
    preparing = Preparing(folder_of(desk))
    assert preparing.now() is preparing.now()
    made = prepared(folder_of(desk).loaded)
    drawn: list[str] = []
    pieces = [made.drawn_in("fr", lambda: drawn.append("") or "<p>map</p>") for _ in range(2)]
    assert pieces == ["<p>map</p>"] * 2
    assert len(drawn) == 1


def test_words_that_were_not_understood_are_listed_once_enough_people_used_them(
    desk: Desk, shared_valkey: EmbeddedValkey
) -> None:
    missed = MissedWords(b"k" * 32)
    for caller in range(3):
        missed.note("mon loyer", f"+3363998000{caller}")
    for caller in range(2):
        missed.note("ma voisine", f"+3363998000{caller}")
    client: Redis = connect(shared_valkey.url, 5.0)
    missed.write(client)
    page = desk.person().browser.open("/desk/prompts").text
    assert "mon loyer personnes : 3" in words_of(page)
    assert "ma voisine" not in page
    assert "que si 3 personnes différentes" in page


def test_where_callers_give_up_is_listed_by_place_and_channel(desk: Desk) -> None:
    counts = {"menu": (40, 15), "signin.password": (30, 29), "update": (5, 5), "gone.place": (4, 1)}
    with desk.engine.begin() as connection:
        for node, (shown, answered) in counts.items():
            for did, count in (("shown", shown), ("answered", answered)):
                labels = f"channel=sms,did={did},node={node}"
                connection.execute(insert(tallies).values(day="2026-12-01", name="at", labels=labels, count=count))
    page = words_of(desk.person(language="en").browser.open("/desk/prompts").text).partition("Where callers give up")[2]
    menu = folder_of(desk).loaded.prompts.menus.nodes["menu"].wordings["en"].label
    assert f"{menu} by text 25 of 40 gave up" in page
    assert "1 of 30 gave up" in page
    assert "gone.place by text 3 of 4 gave up" in page
    assert "of 5 gave up" not in page  # everybody went on


def test_where_callers_give_up_is_counted_again_after_a_minute(desk: Desk) -> None:
    left, now = leaving(desk.engine), desk.clock.now
    assert left.at(now) == ()
    with desk.engine.begin() as connection:
        told = {"day": "2026-12-01", "name": "at", "labels": "channel=sms,did=shown,node=menu", "count": 3}
        connection.execute(insert(tallies).values(told))
    assert left.at(now + timedelta(seconds=59)) == ()
    assert left.at(now + timedelta(seconds=60)) == (Left("menu", "sms", 3, 0),)
    with desk.engine.begin() as connection:
        connection.execute(delete(tallies))
    assert left.at(now) == ()  # a demo went back in time: what was counted later is not kept


def test_the_map_is_there_without_redis_and_without_tallies(opened: Opened, tmp_path: Path) -> None:
    desk = opened(REDIS_URL=f"unix://{tmp_path / 'nobody'}")
    browser = desk.person(language="en").browser
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE tallies RENAME TO elsewhere"))
    answer = browser.open("/desk/prompts")
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO tallies"))
    assert answer.status_code == 200
    assert words_of(answer.text).count("These figures are not available at the moment.") == 2
