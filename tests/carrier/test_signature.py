"""Only what Twilio signed gets in. Vectors: twilio-python's own tests and Twilio's "Secure webhooks" page."""

import base64
import hashlib
from urllib.parse import urlsplit

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import EnvironBuilder

from helpline.carrier.form import pairs_of
from helpline.carrier.signature import is_signed, signature_of
from tests.conftest import Line
from tests.phone import FORM, SECOND_TOKEN, SIGNATURE, SIGNATURE_SETTINGS, TOKEN, Phone, Reply, form, signature

SHA256 = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"

MYAPP = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
TWICE = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
DOCS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}
VECTORS = {
    "as documented": (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        list(DOCS.items()),
        "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
    ),
    "a query": (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        list(MYAPP.items()),
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ),
    "a value twice": ("https://mycompany.com/myapp.php?foo=1&bar=2", TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    "https, signed with port 443": (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        list(MYAPP.items()),
        "kvajT1Ptam85bY51eRf/AJRuM3w=",
    ),
    "https, asked with a port": (
        "https://mycompany.com:1234/myapp.php?foo=1&bar=2",
        list(MYAPP.items()),
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ),
    "http, signed with port 80": (
        "http://mycompany.com/myapp.php?foo=1&bar=2",
        list(MYAPP.items()),
        "0ZXoZLH/DfblKGATFgpif+LLRf4=",
    ),
    "http, signed with its port": (
        "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
        list(MYAPP.items()),
        "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
    ),
}
BODY = [("MessageSid", "SM1"), ("From", "+33611111111"), ("Body", "menu"), ("Empty", "")]
TARGETS = ["/twilio/sms", "/twilio/voice", "/twilio/voice/turn/x", "/twilio/voice/silence/x", "/twilio/voice/status"]


def asked(url: str, parameters: list[tuple[str, str]], headers: dict[str, str]) -> Request:
    """A request as it arrives under `url`."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
    builder = EnvironBuilder(parts.path, base, parts.query, method="POST", data=form(parameters), content_type=FORM)
    builder.headers = Headers([*builder.headers.items(), *headers.items()])
    return Request(builder.get_environ())


def refused(reply: Reply) -> bool:
    return (reply.status, reply.text) == (403, "")


def post(line: Line, target: str, body: bytes, headers: dict[str, str], host: str = "localhost") -> Reply:
    got = line.app.test_client().post(target, data=body, headers=headers, base_url=f"http://{host}")
    return Reply(got.status_code, got.get_data(as_text=True), dict(got.headers))


@pytest.mark.parametrize("name", VECTORS)
def test_the_official_vectors_are_accepted(name: str) -> None:
    url, parameters, signed = VECTORS[name]
    assert is_signed(asked(url, parameters, {SIGNATURE: signed}), ["other", "12345"], "")
    assert not is_signed(asked(url, parameters, {SIGNATURE: signed}), ["other"], "")


@pytest.mark.parametrize("name", VECTORS)
def test_the_official_vectors_are_accepted_behind_a_proxy_under_the_public_url(name: str) -> None:
    url, parameters, signed = VECTORS[name]
    public, slash, target = url.partition("/myapp")
    request = asked(f"http://10.0.0.7:8000{slash}{target}", parameters, {SIGNATURE: signed})
    assert is_signed(request, ["12345"], public)
    assert not is_signed(request, ["12345"], "https://elsewhere.org")


def test_our_own_signature_is_the_official_one() -> None:
    for url, parameters, signed in VECTORS.values():
        signatures = {
            signature(one, parameters, "12345")
            for one in (
                url,
                url.replace(":1234", ""),
                url.replace(".com/", ".com:443/"),
                url.replace(".com/", ".com:80/"),
            )
        }
        assert signed in signatures


@pytest.mark.parametrize("token", [TOKEN, SECOND_TOKEN])
def test_both_tokens_are_good_during_a_rotation(line: Line, token: str) -> None:
    signed = signature("http://localhost/twilio/sms", BODY, token)
    assert post(line, "/twilio/sms", form(BODY), {"Content-Type": FORM, SIGNATURE: signed}).status == 200


def test_a_third_token_is_not(line: Line) -> None:
    signed = signature("http://localhost/twilio/sms", BODY, "0" * 32)
    assert refused(post(line, "/twilio/sms", form(BODY), {"Content-Type": FORM, SIGNATURE: signed}))


def test_sha_256_counts_where_the_request_says_so_and_only_there(line: Line) -> None:
    url = "http://localhost/twilio/sms"
    newer = signature(url, BODY, hashed=hashlib.sha256)
    assert newer == RequestValidator(TOKEN).compute_signature(url, dict(BODY), "HMAC_SHA256")
    older = signature(url, BODY)
    for signed, said, status in (
        (newer, SHA256, 200),
        (newer, "", 403),
        (older, SHA256, 403),
        (older, "key=x", 200),
        (older, "key=x,algorithm=HMAC_MD5", 403),
        (newer, "algorithm=none", 403),
        (older, "é,,==,algorithm", 200),
    ):
        headers = {"Content-Type": FORM, SIGNATURE: signed} | ({SIGNATURE_SETTINGS: said} if said else {})
        assert post(line, "/twilio/sms", form(BODY), headers).status == status, said


@pytest.mark.parametrize(
    "query",
    [
        "a=%2B33",
        "a=%20b",
        "a=b+c",
        "a=%C3%A9",
        "a=é".encode().decode("latin-1"),
        "a=",
        "a&b",
        "a=1&a=2",
        "a=%2f%2F",
        "=",
        "&&",
        "a=b%",
    ],
)
def test_the_query_is_signed_as_it_was_sent(line: Line, query: str) -> None:
    target = f"/twilio/sms?{query}"
    environ = {"QUERY_STRING": query}
    url = f"http://localhost{target}"
    for signed, status in ((signature(url, BODY), 200), (signature(url + "x", BODY), 403)):
        headers = {"Content-Type": FORM, SIGNATURE: signed}
        got = line.app.test_client().post("/twilio/sms", data=form(BODY), headers=headers, environ_overrides=environ)
        assert got.status_code == status


@pytest.mark.parametrize(
    "more",
    [
        [("Blank", "")],
        [("MediaUrl", "a"), ("MediaUrl", "b"), ("MediaUrl", "a")],
        [("Accents", "é à ç 😀")],
        [("Plus", "+ %2B &=")],
        [("Name with é=&", "x")],
        [("Invalid", b"\xff\xfe")],
        [("Lines", "a\r\nb\n")],
        [("NUL", "a\0b")],
        [("  blanks  ", "  kept  ")],
    ],
)
def test_every_value_is_part_of_what_was_signed(phone: Phone, more: list[tuple[str, str]]) -> None:
    assert phone.sms("menu", more=more).status == 200
    signed = signature("http://localhost/twilio/sms", [*BODY, *more])
    less = phone.post("/twilio/sms", form(BODY), {"Content-Type": FORM, SIGNATURE: signed})
    assert refused(less)


@pytest.mark.parametrize(
    ("public", "headers", "signed_as"),
    [
        ("https://aide.example.org", {"Host": "10.0.0.7:8000"}, "https://aide.example.org/twilio/sms"),
        ("https://aide.example.org:8443", {}, "https://aide.example.org:8443/twilio/sms"),
        ("https://aide.example.org:8443", {}, "https://aide.example.org/twilio/sms"),
        ("https://example.org/aide", {}, "https://example.org/aide/twilio/sms"),
        ("https://example.org/aide", {"X-Forwarded-Host": "evil.org"}, "https://example.org/aide/twilio/sms"),
        ("", {"X-Forwarded-Proto": "https", "Host": "aide.org"}, "https://aide.org/twilio/sms"),
        ("", {"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "aide.org, b"}, "https://aide.org/twilio/sms"),
        ("", {"Host": "localhost:8000"}, "http://localhost:8000/twilio/sms"),
        ("", {"Host": "localhost:8000", "X-Forwarded-Proto": "https"}, "http://localhost:8000/twilio/sms"),
    ],
)
def test_the_public_url_is_what_twilio_signed(public: str, headers: dict[str, str], signed_as: str) -> None:
    for url, good in ((signed_as, True), (signed_as.replace("twilio", "Twilio"), False)):
        signed = {SIGNATURE: signature(url, BODY), **headers}
        assert is_signed(asked("/twilio/sms", BODY, signed), [TOKEN], public) is good


@pytest.mark.parametrize("host", ["evil.example", "localhost:99999", "localhost:x", "a b", "é", "", "[::1", "a/b"])
@pytest.mark.parametrize("where", ["Host", "X-Forwarded-Host"])
def test_a_wrong_host_is_refused_quietly(line: Line, host: str, where: str) -> None:
    headers = {"Content-Type": FORM, SIGNATURE: signature("http://localhost/twilio/sms", BODY)}
    environ = {"HTTP_HOST" if where == "Host" else "HTTP_X_FORWARDED_HOST": host.encode().decode("latin-1")}
    if where == "Host":
        environ["SERVER_NAME"] = "other"
    else:
        headers[SIGNATURE] = signature("http://other/twilio/sms", BODY)
    got = line.app.test_client().post("/twilio/sms", data=form(BODY), headers=headers, environ_overrides=environ)
    assert (got.status_code, got.data) == (403, b"")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "signed",
    [None, "", " ", "x", "é", "\xff", "A" * 28, "=" * 28, "A" * 10_000, "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
)
def test_a_wrong_signature_is_a_counted_403_without_words(line: Line, target: str, signed: str | None) -> None:
    before = sum(number for name, number in line.counts().items() if name.startswith("signature_refused"))
    headers = {"Content-Type": FORM} | ({} if signed is None else {SIGNATURE: signed})
    assert refused(post(line, target, form(BODY), headers))
    after = sum(number for name, number in line.counts().items() if name.startswith("signature_refused"))
    assert after == before + 1


@pytest.mark.parametrize("target", TARGETS)
def test_a_part_of_the_right_signature_is_not_enough(line: Line, target: str) -> None:
    signed = signature(f"http://localhost{target}", BODY)
    for part in (
        signed[:-1],
        signed[:10],
        signed[1:],
        signed + "=",
        signed + "A",
        signed.lower(),
        f" {signed}é",
        f"{signed},{signed}",
    ):
        assert refused(post(line, target, form(BODY), {"Content-Type": FORM, SIGNATURE: part}))


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "x",
        "",
        FORM + "; charset=utf-7é",
    ],
)
def test_another_content_type_is_refused(line: Line, kind: str) -> None:
    """The parameters are not read from it, so the signature over them is not the one of this request."""
    signed = signature("http://localhost/twilio/sms", BODY)
    reply = post(line, "/twilio/sms", form(BODY), {"Content-Type": kind, SIGNATURE: signed})
    assert refused(reply) or kind.startswith(FORM)
    assert reply.status in (200, 403)


@pytest.mark.parametrize("size", [64 * 1024, 70_000, 5_000_000])
def test_a_body_that_is_too_large_is_refused(line: Line, size: int) -> None:
    big = [*BODY, ("More", "x" * size)]
    for signed in (signature("http://localhost/twilio/sms", big), "x", ""):
        reply = post(line, "/twilio/sms", form(big), {"Content-Type": FORM, SIGNATURE: signed})
        assert (reply.status, reply.text) == (413, "")


def test_a_large_body_below_the_limit_is_read(phone: Phone) -> None:
    assert phone.sms("menu", more=[("More", "x" * 60_000)]).status == 200


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_only_post_is_answered(line: Line, target: str, method: str) -> None:
    if target == "/twilio/voice/status" and method == "OPTIONS":
        return
    assert line.app.test_client().open(target, method=method).status_code == 405


@given(st.data())
def test_no_changed_signature_is_ever_accepted(shared_line: Line, data: st.DataObject) -> None:
    url = "http://localhost/twilio/sms"
    right = signature(url, BODY)
    others = st.one_of(
        st.text(max_size=40),
        st.binary(min_size=20, max_size=20).map(lambda raw: base64.b64encode(raw).decode()),
        st.tuples(st.integers(0, len(right) - 1), st.characters(max_codepoint=255)).map(
            lambda change: right[: change[0]] + change[1] + right[change[0] + 1 :]
        ),
    )
    signed = data.draw(others.filter(lambda one: one.strip() != right))
    environ = {"HTTP_X_TWILIO_SIGNATURE": signed.encode().decode("latin-1")}
    got = shared_line.app.test_client().post(
        "/twilio/sms", data=form(BODY), headers={"Content-Type": FORM}, environ_overrides=environ
    )
    assert (got.status_code, got.data) == (403, b"")


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=12)), max_size=6), st.text("abc%+&=é/?#", max_size=12))
def test_whatever_twilio_signs_is_accepted(parameters: list[tuple[str, str]], query: str) -> None:
    query = query.encode().decode("latin-1").replace("#", "")
    builder = EnvironBuilder(method="POST", path="/twilio/sms", data=form(parameters), content_type=FORM)
    environ = builder.get_environ() | {"QUERY_STRING": query}
    url = "http://localhost/twilio/sms" + (f"?{query}" if query else "")
    environ["HTTP_X_TWILIO_SIGNATURE"] = signature(url, parameters)
    assert is_signed(Request(environ), [TOKEN], "")


def test_thousands_of_parameters_are_refused_before_anything_is_hashed(phone: Phone) -> None:
    many = phone.sms("menu", more=[(f"p{number}", "") for number in range(300)])
    assert (many.status, many.text) == (403, "")
    assert phone.sms("menu", more=[(f"p{number}", "") for number in range(100)]).status == 200


_PARAMETERS = st.lists(st.tuples(st.text(max_size=6), st.text(max_size=12)), max_size=8)


@given(st.text(), st.text(max_size=30), _PARAMETERS, st.sampled_from(["HMAC_SHA1", "HMAC_SHA256", "hmac_sha256"]))
def test_a_signature_is_the_one_that_the_official_validator_computes(
    token: str, url: str, parameters: list[tuple[str, str]], algorithm: str
) -> None:
    parameters += parameters[:1]
    official = RequestValidator(token).compute_signature(url, MultiDict(parameters), algorithm)
    assert signature_of(token, url, parameters, algorithm) == official


@pytest.mark.parametrize("algorithm", ["", "none", "HMAC_MD5", "é"])
def test_another_algorithm_signs_nothing(algorithm: str) -> None:
    with pytest.raises(ValueError, match="algorithm"):
        signature_of(TOKEN, "http://localhost/", (), algorithm)


@given(st.one_of(st.text("ab%4+&=;é\0", max_size=30), st.text(max_size=20)).map(str.encode) | st.binary(max_size=20))
def test_a_form_is_read_as_the_web_framework_reads_it(body: bytes) -> None:
    builder = EnvironBuilder(method="POST", data=body, content_type=FORM)
    form = Request(builder.get_environ()).form
    assert list(MultiDict(pairs_of(body)).lists()) == list(form.lists())
