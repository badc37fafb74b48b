"""Every setting: its type, its bounds, its default, and one line on why it is there."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dsr_sync.core.plan import MAX_SUBJECTS
from dsr_sync.core.policy import PROTECTED, SHORTEST_KEY, EmailRule
from dsr_sync.settings.columns import STRICT, Columns
from dsr_sync.settings.follow_ups import FollowUps
from dsr_sync.settings.regulation_types import RegulationTypes
from dsr_sync.settings.says import (
    A_NAME,
    A_TOKEN,
    AN_ENDPOINT,
    BaseId,
    Endpoint,
    Key,
    LedgerUrl,
    Name,
    NotNegative,
    Positive,
    Says,
    SpaceId,
    Token,
    Word,
)

AIRTABLE_URL = "https://api.airtable.com"
SEGMENT_URLS = {"us": "https://api.segmentapis.com", "eu": "https://eu1.api.segmentapis.com"}
"""Segment's Public API by region (Public API docs, getting started)."""
PROFILES_URLS = {"us": "https://profiles.segment.com", "eu": "https://profiles.euw1.segment.com"}
"""Segment's Profile API by region (segment-docs, unify/profile-api)."""

_SECONDS = "a number of seconds, 0 or more"


class Airtable(BaseModel):
    """The base that holds the requests."""

    model_config = STRICT

    token: Annotated[Token, Says("personal access token with the scopes that docs/runbook.md lists", A_TOKEN)]
    base_id: Annotated[BaseId, Says("the base, from its address in the browser", "app and 14 letters or digits")]
    endpoint_url: Annotated[Endpoint, Says("where Airtable's Web API is", AN_ENDPOINT)] = AIRTABLE_URL
    requests_table: Annotated[Name, Says("the table of requests, a name or a tbl… id", "a name, or a tbl… id")] = (
        "Requests"
    )
    receipts_table: Annotated[Name, Says("the table of receipts, a name or a tbl… id", "a name, or a tbl… id")] = (
        "Receipts"
    )
    requests_per_second: Annotated[
        float,
        Field(gt=0, le=5),
        Says("calls per second; Airtable allows 5 per base, to all programs together", "above 0 and at most 5"),
    ] = 4.5
    lockout_seconds: Annotated[
        NotNegative, Says("seconds of silence after a 429; Airtable refuses everything for 30", _SECONDS)
    ] = 30
    fields: Annotated[Columns, Says("the columns", A_NAME)] = Columns()


class Profiles(BaseModel):
    """Segment's Profile API, which finds the user ids behind an e-mail. All unset: e-mails are not looked up."""

    model_config = STRICT

    space_id: Annotated[
        SpaceId | None, Says("the Profile space to look in", "the id of a space, from Unify > Settings > API access")
    ] = None
    token: Annotated[Token | None, Says("access token of that space", A_TOKEN)] = None
    endpoint_url: Annotated[Endpoint | None, Says("where the Profile API is; unset: from the region", AN_ENDPOINT)] = (
        None
    )


class Segment(BaseModel):
    """The Segment workspace that the regulations are issued in."""

    model_config = STRICT

    token: Annotated[Token, Says("Public API token of the workspace", A_TOKEN)]
    region: Annotated[Literal["us", "eu"], Says("where the workspace is kept", "us or eu")] = "us"
    endpoint_url: Annotated[
        Endpoint | None, Says("where Segment's Public API is; unset: from the region", AN_ENDPOINT)
    ] = None
    requests_per_minute: Annotated[
        float,
        Field(gt=0, le=600),
        Says("calls per minute; Segment allows 600 creations", "above 0 and at most 600"),
    ] = 540
    requests_per_regulation: Annotated[
        int,
        Field(ge=1, le=MAX_SUBJECTS),
        Says(
            "requests that share one regulation; 1 gives each its own receipts, more is for backlogs",
            f"a whole number from 1 to {MAX_SUBJECTS}",
        ),
    ] = 1
    settle_seconds: Annotated[
        NotNegative,
        Says(
            "seconds that a submission of unknown outcome is looked for before it is sent again; waiting is free",
            _SECONDS,
        ),
    ] = 900
    profiles: Annotated[Profiles, Says("the Profile API", "a table")] = Profiles()
    regulation_types: Annotated[RegulationTypes, Says("the types", "a table")] = RegulationTypes()


