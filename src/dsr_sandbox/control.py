"""The control plane under `/_sandbox/`: everything a test or a person may do to the emulated world, as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dsr_sandbox.clock import rfc3339
from dsr_sandbox.exchange import parsed
from dsr_sandbox.faults import SERVICES

if TYPE_CHECKING:
    from dsr_sandbox.server import Sandbox

PREFIX = "/_sandbox"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the control plane; `body` is None without one."""

    body: Any
    query: dict[str, str]
    path: dict[str, Any]


Handler = Callable[["Sandbox", Call], object]


def make_app(sandbox: "Sandbox") -> Starlette:
    """The control plane of `sandbox`; wrong calls are answered with 400 and `{"error": why}`."""
    return Starlette(
        routes=[
            Route(PREFIX + path, partial(_answer, sandbox, handler), methods=[method])
            for (method, path), handler in HANDLERS.items()
        ]
    )


async def _answer(sandbox: "Sandbox", handler: Handler, request: Request) -> Response:
    raw = await request.body()
    await sandbox.ghosts.land()
    try:
        call = Call(parsed(raw) if raw else None, dict(request.query_params), request.path_params)
        content = handler(sandbox, call)
        await sandbox.ghosts.land()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
    return JSONResponse({"ok": True} if content is None else content)


def _state(sandbox: "Sandbox", _: Call) -> dict[str, Any]:
    return {
        "base_id": sandbox.base_id,
        "settings": sandbox.settings(),
        "clock": _clock(sandbox, _),
        "airtable": sandbox.airtable.snapshot(),
        "segment": sandbox.segment.snapshot(),
        "faults": [fault.to_json() for fault in sandbox.faults.waiting()],
    }


def _reset(sandbox: "Sandbox", call: Call) -> None:
    sandbox.reset((call.body or {}).get("layout", "ready"))


def _journal(sandbox: "Sandbox", call: Call) -> list[dict[str, Any]]:
    entries = sandbox.journal.entries(call.query.get("service"), int(call.query.get("since", "0")))
    return [entry.to_json() for entry in entries]


def _clear_journal(sandbox: "Sandbox", _: Call) -> None:
    sandbox.journal.clear()


def _clock(sandbox: "Sandbox", _: Call) -> dict[str, Any]:
    return {"now": rfc3339(sandbox.clock.now()), "frozen": sandbox.clock.frozen}


