"""`dsr-sync demo`: the whole story in one terminal, over HTTP, with the code that `run` runs."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dsr_sync.cli import advice
from dsr_sync.cli.story import (
    BY_HAND,
    EXTENDED_DAYS,
    FAILING_SUBJECT,
    FOLLOWED_UP_SUBJECT,
    INSTRUCTIONS,
    KNOWN_EMAIL,
    KNOWN_USER_IDS,
    REFUSED_BY_SEGMENT,
    SLOW_SUBJECT,
    STORY,
    UNSUPPORTED_SUBJECT,
    Scene,
)

if TYPE_CHECKING:
    from rich.console import Console

    from dsr_sandbox import Sandbox
    from dsr_sandbox.staff import Staff
    from dsr_sync.cli.stage import Line, Stage
    from dsr_sync.daemon.stop import Stop

_SECONDS = 55.0
"""The demo ends by itself within this time, settled or not."""

_A_LITTLE_LATER = 1.1
"""Seconds. Airtable tells the age of rows to the second, and the older of two rows for one person comes first."""

_HASTE = {
    "DSR_SYNC_SCHEDULE__POLL_SECONDS": "1",
    "DSR_SYNC_SCHEDULE__FOLLOW_SECONDS": "0",
    "DSR_SYNC_SAFETY__COOLING_OFF_MINUTES": "0.05",
    "DSR_SYNC_SEGMENT__SETTLE_SECONDS": "4",
    "DSR_SYNC_FOLLOW_UPS__MANUAL": json.dumps([{"name": BY_HAND, "owner": "Sales", "instructions": INSTRUCTIONS}]),
    "DSR_SYNC_HTTP__PORT": "0",
    "DSR_SYNC_LOG__LEVEL": "error",
}
"""What takes minutes and days in life takes seconds here; and one system outside Segment is told by hand."""


@dataclass(slots=True)
class Role:
    """A scene on stage: the row that it became, and whether staff have done their second part."""

    scene: Scene
    record_id: str
    acted: bool = False


def command(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end, until Ctrl-C.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Plain lines instead of a changing table.")] = False,
) -> None:
    """Show the whole story: an emulated Airtable and Segment, the daemon, and twenty telling rows."""
    with advice.given():
        from rich.console import Console

        from dsr_sandbox import Sandbox
        from dsr_sync import bootstrap
        from dsr_sync.daemon.stop import Stop

        console, stop = Console(), Stop()
        with Sandbox() as box, tempfile.TemporaryDirectory() as folder, stop.on_signals():
            _prepare(box)
            ledger = {"DSR_SYNC_LEDGER__URL": f"sqlite:///{Path(folder) / 'demo.db'}"}
            settings = bootstrap.settings_from(None, box.settings() | _HASTE | ledger)
            bootstrap.configure_logs(settings)
            with bootstrap.daemon(settings).in_background():
                good = _play(box, stop, _stage(console, box, headless))
                if keep and not stop.event.is_set():
                    console.print(f"Still running: {box.airtable_url}/ (Ctrl-C ends it)", highlight=False)
                    stop.event.wait()
    raise typer.Exit(advice.ExitCode.FINE if good else advice.ExitCode.LOOK_AT_IT)


def _prepare(box: "Sandbox") -> None:
    """Besides the sandbox's two destinations three that serve only whom they tell of; a person with two user ids.

    Amplitude fails, Mixpanel cannot delete, Vero is slow. The answer to the first creation is lost.
    """
    from dsr_sandbox.segment.model import Behaviour, Destination, Pace

    workspace = box.segment.workspace
    source = next(iter(workspace.sources))
    workspace.pace = Pace(running_after=2.0, finished_after=5.0)
    workspace.destinations += [
        Destination(
            "Amplitude", "demoDestination0000001", source, Behaviour.FAIL, "the secret key is missing",
            only_for=(FAILING_SUBJECT,),
        ),
        Destination(
            "Mixpanel", "demoDestination0000002", source, Behaviour.UNSUPPORTED,
            only_for=(UNSUPPORTED_SUBJECT, FOLLOWED_UP_SUBJECT),
        ),
        Destination("Vero", "demoDestination0000003", source, seconds=15.0, only_for=(SLOW_SUBJECT,)),
    ]  # fmt: skip
    ids = [("email", KNOWN_EMAIL.lower()), *(("user_id", user_id) for user_id in KNOWN_USER_IDS)]
    box.segment.profiles.put([{"external_ids": [{"type": kind, "id": value} for kind, value in ids]}])
    box.faults.add("segment", "cut", method="POST", after_effect=True)


def _stage(console: "Console", box: "Sandbox", headless: bool) -> "Stage":
    from dsr_sync.cli.stage import LiveTable, PlainLines

    title = f"The base, live: {box.airtable_url}/"
    return PlainLines(console, title) if headless or not console.is_terminal else LiveTable(console, title)


def _play(box: "Sandbox", stop: "Stop", stage: "Stage") -> bool:
    """Let staff add the rows, watch them, act where the story says so; True if each ended as expected."""
    from dsr_sandbox.staff import Staff

    staff = Staff(box)
    roles = [Role(scene, staff.add(dict(scene.cells))) for scene in STORY if not scene.later]
    stop.event.wait(_A_LITTLE_LATER)
    roles += [Role(scene, staff.add(dict(scene.cells))) for scene in STORY if scene.later]
    began = box.clock.monotonic()
    with stage:
        lines = _lines(staff, roles)
        while not all(line.settled for line in lines) and box.clock.monotonic() - began < _SECONDS:
            if stop.event.wait(0.25):
                break
            _act(box, staff, roles)
            lines = _lines(staff, roles)
            stage.show(lines)
    _report(roles, lines)
    return all(line.settled for line in lines)


def _act(box: "Sandbox", staff: "Staff", roles: Sequence[Role]) -> None:
    """Do what Segment and staff do in the story once a row has come so far."""
    rows = staff.rows()
    for role in roles:
        cells = rows[role.record_id]
        if role.scene.after and not role.acted and cells.get("Status") == role.scene.after:
            role.acted = True
            if role.scene.then:
                staff.change(role.record_id, dict(role.scene.then) | _extension(box, role.scene))
            if role.scene.follow_up:
                _do_follow_ups(staff, role.record_id)
    _tell_by_hand(staff, {role.record_id for role in roles if role.scene.by_hand})
    _fail_once(box)


def _extension(box: "Sandbox", scene: Scene) -> dict[str, object]:
    if not scene.extends:
        return {}
    return {"Extended until": (box.clock.now() + timedelta(days=EXTENDED_DAYS)).date().isoformat()}


def _tell_by_hand(staff: "Staff", but: set[str]) -> None:
    """Somebody sees to the system outside Segment, for all requests but those that show what happens if nobody does."""
    for receipt_id, cells in staff.rows("Receipts").items():
        theirs = set(cells.get("Request", ())) - but
        if theirs and cells.get("Destination") == BY_HAND and cells.get("Follow-up") == "Needed":
            staff.change(receipt_id, {"Follow-up": "Done", "Follow-up note": "Deleted."}, "Receipts")


def _fail_once(box: "Sandbox") -> None:
    """Segment fails the first regulation of one person; the second, after Retry, goes through."""
    of_person = [kept for kept in box.segment.workspace.visible() if kept.order.subjects == (REFUSED_BY_SEGMENT,)]
    if len(of_person) == 1 and of_person[0].forced.overall_status is None:
        box.segment.workspace.force(of_person[0].id, {"overallStatus": "INVALID", "streamStatus": []})


def _do_follow_ups(staff: "Staff", record_id: str) -> None:
    for receipt_id, cells in staff.rows("Receipts").items():
        if cells.get("Request") == [record_id] and cells.get("Follow-up") == "Needed":
            staff.change(receipt_id, {"Follow-up": "Done", "Follow-up note": "The vendor confirmed."}, "Receipts")


def _lines(staff: "Staff", roles: Sequence[Role]) -> "list[Line]":
    from dsr_sync.cli.stage import Line

    rows = staff.rows()
    lines = []
    for role in roles:
        cells = rows[role.record_id]
        status = str(cells.get("Status", ""))
        line = Line(role.scene.tells, bool(cells.get("Submitted")), status, str(cells.get("Status note", "")), False)
        acted = (role.acted or not role.scene.after) and _dated(role.scene, cells) and _ticked_if_sent(cells)
        acted = acted and (not role.scene.later or _shares(cells, rows.values()))
        lines.append(replace(line, settled=acted and status == role.scene.expected))
    # The row that must stay untouched proves something only once all the others were worked on.
    others = all(line.settled for line, role in zip(lines, roles, strict=True) if role.scene.expected)
    return [
        line if role.scene.expected else replace(line, settled=line.settled and others)
        for line, role in zip(lines, roles, strict=True)
    ]


def _dated(scene: Scene, cells: Mapping[str, object]) -> bool:
    return not scene.extends or (bool(cells.get("Due by")) and cells.get("Due by") == cells.get("Extended until"))


def _shares(cells: Mapping[str, object], rows: Iterable[Mapping[str, object]]) -> bool:
    """Whether another row of the same person names the same regulation."""
    ours = (cells["User identifier"], cells.get("Regulation ID"))
    theirs = [(row.get("User identifier"), row.get("Regulation ID")) for row in rows]
    return bool(ours[1]) and theirs.count(ours) > 1


def _ticked_if_sent(cells: Mapping[str, object]) -> bool:
    return bool(cells.get("Submitted")) or not cells.get("Regulation ID")


def _report(roles: Sequence[Role], lines: "Sequence[Line]") -> None:
    typer.echo("")
    for role, line in zip(roles, lines, strict=True):
        expected, got = role.scene.expected or "untouched", line.status or "untouched"
        typer.echo(f"{'ok  ' if line.settled else 'NOT '} expected {expected:<16} got {got:<16} {role.scene.tells}")
