"""What is wrong with the settings, as data. No value of any setting is ever in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the setting's dotted name, its environment variable, and what it should be."""

    setting: str
    env: str
    should_be: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.env} ({self.setting}): {self.should_be}"


@dataclass(eq=False)
class SettingsError(Exception):
    """The settings cannot be used. `problems` are in the order of the catalogue, at least one."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        """One line per problem."""
        return "\n".join(str(problem) for problem in self.problems)