class Identifiers(BaseModel):
    """What may be sent as a person's user id."""

    model_config = STRICT

    email: Annotated[
        EmailRule | None,
        Says(
            "e-mails: lookup (needs a Profile space), refuse, or as_user_id where e-mails are your user ids; "
            "unset: lookup with a Profile space, else refuse",
            "lookup (with a Profile space), refuse or as_user_id",
        ),
    ] = None
    protected: Annotated[
        tuple[Word, ...],
        Says(
            "words that are never submitted, because broken code sends them for many people; replaces the default",
            'a list of words, in the environment as JSON, such as ["null", "test"]',
        ),
    ] = PROTECTED


class Safety(BaseModel):
    """What guards against mistakes that cannot be taken back."""

    model_config = STRICT

    max_submissions_per_hour: Annotated[
        int,
        Field(ge=0),
        Says("requests sent in any hour at most; the others wait; 0 sends nothing", "a whole number, 0 or more"),
    ] = 100
    cooling_off_minutes: Annotated[
        NotNegative,
        Says("minutes between seeing Authenticated and sending, to take it back", "a number of minutes, 0 or more"),
    ] = 5
    deadline_margin_days: Annotated[
        int,
        Field(ge=0, le=365),
        Says(
            "days that Submit by leaves besides Segment's own 30 before the answer is due",
            "a whole number of days from 0 to 365",
        ),
    ] = 3


class Schedule(BaseModel):
    """How often the daemon looks."""

    model_config = STRICT

    poll_seconds: Annotated[Positive, Says("seconds from tick to tick", "a number of seconds above 0")] = 60
    follow_seconds: Annotated[
        float,
        Field(ge=0, le=21_600),
        Says(
            "shortest time in seconds between two looks at one regulation; older ones wait longer; 0 = every tick",
            "a number of seconds from 0 to 21600",
        ),
    ] = 300


class Ledger(BaseModel):
    """The daemon's own memory: what was intended, sent and answered."""

    model_config = STRICT

    url: Annotated[
        LedgerUrl,
        Says(
            "the database: SQLite for one process, PostgreSQL for several replicas; a secret if it holds a password",
            "sqlite:///PATH (sqlite:////ABSOLUTE/PATH) and no more, or postgresql://USER@HOST/NAME",
        ),
    ] = SecretStr("sqlite:///var/dsr-sync.db")
    key: Annotated[
        Key | None,
        Says(
            "key of the hashes of persons, 32 random characters or more, never changed; "
            "unset: SQLite makes a key file beside the database",
            f"{SHORTEST_KEY} characters or more; set with PostgreSQL, the same for every replica",
        ),
    ] = None
    lease_seconds: Annotated[
        float,
        Field(ge=2),
        Says(
            "PostgreSQL: seconds after which a replica that fell silent is replaced; renewed three times as often",
            "a number of seconds, 2 or more",
        ),
    ] = 15

    @property
    def is_postgresql(self) -> bool:
        """Whether several replicas may share this ledger."""
        return self.url.get_secret_value().startswith("postgresql")


class Http(BaseModel):
    """Where `run` answers /healthz, /readyz and /metrics."""

    model_config = STRICT

    host: Annotated[
        Name, Says("address to listen on; 0.0.0.0 only where something else keeps strangers out", "an address")
    ] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535), Says("port to listen on; 0 = any free one", "a port number from 0 to 65535")
    ] = 8080


class Log(BaseModel):
    """What is logged to standard error."""

    model_config = STRICT

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Says("the least important that is still logged", "debug, info, warning or error"),
    ] = "info"
    format: Annotated[
        Literal["json", "console"] | None,
        Says("how lines look; unset: console on a terminal, json otherwise", "json or console"),
    ] = None


class Settings(BaseSettings):
    """All settings of one process. Made by `load_settings` alone, which is the only reader of the environment."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    airtable: Airtable
    segment: Segment
    identifiers: Identifiers = Identifiers()
    safety: Safety = Safety()
    follow_ups: FollowUps = FollowUps()
    schedule: Schedule = Schedule()
    ledger: Ledger = Ledger()
    http: Http = Http()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what `load_settings` hands in.

        The library's own sources read the process's environment behind the caller's back, pass over variables that
        they do not know, and quote values in their errors.
        """
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @property
    def segment_url(self) -> str:
        """Where Segment's Public API is: as set, else by the region."""
        return self.segment.endpoint_url or SEGMENT_URLS[self.segment.region]

    @property
    def profiles_url(self) -> str:
        """Where Segment's Profile API is: as set, else by the region."""
        return self.segment.profiles.endpoint_url or PROFILES_URLS[self.segment.region]

    @property
    def email_rule(self) -> EmailRule:
        """What to do with e-mails: as set, else looked up where there is a Profile space, else refused."""
        if self.identifiers.email is not None:
            return self.identifiers.email
        return EmailRule.REFUSE if self.segment.profiles.space_id is None else EmailRule.LOOKUP
