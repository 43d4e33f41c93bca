from pathlib import Path

import pytest

from helpline.menus.faults import PromptsError
from helpline.server.errors import ServerError
from helpline.server.plainly import told_plainly
from helpline.settings import SettingsError


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("error", [SettingsError(["PORT is odd"]), ServerError("no room"), PromptsError([])])
def test_what_the_operator_can_mend_is_told_as_it_is(
    error: Exception, var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, told_plainly():
        raise error
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"Error: {error}\n"
    assert list(var.iterdir()) == []


def test_a_fault_of_ours_is_told_in_a_line_and_its_trace_kept_for_us(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit), told_plainly():
        raise KeyError("main")
    told = capsys.readouterr().err
    assert "KeyError('main')" in told
    assert "Traceback" not in told
    assert str(var / "last-error.txt") in told
    assert "Traceback" in (var / "last-error.txt").read_text()


def test_nothing_is_said_when_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with told_plainly():
        pass
    assert capsys.readouterr() == ("", "")
