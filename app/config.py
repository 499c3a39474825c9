"""Every setting of the product, read from the environment once. No other file reads the environment."""

from __future__ import annotations

import base64
import binascii
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

K = TypeVar("K")

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SIGNING_KEY_BYTES = 64
ENCRYPTION_KEY_BYTES = 32
DEFAULT_BOT_URL = "http://127.0.0.1:8001"
ENCRYPTION_PURPOSES = ("discord", "endpoints", "accounts")


class Process(StrEnum):
    """Which process is starting; it decides which settings are required and which are refused."""

    WEB = "web"
    WORKER = "worker"
    BEAT = "beat"
    BOT = "bot"
    LIVE = "live"
    UP = "up"
    CLI = "cli"


class SettingsError(Exception):
    """The environment is unusable; `problems` has one sentence for each variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The settings are not usable:\n" + "\n".join(f"  - {line}" for line in problems))
        self.problems = problems


@dataclass(frozen=True)
class SigningKey:
    """One key of `SECRET_KEYS`: at least 64 bytes; `kid` names it in what it signed."""

    kid: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class EncryptionKey:
    """One key of `ENCRYPTION_KEYS`: 32 bytes; `purpose` is None where it serves every purpose."""

    kid: str
    purpose: str | None
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class BucketSettings:
    """`BLOB_STORE_URL`: a bucket that speaks S3's protocol, and who may write there."""

    bucket: str
    prefix: str
    """Begins every object's name; empty, or ends with a slash."""
    endpoint: str | None
    """None is Amazon's own."""
    region: str
    encryption: str | None
    """What the bucket is asked to encrypt with, for example `AES256`."""
    key_id: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Timings:
    """Every wait, lease, back-off and sweep, in seconds, already divided by `TIME_SCALE`. Socket timeouts are not here."""

    scale: float = 1.0

    def _scaled(self, seconds: float) -> float:
        return seconds / self.scale

    @property
    def sweep(self) -> float:
        """Each queue of claimable rows is looked through this often."""
        return self._scaled(5)

    @property
    def lease(self) -> float:
        """A claimed row belongs to its claimer this long unless it renews."""
        return self._scaled(60)

    @property
    def file_lease(self) -> float:
        """The same for a file that is being fetched: several at once, each as slow as it may be."""
        return self._scaled(300)

    @property
    def file_grace(self) -> float:
        """Bytes that nobody names are left alone this long: whoever stored them may be about to."""
        return self._scaled(3600)

    @property
    def watermark(self) -> float:
        """How far the bot has come is noted this often."""
        return self._scaled(2)

    @property
    def gap_sweep(self) -> float:
        """The archive's gaps are looked for this often; whoever fills one looks again at once."""
        return self._scaled(2)

    @property
    def cross_check(self) -> float:
        """Each community's archive is held against Discord's own counts this often."""
        return self._scaled(86_400)

    @property
    def health_cache(self) -> float:
        """Callers remember the bot's health this long."""
        return self._scaled(10)

    @property
    def breaker_open(self) -> float:
        """The circuit to the bot stays open this long before one call tries again."""
        return self._scaled(10)

    @property
    def shortening_delay(self) -> float:
        """A shorter retention takes effect after this long, so that it can be taken back."""
        return self._scaled(86_400)

    @property
    def retention_round(self) -> float:
        """Each community's archive is looked through for what has been kept long enough this often."""
        return self._scaled(3_600)

    @property
    def withheld_again(self) -> float:
        """What an erasure had to leave is looked at again this often."""
        return self._scaled(86_400)

    def retry(self, attempt: int) -> float:
        """Wait before attempt number `attempt` (counted from 1) of a claimable row."""
        return self._scaled(min(300.0, 5.0 * 2 ** max(0, attempt - 1)))


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked. Secrets are left out of `repr`."""

    process: Process
    public_url: str
    secret_keys: tuple[SigningKey, ...] = field(repr=False)
    encryption_keys: tuple[EncryptionKey, ...] = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    data_dir: Path
    bucket: BucketSettings | None
    bot_api_url: str
    bot_api_secrets: tuple[str, ...] = field(repr=False)
    web_internal_url: str
    live_url: str
    trusted_proxies: int
    discord_token: str | None = field(repr=False)
    discord_client_id: str
    discord_client_secret: str = field(repr=False)
    discord_api_url: str
    discord_authorize_url: str
    discord_cdn_hosts: tuple[str, ...]
    bot_shards: str
    sentry_dsn: str | None = field(repr=False)
    outbound_allow: frozenset[str]
    log_format: str
    port: int
    development: bool
    timings: Timings

    @classmethod
    def from_env(cls, environ: Mapping[str, str], process: Process) -> Settings:
        """Read and check everything `process` needs.

        Raises `SettingsError` with every missing or bad variable at once.
        """
        return _Reading(environ, process).settings()

    @classmethod
    def from_environment(cls, process: Process) -> Settings:
        """`from_env` of this process' own environment."""
        return cls.from_env(os.environ, process)

    @classmethod
    def or_exit(cls, process: Process) -> Settings:
        """`from_environment`, where a process begins: settings that do not fit end it with 2 and the whole list on stderr."""
        try:
            return cls.from_environment(process)
        except SettingsError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(2)

    @property
    def is_loopback(self) -> bool:
        """True where the panel is reached over the machine itself only."""
        return urlsplit(self.public_url).hostname in LOOPBACK_HOSTS

    @property
    def origin(self) -> str:
        """scheme://host[:port] of `PUBLIC_URL`, as a browser's Origin header spells it."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"


class _Reading:
    """Collects problems while the variables are read."""

    def __init__(self, environ: Mapping[str, str], process: Process) -> None:
        self.environ = environ
        self.process = process
        self.problems: list[str] = []

    def settings(self) -> Settings:
        one_process = self.process is Process.UP
        serves_browser = self.process in (Process.WEB, Process.UP)
        port = self.number("PORT", 8000, 0, 65535)
        public_url = self.url(
            "PUBLIC_URL", required=self.process not in (Process.BEAT, Process.CLI), default=f"http://127.0.0.1:{port}"
        )
        settings = Settings(
            process=self.process,
            public_url=public_url.rstrip("/"),
            secret_keys=self.signing_keys(required=serves_browser),
            encryption_keys=self.encryption_keys(
                required=self.process not in (Process.BEAT, Process.LIVE, Process.CLI)
            ),
            database_url=self.text("DATABASE_URL")
            or f"sqlite:///{(Path(self.text('DATA_DIR') or 'var') / 'panel.sqlite3').resolve()}",
            redis_url=self.text("REDIS_URL"),
            data_dir=Path(self.text("DATA_DIR") or "var").resolve(),
            bucket=self.bucket(),
            bot_api_url=self.url("BOT_API_URL", default=DEFAULT_BOT_URL).rstrip("/"),
            bot_api_secrets=self.secrets("BOT_API_SECRETS", required=self.process not in (Process.BEAT, Process.CLI)),
            web_internal_url=self.url("WEB_INTERNAL_URL", default=public_url).rstrip("/"),
            live_url=self.url("LIVE_URL", default=DEFAULT_BOT_URL).rstrip("/"),
            trusted_proxies=self.number("TRUSTED_PROXIES", 0, 0, 9),
            discord_token=self.discord_token(),
            discord_client_id=self.required_if(serves_browser, "DISCORD_CLIENT_ID"),
            discord_client_secret=self.required_if(serves_browser, "DISCORD_CLIENT_SECRET"),
            discord_api_url=self.url("DISCORD_API_URL", default="https://discord.com/api/v10").rstrip("/"),
            discord_authorize_url=self.url("DISCORD_AUTHORIZE_URL", default="https://discord.com/oauth2/authorize"),
            discord_cdn_hosts=self.words("DISCORD_CDN_HOSTS", "cdn.discordapp.com,media.discordapp.net"),
            bot_shards=self.text("BOT_SHARDS") or "all",
            sentry_dsn=self.text("SENTRY_DSN"),
            outbound_allow=frozenset(self.words("OUTBOUND_ALLOW", "")),
            log_format=self.choice("LOG_FORMAT", ("text", "json")),
            port=port,
            development=self.number("DEVELOPMENT", 0, 0, 1) == 1,
            timings=Timings(self.decimal("TIME_SCALE", 1.0)),
        )
        self.refuse_contradictions(settings, one_process)
        if self.problems:
            raise SettingsError(self.problems)
        return settings

    def refuse_contradictions(self, settings: Settings, one_process: bool) -> None:
        parts = urlsplit(settings.public_url)
        if parts.scheme == "http" and not settings.is_loopback:
            self.problems.append(
                "PUBLIC_URL: http is accepted for 127.0.0.1 only; sessions need https everywhere else."
            )
        if settings.outbound_allow and not settings.is_loopback:
            self.problems.append(
                "OUTBOUND_ALLOW: is for the demo and the tests; remove it, or use a loopback PUBLIC_URL."
            )
        if settings.redis_url is None and self.process in (Process.WORKER, Process.BEAT, Process.LIVE):
            self.problems.append("REDIS_URL: separate processes need it; without Redis run `flask up` instead.")
        if one_process and settings.redis_url is not None:
            self.problems.append(
                "REDIS_URL: `flask up` runs everything in one process without Redis; unset it or start the processes apart."
            )
        if settings.development and not settings.is_loopback:
            self.problems.append("DEVELOPMENT: is accepted with a loopback PUBLIC_URL only.")

    def text(self, name: str) -> str | None:
        value = self.environ.get(name, "").strip()
        return value or None

    def required_if(self, needed: bool, name: str) -> str:
        value = self.text(name)
        if value is None and needed:
            self.problems.append(f"{name}: is missing.")
        return value or ""

    def url(self, name: str, *, required: bool = False, default: str = "") -> str:
        value = self.text(name)
        if value is None:
            if required:
                self.problems.append(f"{name}: is missing (for example https://panel.example.org).")
            return default
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.problems.append(f"{name}: must be an http or https address.")
            return default
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.problems.append(f"{name}: must be a whole number from {low} to {high}.")
            return default
        return int(value)

    def decimal(self, name: str, default: float) -> float:
        value = self.text(name)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = 0.0
        if not 1 <= number <= 1000:
            self.problems.append(f"{name}: must be a number from 1 to 1000.")
            return default
        return number

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name) or allowed[0]
        if value not in allowed:
            self.problems.append(f"{name}: must be one of {', '.join(allowed)}.")
        return value

    def words(self, name: str, default: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in (self.text(name) or default).split(",") if word.strip())

    def secrets(self, name: str, *, required: bool) -> tuple[str, ...]:
        values = self.words(name, "")
        if required and not values:
            self.problems.append(f"{name}: is missing; make one with `openssl rand -hex 32`.")
        if any(len(value) < 32 for value in values):
            self.problems.append(
                f"{name}: each secret must have at least 32 characters; make one with `openssl rand -hex 32`."
            )
        return values

    def bucket(self) -> BucketSettings | None:
        """`s3://bucket/prefix?endpoint=https://…&region=…&encryption=AES256`; None is a folder in `DATA_DIR`."""
        value = self.text("BLOB_STORE_URL")
        if value is None:
            return None
        parts = urlsplit(value)
        asked = dict(parse_qsl(parts.query))
        endpoint = asked.pop("endpoint", None)
        is_address = endpoint is None or urlsplit(endpoint).scheme in ("http", "https")
        region, encryption = asked.pop("region", "us-east-1"), asked.pop("encryption", None)
        if parts.scheme != "s3" or not parts.hostname or not is_address or asked:
            self.problems.append(
                "BLOB_STORE_URL: must be s3://bucket/prefix?endpoint=https://…&region=…&encryption=…, all after the bucket as needed."
            )
        key_id, secret = self.text("BLOB_STORE_KEY_ID"), self.text("BLOB_STORE_SECRET")
        if not key_id or not secret:
            self.problems.append("BLOB_STORE_KEY_ID, BLOB_STORE_SECRET: are missing; BLOB_STORE_URL needs them.")
        prefix = parts.path.strip("/")
        return BucketSettings(
            bucket=parts.hostname or "",
            prefix=f"{prefix}/" if prefix else "",
            endpoint=endpoint,
            region=region,
            encryption=encryption,
            key_id=key_id or "",
            secret=secret or "",
        )

    def discord_token(self) -> str | None:
        token = self.text("DISCORD_TOKEN")
        if self.process in (Process.BOT, Process.UP):
            if token is None:
                self.problems.append("DISCORD_TOKEN: is missing; the bot needs it.")
        elif token is not None and self.process is not Process.CLI:
            self.problems.append(
                f"DISCORD_TOKEN: belongs to the bot alone; the {self.process} process refuses to start with it."
            )
        return token

    def signing_keys(self, *, required: bool) -> tuple[SigningKey, ...]:
        return self.keys("SECRET_KEYS", required, SIGNING_KEY_BYTES, lambda kid, secret: SigningKey(kid, secret))

    def encryption_keys(self, *, required: bool) -> tuple[EncryptionKey, ...]:
        def build(name: str, secret: bytes) -> EncryptionKey:
            purpose, dot, kid = name.rpartition(".")
            if dot and purpose not in ENCRYPTION_PURPOSES:
                self.problems.append(
                    f"ENCRYPTION_KEYS: {purpose!r} is no purpose; use one of {', '.join(ENCRYPTION_PURPOSES)}."
                )
            return EncryptionKey(kid, purpose or None, secret)

        return self.keys("ENCRYPTION_KEYS", required, ENCRYPTION_KEY_BYTES, build)

    def keys(self, name: str, required: bool, size: int, build: Callable[[str, bytes], K]) -> tuple[K, ...]:
        found: list[K] = []
        for word in self.words(name, ""):
            kid, colon, encoded = word.partition(":")
            try:
                secret = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                secret = b""
            exact = size == ENCRYPTION_KEY_BYTES
            if not colon or not kid or len(secret) < size or (exact and len(secret) != size):
                need = f"{size} bytes" if exact else f"at least {size} bytes"
                self.problems.append(f"{name}: each key is kid:base64 of {need}; {_how_to_make(size)}.")
                continue
            found.append(build(kid, secret))
        if required and not found and not any(line.startswith(name) for line in self.problems):
            self.problems.append(f"{name}: is missing; {_how_to_make(size)}.")
        return tuple(found)


def _how_to_make(size: int) -> str:
    """A shell's command for one key. `openssl` wraps what is longer than 48 bytes."""
    return f"make one with `echo k1:$(openssl rand -base64 {size} | tr -d '\\n')`"
