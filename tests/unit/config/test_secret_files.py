"""Secrets come from the environment or from files, and show nowhere."""

from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.secret_files import FOLDERS, SECRETS, secrets_folder, secrets_read_by_others, without_secrets
from config.settings import Settings, load_settings

SECRET = "a made-up secret of 32 characters and more"
PASSWORD = "made-up-password"
FILES = {
    "FUNDING_SECRET": SECRET,
    "FUNDING_SMTP_URL": f"smtp://tracker:{PASSWORD}@127.0.0.1:9",
    "FUNDING_DATABASE_URL": f"postgresql+psycopg://tracker:{PASSWORD}@127.0.0.1:9/funding",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*SECRETS, *FOLDERS):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o755)
    for name, value in FILES.items():
        (folder / name).write_text(f"{value}\n", encoding="utf-8")
        (folder / name).chmod(0o600)
    return folder


def secrets_of(settings: Settings) -> dict[str, str]:
    return {
        "FUNDING_SECRET": settings.secret.get_secret_value(),
        "FUNDING_SMTP_URL": settings.smtp_url.get_secret_value(),
        "FUNDING_DATABASE_URL": settings.database_url,
    }


@pytest.mark.parametrize("variable", FOLDERS)
def test_secrets_are_read_from_files(folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, str(folder))
    assert secrets_of(load_settings()) == FILES


def test_files_may_be_called_in_lower_case(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FILES:
        (folder / name).rename(folder / name.lower())
    monkeypatch.setenv("FUNDING_SECRETS", str(folder))
    assert secrets_of(load_settings()) == FILES


def test_the_environment_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_SECRETS", str(folder))
    monkeypatch.setenv("FUNDING_DATABASE_URL", "sqlite:///other.db")
    assert load_settings().database_url == "sqlite:///other.db"


@pytest.mark.usefixtures("folder")
def test_without_a_folder_there_are_no_files() -> None:
    assert secrets_folder({}) is None
    assert secrets_of(load_settings()) == dict.fromkeys(FILES, "")


@pytest.mark.parametrize("variable", FOLDERS)
def test_a_folder_that_is_not_there_is_said(folder: Path, variable: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{variable}: .* is no folder$"):
        secrets_folder({variable: str(folder / "away")})


def test_a_file_that_is_no_text_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_SECRETS", str(folder))
    (folder / "FUNDING_SECRET").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"^a setting cannot be read: .*\"secret\""):
        load_settings()


def test_a_file_too_short_is_told_by_its_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_SECRETS", str(folder))
    (folder / "FUNDING_SECRET").write_text("short-secret", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"^FUNDING_SECRET: .*32 characters") as caught:
        load_settings()
    assert "short-secret" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__cause__}"


def test_files_that_others_can_read_are_found(folder: Path) -> None:
    environment = {"FUNDING_SECRETS": str(folder)}
    assert secrets_read_by_others(environment) == []
    open_to_all = folder / "FUNDING_SMTP_URL"
    open_to_all.chmod(0o644)
    (folder / "another").write_text("is no secret of this program", encoding="utf-8")
    assert secrets_read_by_others(environment) == [open_to_all]
    folder.chmod(0o700)
    assert secrets_read_by_others(environment) == []
    assert secrets_read_by_others({}) == []


def test_settings_show_no_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_SECRETS", str(folder))
    settings = load_settings()
    for shown in (repr(settings), str(settings), f"{settings.secret} {settings.smtp_url}"):
        assert SECRET not in shown
        assert PASSWORD not in shown


def test_who_reads_what_strangers_wrote_gets_no_secret(folder: Path) -> None:
    environment = FILES | {"FUNDING_HOME": "var", "FUNDING_SECRETS": str(folder), "PATH": "/bin"}
    assert without_secrets(environment) == {"FUNDING_HOME": "var", "PATH": "/bin"}
