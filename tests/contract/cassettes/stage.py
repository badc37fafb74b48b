"""The stage of one cassette: what is there before, and the adapter whose calls are recorded or replayed."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import vcr
from tests.contract.cassettes.scrubbing import Scrubber
from tests.contract.cassettes.sources import URLS, Source
from tests.fakes.clock import FakeClock
from tests.fakes.real_clock import RealClock

from dsr_sync.adapters.airtable import (
    AirtableBaseDesign,
    AirtableOptions,
    AirtableRequestTable,
    Names,
)
from dsr_sync.adapters.segment import ProfileDirectory, ProfileOptions, SegmentDeletionService, SegmentOptions
from dsr_sync.core.model import RegulationId
from dsr_sync.ports import Clock

REGULATION = RegulationId("Cassette0000000000000000001")
PERSON = "cassette-person"
ADDRESS = "cassette-person@example.com"
_SECONDS = 30
_PAUSE = 0.3


@dataclass(frozen=True)
class Stage:
    """`recording`: the calls are made and kept in `file`. Otherwise they are answered from it, and nothing is sent."""

    service: str
    file: Path
    source: Source
    recording: bool
    added: list[str] = field(default_factory=list)
    quotas: dict[str, int] = field(default_factory=dict)
    """What was last heard to be left of each quota."""

    def add_rows(self, *rows: dict[str, Any], table: str = "Requests") -> None:
        """Rows that staff added before; outside the cassette."""
        if self.recording:
            body = {"records": [{"fields": row} for row in rows]}
            answer = self._beside("POST", f"/v0/{self.source.base_id}/{table}", body)
            self.added.extend(f"/v0/{self.source.base_id}/{table}/{record['id']}" for record in answer["records"])

    def clear(self) -> None:
        """Take away the rows that were added; outside the cassette."""
        for path in self.added:
            self._beside("DELETE", path)

    def add_regulation(self) -> RegulationId:
        """A regulation that was created before; outside the cassette."""
        if not self.recording:
            return REGULATION
        body = {"regulationType": "SUPPRESS_ONLY", "subjectType": "USER_ID", "subjectIds": [PERSON]}
        answer = self._beside("POST", "/regulations", body)
        return RegulationId(answer["data"]["regulateId"])

    @contextmanager
    def table(self) -> Iterator[AirtableRequestTable]:
        """The requests table, with the cassette running."""
        with closing(AirtableRequestTable(self._airtable(Names()), self._clock())) as table, self._cassette():
            yield table

    @contextmanager
    def design(self, names: Names) -> Iterator[AirtableBaseDesign]:
        """The base's design, with the cassette running."""
        with closing(AirtableBaseDesign(self._airtable(names), self._clock())) as design, self._cassette():
            yield design

    @contextmanager
    def deletions(self) -> Iterator[SegmentDeletionService]:
        """Segment's regulations, with the cassette running."""
        options = SegmentOptions(self.source.token, self.source.url, on_quota=self.quotas.__setitem__)
        with closing(SegmentDeletionService(options, self._clock())) as service, self._cassette():
            yield service

    def add_profile(self) -> None:
        """A person with an address and two user ids; a live space must know them before."""
        if self.source.sandbox is not None:
            ids = [("email", ADDRESS), ("user_id", PERSON), ("user_id", f"{PERSON}-2")]
            person = {"external_ids": [{"type": kind, "id": value} for kind, value in ids]}
            self.source.sandbox.segment.profiles.put([person])

    @contextmanager
    def profiles(self) -> Iterator[ProfileDirectory]:
        """The profiles of a space, with the cassette running."""
        options = ProfileOptions(self.source.space_id, self.source.url, self.source.token)
        with closing(ProfileDirectory(options, self._clock())) as directory, self._cassette():
            yield directory

    def _clock(self) -> Clock:
        is_live = self.recording and self.source.sandbox is None
        return RealClock() if is_live else FakeClock()

    def _airtable(self, names: Names) -> AirtableOptions:
        return AirtableOptions(self.source.token, self.source.base_id, self.source.url, names)

    @contextmanager
    def _cassette(self) -> Iterator[None]:
        scrubber = Scrubber(str(urlsplit(URLS[self.service]).hostname))
        recorder = vcr.VCR(
            serializer="labelled",
            record_mode="all" if self.recording else "none",
            match_on=("method", "uri", "body"),
            before_record_request=scrubber.request,
            before_record_response=scrubber.response,
            decode_compressed_response=True,
        )
        recorder.register_serializer("labelled", Labelled(self.source.name))
        if self.recording:
            self.file.unlink(missing_ok=True)
        with recorder.use_cassette(str(self.file)) as cassette:
            yield
        assert self.recording or cassette.all_played, "the adapter makes fewer calls than were recorded"

    def _beside(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        if self.source.sandbox is None:
            RealClock().wait(_PAUSE)
        headers = {"Authorization": f"Bearer {self.source.token}"}
        answer = requests.request(method, self.source.url + path, json=body, headers=headers, timeout=_SECONDS)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@dataclass(frozen=True)
class Labelled:
    """vcrpy's format as JSON, with a line on top that says what the cassette was recorded from."""

    recorded_from: str

    def serialize(self, cassette: dict[str, Any]) -> str:
        """To text, in an order that does not change."""
        return json.dumps({"recorded_from": self.recorded_from, **cassette}, indent=1, ensure_ascii=False) + "\n"

    def deserialize(self, text: str) -> dict[str, Any]:
        """From text."""
        found: dict[str, Any] = json.loads(text)
        return found
