"""Segments as Twilio bills them, against its own documentation and 3GPP TS 23.038."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.menus import gsm7

# Every letter of the alphabet, typed from the standard and not taken from the code.
STANDARD = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)

texts = st.one_of(
    st.text(st.sampled_from(STANDARD + "^{}\\[~]|€" * 4), max_size=700),
    st.text(max_size=400),
    st.text(st.sampled_from("aé😀🇫🇷e\u0301"), max_size=400),
)


def test_the_alphabet_is_the_standard_one() -> None:
    assert frozenset(STANDARD) == gsm7.BASIC
    assert len(gsm7.BASIC) == 127  # 128 codes, one of which is the escape
    assert frozenset("^{}\\[~]|€\f") == gsm7.EXTENSION


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("é" * 160, 1),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("a" * 69 + "ê", 1),
        ("a" * 159 + "ê", 3),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        # A euro sign that would straddle two parts moves to the next one, so a place is lost.
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        ("😀" * 67, 3),
        ("a" * 66 + "😀" + "a" * 65, 2),
        ("a" * 66 + "😀" + "a" * 66, 3),
    ],
)
def test_known_lengths(text: str, segments: int) -> None:
    assert gsm7.segments(text) == segments


@given(texts)
def test_the_parts_joined_give_the_text_back(text: str) -> None:
    assert "".join(gsm7.parts(text)) == text


@given(texts)
def test_every_part_fits_and_splits_no_pair(text: str) -> None:
    parts = gsm7.parts(text)
    if gsm7.is_gsm7(text):
        sizes = [gsm7.septets(part) for part in parts]
        limit = 160 if len(parts) == 1 else 153
    else:
        sizes = [len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in parts]
        limit = 70 if len(parts) == 1 else 67
    assert max(sizes) <= limit
    assert len(parts) == gsm7.segments(text)
    for before, after in zip(sizes, parts[1:], strict=False):
        assert before + (2 if after[0] in gsm7.EXTENSION or ord(after[0]) > 0xFFFF else 1) > limit


@given(st.text(max_size=200))
def test_what_goes_out_is_always_in_the_alphabet(text: str) -> None:
    sent = gsm7.to_gsm7(text)
    assert gsm7.is_gsm7(sent)
    assert gsm7.to_gsm7(sent) == sent


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("forêt, garçon, naïf, août, Noël", "foret, garcon, naif, aout, Noel"),
        ("é è à ù ì ò É Ç", "é è à ù ì ò É Ç"),
        ("œuvre, Œuvre", "oeuvre, OEuvre"),
        ("« Oui »", '"Oui"'),
        ("«\u00a0Oui\u00a0» ou «\u202fnon\u202f»", '"Oui" ou "non"'),
        ("l’été… – fin — ‑", "l'été... - fin - -"),
        ("3\u202f949\u00a0!", "3 949 !"),
        ("À Ê Ô Û", "A E O U"),
        ("e\u0301 c\u0327", "é c"),
        ("10 €", "10 €"),
        ("😀", "?"),
    ],
)
def test_the_sms_form_of_french(written: str, sent: str) -> None:
    assert gsm7.to_gsm7(written) == sent


def test_words_that_lose_an_accent_are_named() -> None:
    assert gsm7.lost_accents("Un arrêt maladie, reçu l’été : « Août »") == ("arrêt", "reçu", "Août")
    assert gsm7.lost_accents("élève à où") == ()
