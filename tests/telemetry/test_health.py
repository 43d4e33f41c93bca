from tests.conftest import Line


def test_it_is_alive_whatever_else_is_not(line: Line) -> None:
    line.wire.refuse()
    got = line.app.test_client().get("/healthz")
    assert (got.status_code, got.text) == (200, "ok\n")


def test_each_part_is_named(line: Line) -> None:
    ready = line.app.test_client().get("/readyz").get_json()
    assert ready["state"] == "ok"
    assert ready["parts"]["redis"] == {"state": "ok"}
    assert ready["parts"]["prompts"]["state"] == "ok"


def test_without_redis_it_says_what_that_means_for_callers(line: Line) -> None:
    for trouble in (line.wire.refuse, line.wire.hang):
        trouble()
        got = line.app.test_client().get("/readyz")
        assert got.status_code == 200
        assert got.get_json()["state"] == "degraded"
        assert "Calls work in full" in got.get_json()["parts"]["redis"]["means"]
        line.wire.forward()
    assert line.app.test_client().get("/readyz").get_json()["state"] == "ok"
