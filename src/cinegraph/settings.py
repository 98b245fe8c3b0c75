"""
All settings in one place, and the only reader of the environment.

Precedence: defaults ← `cinegraph.toml` (of the working directory, else of `CINEGRAPH_HOME`) ← environment ← flags of
the command. Below this rank settings are passed down as the frozen classes of their packages.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from cinegraph.db.settings import DatabaseSettings
from cinegraph.errors import ConfigError
from cinegraph.jobs import queues
from cinegraph.monitoring import targets
from cinegraph.sources.providers.award_events.settings import AwardEventsSettings
from cinegraph.sources.providers.imdb.settings import ImdbSettings
from cinegraph.sources.providers.omdb.settings import OmdbSettings
from cinegraph.sources.providers.oscars_org.settings import OscarsOrgSettings
from cinegraph.sources.providers.oscars_table.settings import OscarsTableSettings
from cinegraph.sources.providers.tmdb.exports import TmdbExportsSettings
from cinegraph.sources.providers.tmdb.settings import TmdbSettings

CONFIG_FILE = "cinegraph.toml"
_SHORTEST_TOKEN = 16
"""Characters; tried ten times a second, four letters already take a day."""

BY_PROFILE: Mapping[str, Mapping[str, int]] = {
    # The queue of imports as its table has it.
    "max_concurrent_imports": {
        "dev": queues.limits("dev")["imports"],
        "prod": queues.limits("prod")["imports"],
    },
    # OMDb's free key and its smallest paid one.
    "omdb_daily_limit": {"dev": 1000, "prod": 100_000},
    # Small enough to see batches pass, large enough to be rid of two million ids in minutes.
    "import_batch_size": {"dev": 20, "prod": 1000},
    # A week is enough to develop on; sites want yesterday's.
    "update_interval_days": {"dev": 7, "prod": 1},
}
"""What the profile decides where a setting is unset."""


class Origin(StrEnum):
    """Where a value comes from, weakest first."""

    DEFAULT = "default"
    PROFILE = "profile"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"


def default_home() -> Path:
    """Return the platform's place for data."""
    return platformdirs.user_data_path("cinegraph", appauthor=False)


