"""The six safeguards, how each is taken away (one of them in two ways), and the tests that must notice."""

from dataclasses import dataclass
from pathlib import Path

_SAFEGUARDS = "tests/torture/mutations/test_safeguards.py"
_LEASE = "tests/contract/ledger/test_lease.py"
_DEAD_MAN = "tests/torture/replicas/test_dead_man.py"
_REPLICAS = "tests/torture/replicas/test_replicas.py"
_LIMITS = "tests/torture/faults/test_limits.py"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the source: in `file` below src/dsr_sync, `old` (which is there exactly once) becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A product without one of its safeguards. `tests` are what pytest is asked to run; at least one has to fail."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]

    def apply(self, source: Path) -> None:
        """Change the copy of the source in this folder. Raises ValueError if a text is not there exactly once."""
        for edit in self.edits:
            path = source / "dsr_sync" / edit.file
            text = path.read_text("utf-8")
            if text.count(edit.old) != 1:
                raise ValueError(f"{self.name}: {edit.file} does not hold this text exactly once: {edit.old!r}")
            path.write_text(text.replace(edit.old, edit.new), "utf-8")


NO_SETTLE = Mutant(
    "no settle time",
    (
        Edit(
            "core/retry.py",
            "    if now - intended_at < policy.settle:\n        return Settlement(Found.TOO_EARLY)\n",
            "",
        ),
        Edit(
            "core/retry.py",
            "    if now - absent_at < policy.settle / 3:\n        return Settlement(Found.TOO_EARLY)\n",
            "",
        ),
        Edit("core/retry.py", "        return intended_at + policy.settle\n", "        return intended_at\n"),
        Edit("core/retry.py", "    return absent_at + policy.settle / 3\n", "    return absent_at\n"),
    ),
    (f"{_SAFEGUARDS}::test_settling_an_effect_that_comes_within_the_settle_time_is_found_and_not_sent_again",),
)

NO_COLD_START = Mutant(
    "no listing at the cold start",
    (
        Edit(
            "engine/listing.py",
            "        if self.read_at is None:\n            self.read(world, now)\n",
            "        del world, now\n",
        ),
    ),
    (f"{_SAFEGUARDS}::test_cold_start_what_a_lost_ledger_and_an_untold_row_do_not_know_is_found_in_segments_list",),
)

NO_INTENT = Mutant(
    "no intent before the POST",
    (
        Edit(
            "engine/submit.py",
            "    submission_id = _intend(sending, intent)\n    if submission_id is None:\n        return\n",
            "",
        ),
        Edit(
            "engine/submit.py",
            "        regulation_id = world.deletions.submit(intent.regulation_type, list(_subjects(intent)))\n",
            "        regulation_id = world.deletions.submit(intent.regulation_type, list(_subjects(intent)))\n"
            "        submission_id = world.ledger.intend(intent)\n",
        ),
    ),
    (f"{_SAFEGUARDS}::test_intent_a_process_that_dies_around_the_answer_leaves_word_that_it_sent",),
)

NO_EPOCH = Mutant(
    "no check of the epoch",
    (
        Edit(
            "adapters/ledger/lease.py",
            "        if self._epoch is None or connection.execute(mine.with_for_update(read=True)).first() is None:\n",
            "        connection.execute(mine)\n        if self._epoch is None:\n",
        ),
    ),
    (f"{_LEASE}::test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_can_write_nothing",),
)

NO_DEAD_MAN = Mutant(
    "no dead man's timer",
    (Edit("adapters/dead_man.py", "            signal.setitimer(signal.ITIMER_REAL, left)\n", "            pass\n"),),
    (
        f"{_DEAD_MAN}::test_a_stopped_process_ends_before_its_next_instruction",
        f"{_DEAD_MAN}::test_the_end_of_an_inner_call_leaves_the_submission_around_it_armed",
    ),
)

NO_GUARD = Mutant(
    "a dead man's timer that nobody arms",
    (
        Edit(
            "bootstrap/pipeline.py",
            "world_of(settings, ledger, clock, teller or Teller(log), dead_man.armed)",
            "world_of(settings, ledger, clock, teller or Teller(log))",
        ),
    ),
    (f"{_REPLICAS}::test_a_leader_paused_between_intent_and_post_dies_and_another_replica_sends_what_it_held_once",),
)

NO_PAUSE = Mutant(
    "no pause after a 429",
    (
        Edit(
            "adapters/wire/pace.py",
            "        self._until = max(self._until, self._clock.monotonic() + seconds)\n",
            "        del seconds\n",
        ),
        Edit(
            "engine/pauses.py",
            "            self.world.ledger.set_mark(_asked(service), until)\n",
            "            del until\n",
        ),
    ),
    (
        f"{_SAFEGUARDS}::test_pause_a_service_that_asked_to_be_left_alone_is_left_alone",
        f"{_LIMITS}::test_after_a_429_airtable_is_left_alone_for_its_lock_out_or_longer_if_it_asks",
    ),
)

SAFEGUARDS = {
    "settle time": (NO_SETTLE,),
    "listing at the cold start": (NO_COLD_START,),
    "intent before the POST": (NO_INTENT,),
    "check of the epoch": (NO_EPOCH,),
    "dead man's timer": (NO_DEAD_MAN, NO_GUARD),
    "pause after a 429": (NO_PAUSE,),
}
"""Each safeguard, and the ways in which it is taken away; every one of them has to be noticed."""

MUTANTS = tuple(mutant for mutants in SAFEGUARDS.values() for mutant in mutants)
QUICK = (NO_SETTLE, NO_COLD_START, NO_INTENT)
"""The ones whose tests need neither a database server nor real time: they are proved at every change."""