def _move_clock(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    if "freeze" in call.body:
        sandbox.clock.freeze() if call.body["freeze"] else sandbox.clock.unfreeze()
    sandbox.clock.advance(call.body.get("advance", 0))
    return _clock(sandbox, call)


def _destinations(sandbox: "Sandbox", _: Call) -> list[dict[str, Any]]:
    return [destination.to_json() for destination in sandbox.segment.workspace.destinations]


def _put_destinations(sandbox: "Sandbox", call: Call) -> list[dict[str, Any]]:
    sandbox.segment.workspace.put_destinations(call.body)
    return _destinations(sandbox, call)


def _pace(sandbox: "Sandbox", _: Call) -> dict[str, Any]:
    return asdict(sandbox.segment.workspace.pace)


def _put_pace(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    sandbox.segment.put_pace(**(_pace(sandbox, call) | call.body))
    return _pace(sandbox, call)


def _regulations(sandbox: "Sandbox", _: Call) -> list[dict[str, Any]]:
    return [sandbox.segment.describe(kept) for kept in sandbox.segment.workspace.regulations()]


def _add_regulation(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    return sandbox.segment.describe(sandbox.segment.add_regulation(call.body))


def _force_regulation(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    return sandbox.segment.describe(sandbox.segment.workspace.force(call.path["id"], call.body))


def _limits(sandbox: "Sandbox", _: Call) -> dict[str, Any]:
    return {"airtable": asdict(sandbox.airtable.limits), "segment": sandbox.segment.describe_limits()}


def _put_limits(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    limits: dict[str, Any] = {"airtable": sandbox.airtable.limits, "segment": sandbox.segment.limits}
    for service, changes in call.body.items():
        known = {field.name for field in fields(limits[service])}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"{service} has no limit {name!r}; there are {sorted(known)}.")
            setattr(limits[service], name, value)
    return _limits(sandbox, call)


def _quota(sandbox: "Sandbox", _: Call) -> dict[str, Any]:
    return sandbox.segment.quota.to_json(sandbox.clock.now())


def _put_quota(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    sandbox.segment.quota.put(call.body, sandbox.clock.now())
    return _quota(sandbox, call)


def _tokens(sandbox: "Sandbox", _: Call) -> dict[str, Any]:
    return {
        "airtable": {token: sorted(scopes) for token, scopes in sandbox.airtable.tokens.items()},
        "segment": {token: sorted(permissions) for token, permissions in sandbox.segment.tokens.items()},
        "profiles": sorted(sandbox.segment.profiles.tokens),
    }


def _put_tokens(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    unknown = call.body.keys() - set(SERVICES)
    if unknown:
        raise ValueError(f"Unknown services: {sorted(unknown)}")
    for service, tokens in ("airtable", sandbox.airtable.tokens), ("segment", sandbox.segment.tokens):
        if service in call.body:
            wanted = {token: set(rights) for token, rights in call.body[service].items()}
            tokens.clear()
            tokens.update(wanted)
    if "profiles" in call.body:
        sandbox.segment.profiles.tokens = set(call.body["profiles"])
    return _tokens(sandbox, call)


def _profiles(sandbox: "Sandbox", _: Call) -> list[dict[str, Any]]:
    return [profile.to_json() for profile in sandbox.segment.profiles.profiles]


def _put_profiles(sandbox: "Sandbox", call: Call) -> list[dict[str, Any]]:
    sandbox.segment.profiles.put(call.body)
    return _profiles(sandbox, call)


def _redesign(sandbox: "Sandbox", call: Call) -> None:
    sandbox.airtable.redesign(call.body.get("base_id", sandbox.base_id), call.body["change"])


def _expire_offsets(sandbox: "Sandbox", _: Call) -> None:
    sandbox.airtable.expire_offsets()


def _faults(sandbox: "Sandbox", _: Call) -> list[dict[str, Any]]:
    return [fault.to_json() for fault in sandbox.faults.waiting()]


def _add_fault(sandbox: "Sandbox", call: Call) -> dict[str, Any]:
    return sandbox.faults.add(**call.body).to_json()


def _clear_faults(sandbox: "Sandbox", _: Call) -> None:
    sandbox.faults.clear()


def _remove_fault(sandbox: "Sandbox", call: Call) -> None:
    sandbox.faults.remove(int(call.path["id"]))


HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/state"): _state,
    ("POST", "/reset"): _reset,
    ("GET", "/journal"): _journal,
    ("DELETE", "/journal"): _clear_journal,
    ("GET", "/clock"): _clock,
    ("POST", "/clock"): _move_clock,
    ("GET", "/destinations"): _destinations,
    ("PUT", "/destinations"): _put_destinations,
    ("GET", "/pace"): _pace,
    ("PUT", "/pace"): _put_pace,
    ("GET", "/regulations"): _regulations,
    ("POST", "/regulations"): _add_regulation,
    ("PUT", "/regulations/{id}"): _force_regulation,
    ("GET", "/limits"): _limits,
    ("PUT", "/limits"): _put_limits,
    ("GET", "/quota"): _quota,
    ("PUT", "/quota"): _put_quota,
    ("GET", "/tokens"): _tokens,
    ("PUT", "/tokens"): _put_tokens,
    ("GET", "/profiles"): _profiles,
    ("PUT", "/profiles"): _put_profiles,
    ("POST", "/redesign"): _redesign,
    ("POST", "/expire-offsets"): _expire_offsets,
    ("GET", "/faults"): _faults,
    ("POST", "/faults"): _add_fault,
    ("DELETE", "/faults"): _clear_faults,
    ("DELETE", "/faults/{id}"): _remove_fault,
}