class Settings(BaseSettings):
    """Everything that can be set; the names in capitals are those of the environment."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    database_url: Annotated[SecretStr | None, Field(alias="DATABASE_URL")] = None
    """The PostgreSQL (16 or newer) to use; unset is a server of our own under `CINEGRAPH_HOME`."""
    home: Annotated[Path, Field(alias="CINEGRAPH_HOME", default_factory=default_home)]
    """Where our own server and its data live; the platform's data directory."""
    profile: Annotated[Literal["dev", "prod"], Field(alias="CINEGRAPH_PROFILE")] = "dev"
    """How much a node does at once: `dev` is gentle to a laptop, `prod` uses the whole budget."""
    max_concurrent_imports: Annotated[
        int | None, Field(alias="CINEGRAPH_MAX_CONCURRENT_IMPORTS", ge=1, le=500)
    ] = None
    """Films in flight on a node; unset is the profile's 2 or 10 (at 0.2 s a request, 39/s need 8)."""
    tmdb_api_key: Annotated[SecretStr | None, Field(alias="TMDB_API_KEY")] = None
    """TMDB's v4 read token, sent as a header; a v3 key works too but can only go into the query."""
    tmdb_base_url: Annotated[str, Field(alias="TMDB_BASE_URL")] = (
        "https://api.themoviedb.org/3"
    )
    """Where TMDB's API starts; `cinegraph sandbox` prints the address of an imitation."""
    tmdb_requests_per_second: Annotated[
        float, Field(alias="TMDB_REQUESTS_PER_SECOND", ge=0, le=1000)
    ] = 39.0
    """Requests a second of the whole deployment: under 80 % of TMDB's 50; 0 switches the budget off."""
    tmdb_exports_url: Annotated[str, Field(alias="TMDB_EXPORTS_URL")] = (
        "https://files.tmdb.org/p/exports"
    )
    """Where TMDB's daily list of all films lies; it takes no key."""
    omdb_api_key: Annotated[SecretStr | None, Field(alias="OMDB_API_KEY")] = None
    """OMDb's key; unset switches OMDb off. Its content is CC BY-NC: no index and no business may be built on it."""
    omdb_base_url: Annotated[str, Field(alias="OMDB_BASE_URL")] = (
        "https://www.omdbapi.com"
    )
    """Where OMDb answers; another address than OMDb's own, such as the sandbox's, needs no key."""
    omdb_daily_limit: Annotated[
        int | None, Field(alias="OMDB_DAILY_LIMIT", ge=1, le=10_000_000)
    ] = None
    """Requests a day that the key may make, 79 % of them in the background; unset is the profile's 1000 or 100000."""
    omdb_requests_per_second: Annotated[
        float, Field(alias="OMDB_REQUESTS_PER_SECOND", ge=0, le=1000)
    ] = 10.0
    """Of the whole deployment: OMDb slows down after 30 to 50 quick requests; 0 switches this budget off."""
    imdb_ratings: Annotated[bool, Field(alias="CINEGRAPH_IMDB_RATINGS")] = False
    """Fetch IMDb's daily file of all ratings; for personal and non-commercial use alone."""
    imdb_datasets_url: Annotated[str, Field(alias="IMDB_DATASETS_URL")] = (
        "https://datasets.imdbws.com"
    )
    """Where IMDb's daily files lie."""
    oscars_url: Annotated[str, Field(alias="CINEGRAPH_OSCARS_URL")] = (
        "https://raw.githubusercontent.com/DLu/oscar_data/main/oscars.csv"
    )
    """Nominations table of the Academy Awards: an address, or a file on this machine."""
    award_events_url: Annotated[str, Field(alias="CINEGRAPH_AWARD_EVENTS_URL")] = (
        "https://raw.githubusercontent.com/Kometa-Team/IMDb-Awards/master/events"
    )
    """Where the files of other festivals' awards lie, `<event>.yml`: an address, or a folder on this machine."""
    oscars_org: Annotated[bool, Field(alias="CINEGRAPH_OSCARS_ORG")] = False
    """Whether pages of ceremonies may be asked for at oscars.org, one a ceremony and at most one in ten seconds."""
    oscars_org_url: Annotated[str, Field(alias="CINEGRAPH_OSCARS_ORG_URL")] = (
        "https://www.oscars.org/oscars/ceremonies"
    )
    """Where these pages lie, `/<year>`."""
    import_batch_size: Annotated[
        int | None, Field(alias="CINEGRAPH_IMPORT_BATCH_SIZE", ge=1, le=10_000)
    ] = None
    """Ids that one job of `import catalog --ids` plans; unset is the profile's 20 or 1000."""
    update_interval_days: Annotated[
        int | None, Field(alias="CINEGRAPH_UPDATE_INTERVAL_DAYS", ge=1, le=180)
    ] = None
    """Days after which popular films are looked at again, recent ones at the soonest; unset is the profile's 7 or 1."""
    ratings_interval_days: Annotated[
        int, Field(alias="CINEGRAPH_RATINGS_INTERVAL_DAYS", ge=1, le=150)
    ] = 30
    """What looks at all other films may cost: one each in so many days, spent where votes move."""
    change_log_days: Annotated[
        int, Field(alias="CINEGRAPH_CHANGE_LOG_DAYS", ge=1, le=180)
    ] = 90
    """Days for which changes are kept for consumers: a quarter to come back in; TMDB's terms allow 180."""
    include_adult: Annotated[bool, Field(alias="CINEGRAPH_INCLUDE_ADULT")] = False
    """Whether the whole catalogue includes adult films, which TMDB lists in a file of their own."""
    language: Annotated[str | None, Field(alias="CINEGRAPH_LANGUAGE")] = None
    """Of titles and overviews, such as `de-DE`; unset is TMDB's `en-US`."""
    region: Annotated[str | None, Field(alias="CINEGRAPH_REGION")] = None
    """Country of cinema lists, such as `DE`; unset is all."""
    web_host: Annotated[str, Field(alias="CINEGRAPH_WEB_HOST")] = "127.0.0.1"
    """Address the dashboard listens on; beyond this machine it wants tokens or a proxy that signs people in."""
    web_port: Annotated[int, Field(alias="CINEGRAPH_WEB_PORT", ge=0, le=65535)] = 8000
    """Port of the dashboard and its API; 0 takes a free one."""
    web_names: Annotated[str, Field(alias="CINEGRAPH_WEB_NAMES")] = ""
    """Names, separated by commas, under which people reach the dashboard, beside the address it listens on."""
    viewer_token: Annotated[SecretStr | None, Field(alias="CINEGRAPH_VIEWER_TOKEN")] = (
        None
    )
    """Who shows it may look at everything; at least 16 characters."""
    operator_token: Annotated[
        SecretStr | None, Field(alias="CINEGRAPH_OPERATOR_TOKEN")
    ] = None
    """Who shows it may also start, pause, retry and cancel; at least 16 characters."""
    web_user_header: Annotated[str | None, Field(alias="CINEGRAPH_WEB_USER_HEADER")] = (
        None
    )
    """Header in which a proxy says who has signed in, such as `X-Forwarded-User`; unset: no proxy is believed."""
    web_proxies: Annotated[str, Field(alias="CINEGRAPH_WEB_PROXIES")] = "127.0.0.1,::1"
    """Addresses or networks, separated by commas, whose user header is believed."""
    web_operators: Annotated[str, Field(alias="CINEGRAPH_WEB_OPERATORS")] = ""
    """Users of the header, separated by commas, who are operators; all others are viewers."""
    posters: Annotated[bool, Field(alias="CINEGRAPH_POSTERS")] = False
    """Whether pages show TMDB's posters, which the reader's browser then fetches from TMDB."""
    images_url: Annotated[str, Field(alias="TMDB_IMAGES_URL")] = (
        "https://image.tmdb.org/t/p"
    )
    """Where TMDB's images lie."""
    hook_secret: Annotated[SecretStr | None, Field(alias="CINEGRAPH_HOOK_SECRET")] = (
        None
    )
    """What callers of `/hooks/movies` sign with; unset: nobody may call it; at least 16 characters."""
    alert_urls: Annotated[SecretStr | None, Field(alias="CINEGRAPH_ALERT_URLS")] = None
    """Where alerts are told, as Apprise's addresses with spaces between: `ntfy://topic`, `mailto://…`, `slack://…`."""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(alias="CINEGRAPH_LOG_LEVEL")
    ] = "info"
    """What workers write to stderr."""

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("viewer_token", "operator_token", "hook_secret", mode="after")
    @classmethod
    def _hard_to_guess(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None or not token.get_secret_value().strip():
            return None
        if len(token.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(
                f"at least {_SHORTEST_TOKEN} characters, so that it cannot be guessed"
            )
        return token

    @field_validator("alert_urls", mode="after")
    @classmethod
    def _addresses(cls, urls: SecretStr | None) -> SecretStr | None:
        if urls is None or not urls.get_secret_value().strip():
            return None
        targets.parse(urls.get_secret_value())
        return urls

    @field_validator("tmdb_api_key", "omdb_api_key", mode="after")
    @classmethod
    def _blank_is_unset(cls, key: SecretStr | None) -> SecretStr | None:
        return key if key and key.get_secret_value().strip() else None

    @property
    def database(self) -> DatabaseSettings:
        """Which database."""
        return DatabaseSettings(url=self.database_url, home=self.home)

    @property
    def tmdb(self) -> TmdbSettings:
        """How to reach TMDB."""
        return TmdbSettings(
            base_url=self.tmdb_base_url,
            api_key=self.tmdb_api_key,
            language=self.language,
            region=self.region,
            requests_per_second=self.tmdb_requests_per_second,
        )

    @property
    def tmdb_exports(self) -> TmdbExportsSettings:
        """How to reach TMDB's daily exports."""
        return TmdbExportsSettings(base_url=self.tmdb_exports_url)

    @property
    def omdb(self) -> OmdbSettings | None:
        """How to reach OMDb; None: it is switched off."""
        settings = OmdbSettings(
            base_url=self.omdb_base_url,
            api_key=self.omdb_api_key,
            daily_limit=self.number("omdb_daily_limit"),
            requests_per_second=self.omdb_requests_per_second,
        )
        try:
            _ = settings.credentials
        except ConfigError:
            return None
        return settings

    @property
    def imdb(self) -> ImdbSettings | None:
        """How to reach IMDb's daily files; None: they are switched off."""
        if not self.imdb_ratings:
            return None
        return ImdbSettings(base_url=self.imdb_datasets_url)

    @property
    def oscars_table(self) -> OscarsTableSettings | Path:
        """Where the nominations table of the Academy Awards is."""
        place = _file_of(self.oscars_url)
        return place or OscarsTableSettings(base_url=self.oscars_url)

    @property
    def award_events(self) -> AwardEventsSettings | Path:
        """Where the files of awards' events are."""
        place = _file_of(self.award_events_url)
        return place or AwardEventsSettings(base_url=self.award_events_url)

    @property
    def oscars_pages(self) -> OscarsOrgSettings | None:
        """How to reach oscars.org; None: it is switched off."""
        if not self.oscars_org:
            return None
        return OscarsOrgSettings(base_url=self.oscars_org_url)

    @property
    def alert_targets(self) -> tuple[targets.Target, ...]:
        """Where alerts are told; empty: nowhere."""
        return (
            targets.parse(self.alert_urls.get_secret_value()) if self.alert_urls else ()
        )

    @property
    def queues(self) -> dict[str, int]:
        """Jobs at once on a node, by queue."""
        return {
            **queues.limits(self.profile),
            "imports": self.number("max_concurrent_imports"),
        }

    def number(self, field: str) -> int:
        """Return the number of *field* that counts: the setting's, or the profile's where it is unset."""
        given = getattr(self, field)
        return BY_PROFILE[field][self.profile] if given is None else int(given)

    def in_force(self, field: str) -> object:
        """Return the value that counts: the setting's, or the profile's where that decides."""
        return self.number(field) if field in BY_PROFILE else getattr(self, field)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what `load` passes: it reads file and environment itself, to know where each value is from."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def load(flags: Mapping[str, Any] | None = None) -> tuple[Settings, dict[str, Origin]]:
    """
    Read all settings.

    Args:
        flags: Of the command, by field name; `None` values are not set.

    Returns:
        The settings, and for each field where its value comes from.

    Raises:
        ConfigError: A value or a file is wrong; says which, where it was set and what it may be. Never shows a secret.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    environment = _from_environment()
    home = given.get("home", environment.get("home"))
    path = _file(Path(home).expanduser() if home else default_home())
    from_file = {} if path is None else _read_file(path)
    layers = (
        (Origin.FILE, from_file),
        (Origin.ENVIRONMENT, environment),
        (Origin.FLAG, given),
    )
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, Origin.DEFAULT)
    for origin, layer in layers:
        values.update(layer)
        origins.update(dict.fromkeys(layer, origin))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise _explained(error, origins, path) from None
    for prefix, provider in _PROVIDERS.items():
        try:
            provider(settings)
        except ValidationError as error:
            raise _explained(error, origins, path, prefix=prefix) from None
    for field in BY_PROFILE:
        if getattr(settings, field) is None:
            origins[field] = Origin.PROFILE
    return settings, origins


_PROVIDERS: Mapping[str, Callable[[Settings], object]] = {
    "tmdb": lambda settings: settings.tmdb,
    "tmdb_exports": lambda settings: settings.tmdb_exports,
    "omdb": lambda settings: settings.omdb,
    "imdb_datasets": lambda settings: ImdbSettings(base_url=settings.imdb_datasets_url),
    "oscars": lambda settings: settings.oscars_table,
    "award_events": lambda settings: settings.award_events,
    "oscars_org": lambda settings: OscarsOrgSettings(base_url=settings.oscars_org_url),
}
"""The providers' own settings, which check their values; by what their fields are called here."""


def _file_of(address: str) -> Path | None:
    """Return the place on this machine that an address is; None: it is at a server."""
    text = address.strip()
    if "://" in text and not text.startswith("file://"):
        return None
    return Path(text.removeprefix("file://")).expanduser().absolute()


def environment_name(field: str) -> str:
    """Return the name of a setting in the environment."""
    return Settings.model_fields[field].alias or field.upper()


def _from_environment() -> dict[str, Any]:
    by_alias = EnvSettingsSource(Settings, case_sensitive=True)()
    names = {environment_name(field): field for field in Settings.model_fields}
    return {names[name]: value for name, value in by_alias.items() if name in names}


def unknown_variables() -> list[str]:
    """Return a remark for each variable of the environment that looks like a setting and is none."""
    known = [environment_name(field) for field in Settings.model_fields]
    remarks = []
    for name in sorted(os.environ):
        if not name.startswith("CINEGRAPH_") or name.startswith("CINEGRAPH_TEST_"):
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            remarks.append(f"{name} is set and is no setting{meant}")
    return remarks


def _file(home: Path) -> Path | None:
    paths = (Path.cwd() / CONFIG_FILE, home / CONFIG_FILE)
    return next((path for path in paths if path.exists()), None)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}", hint="Mend the file or take it away."
        ) from None
    if unknown := sorted(set(values) - set(Settings.model_fields)):
        raise ConfigError(
            f"{path} sets what does not exist: {', '.join(unknown)}",
            hint="`cinegraph config show` lists every setting.",
        )
    return values


