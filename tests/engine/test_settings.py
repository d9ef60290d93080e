"""Settings: from the environment before the file before what is usual; nonsense is refused with its place."""

from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

import pytest

from engine.cli.settings import documentation
from engine.errors import Invalid
from engine.settings import Settings, load


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "casewright.toml").write_text('port = 9000\nhost = "::1"\nhttp_hosts = ["a.org", "*.B.org"]\n')
    settings = load({"CASEWRIGHT_PORT": "9100", "CASEWRIGHT_TEST_CLOCK": "yes"}, tmp_path)
    assert (settings.port, settings.host, settings.http_hosts) == (9100, "::1", ("a.org", "*.b.org"))
    assert settings.test_clock and settings.address == "http://[::1]:9100"
    assert load({}, tmp_path / "nowhere") == Settings()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"CASEWRIGHT_PORT": "eighty"}, "CASEWRIGHT_PORT: port = eighty: expected a whole number."),
        ({"CASEWRIGHT_PORT": "0"}, "1 to 65535"),
        ({"CASEWRIGHT_TEST_CLOCK": "maybe"}, "true or false"),
        ({"CASEWRIGHT_SMTP_SECURITY": "ssl"}, "starttls"),
        ({"CASEWRIGHT_THREADS": "0"}, "at least 1"),
    ],
)
def test_nonsense_is_refused(environ: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load(environ, tmp_path)
    assert words in str(caught.value.problems[0])


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "casewright.toml").write_text("prot = 80")
    with pytest.raises(Invalid) as caught:
        load({}, tmp_path)
    assert str(caught.value.problems[0]) == "casewright.toml: prot = 80: there is no such setting."
    (tmp_path / "casewright.toml").write_text("port 80")
    with pytest.raises(Invalid, match="no TOML"):
        load({}, tmp_path)
    with pytest.raises(Invalid, match="no such file"):
        load({"CASEWRIGHT_CONFIG": str(tmp_path / "other.toml")}, tmp_path)


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_directory=tmp_path / "data")
    key = settings.secret_key()
    assert len(key) == 64 and settings.secret_key() == key
    path = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Settings(data_directory=tmp_path / "other").secret_key() != key
    path.write_bytes(b"short")
    with pytest.raises(Invalid, match="too short"):
        settings.secret_key()


@pytest.mark.parametrize(
    ("host", "reachable"), [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("::", True),
                            ("192.168.1.5", True), ("cases.example.org", True)],
)  # fmt: skip
def test_what_others_can_reach(host: str, reachable: bool) -> None:
    assert Settings(host=host).is_reachable is reachable


def test_every_setting_says_what_it_is_for() -> None:
    assert list(documentation()) == [field.name for field in fields(Settings)]
