"""The phones of the page's address."""

from helpline.demo.phones_shown import (
    MOST,
    OFFERED,
    ShownPhone,
    address_of,
    as_written,
    offered_beside,
    read_phone,
    read_phones,
    why_no_phones,
)

ANNA, LANDLINE = ShownPhone("+33639980001"), ShownPhone("+33199005678")


def test_a_page_without_an_address_of_its_own_shows_one_mobile() -> None:
    assert read_phones([]) == ([ANNA], [])


def test_a_number_is_read_as_people_type_it() -> None:
    for text in ("0639980001", "06 39 98 00 01", "+33 6 39 98 00 01", "06.39.98.00.01", " 0639980001 "):
        assert read_phone(text) == ANNA, text


def test_the_plus_of_a_link_that_somebody_typed_became_a_space_and_is_understood() -> None:
    assert read_phones([" 447400123456"]) == ([ShownPhone("+447400123456")], [])


def test_what_is_no_number_is_told() -> None:
    assert read_phones(["anna", "0639980001", "<b>", ""]) == ([ANNA], ["anna", "<b>"])


def test_short_numbers_are_told_apart_from_what_is_no_number() -> None:
    for short in ("112", "15", "39 49", "38123", "118 712"):
        assert why_no_phones([short]) == [f"{short}: a short number, and short numbers are no phones here."]
    assert why_no_phones(["anna", "112", "<b>", "15"]) == [
        "anna, <b>: no phone number. Write it like 06 39 98 00 03.",
        "112, 15: short numbers, and short numbers are no phones here.",
    ]
    assert why_no_phones([]) == []


def test_a_phone_is_shown_once_and_no_more_of_them_than_a_browser_has_connections_for() -> None:
    many = [f"06399800{n:02}" for n in range(1, 20)]
    phones, wrong = read_phones(["0639980001", *many])
    assert len(phones) == MOST < 6
    assert len(set(phones)) == MOST
    assert wrong == []
    assert offered_beside(phones) == []


def test_the_address_of_some_phones_shows_these_phones() -> None:
    phones = [ANNA, LANDLINE, ShownPhone("anonymous"), ShownPhone("+447400123456")]
    address = address_of(phones)
    assert address == "/?phone=0639980001&phone=0199005678&phone=anonymous&phone=%2B447400123456"
    assert address_of([]) == "/"


def test_phones_are_named_as_people_write_them() -> None:
    assert [ShownPhone(number).name for number in OFFERED] == [
        "Mobile 06 39 98 00 01",
        "Mobile 06 39 98 00 02",
        "Landline 01 99 00 56 78",
        "Withheld number",
    ]


def test_numbers_are_written_as_people_write_them_and_short_ones_and_names_stay() -> None:
    assert as_written("+33199001234") == "01 99 00 12 34"
    assert as_written("+447400123456") == "+44 7400 123456"
    assert [as_written(sender) for sender in ("38123", "RELAIS")] == ["38123", "RELAIS"]


def test_landlines_and_withheld_numbers_say_why_they_cannot_text() -> None:
    assert ANNA.why_no_texts == ""
    assert "landline" in LANDLINE.why_no_texts
    assert "withholds" in ShownPhone("anonymous").why_no_texts