def _explained(
    error: ValidationError,
    origins: Mapping[str, Origin],
    path: Path | None,
    *,
    prefix: str = "tmdb",
) -> ConfigError:
    fields = {environment_name(field): field for field in Settings.model_fields}
    told = []
    setters = set()
    for wrong in error.errors(include_input=False, include_url=False):
        place = str(wrong["loc"][0]) if wrong["loc"] else ""
        # The provider's own settings name their fields without the provider.
        field = fields.get(place, place if place in origins else f"{prefix}_{place}")
        if field not in origins:
            # Two providers call their address differently here.
            field = field.replace("_base_url", "_url")
        origin = origins.get(field, Origin.DEFAULT)
        name = environment_name(field) if field in Settings.model_fields else place
        if origin is Origin.FILE:
            name = f"{path}: {field}"
        setters.add(str(origin))
        told.append(f"{name} is wrong: {wrong['msg'].removeprefix('Value error, ')}")
    return ConfigError(
        "; ".join(told),
        hint=f"Set by: {', '.join(sorted(setters))}. `cinegraph config show` lists every setting and what it means.",
    )


def process_environment(settings: Settings) -> dict[str, str]:
    """Return the environment for a child process that works with *settings*; secrets go this way, never by argv."""
    environment = dict(os.environ)
    for field in Settings.model_fields:
        value = getattr(settings, field)
        name = environment_name(field)
        if value is None:
            environment.pop(name, None)
        else:
            text = (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
            environment[name] = text
    return environment


def forget_environment() -> None:
    """Take everything of ours and of libpq out of this process's environment, for a demonstration of its own."""
    for name in list(os.environ):
        if name.startswith(("CINEGRAPH_", "TMDB_", "OMDB_", "PG")):
            del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
