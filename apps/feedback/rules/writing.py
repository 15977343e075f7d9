"""What a giver types: which fields there are, what is missing, and how two saves meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.core.keys import key_in

# The value of a rating that is no point; the same word as reviews.states.Mark.
CANNOT_SAY = "not_enough_evidence"
LONGEST_TEXT = 64 * 1024
MINUTES_A_QUESTION, MINUTES_A_COMPETENCY = 3, 1


class UnreadableFeedback(ValueError):
    """A text that cannot be kept as it is. `name` is its field; `why`: unknown, too_long, nul,
    surrogate, not_a_choice."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


class Incomplete(Exception):
    """Not everything has an answer or a "cannot say". `fields` names what is left."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = list(fields)


class Conflict(Exception):
    """The same field was saved elsewhere. `revision` and `theirs` are how the draft stands."""

    def __init__(self, revision: int, theirs: Mapping[str, str]) -> None:
        super().__init__(f"revision {revision}")
        self.revision, self.theirs = revision, dict(theirs)


@dataclass(frozen=True)
class Part:
    """One question or one competency, answered. `cannot_say` stands in place of text and value."""

    question_id: int | None
    competency_id: int | None
    value: int | None
    text: str
    cannot_say: bool


def minutes_for(questions: int, competencies: int) -> int:
    """How long one takes, in minutes; a help to plan."""
    return questions * MINUTES_A_QUESTION + competencies * MINUTES_A_COMPETENCY


def cleaned(
    values: Mapping[str, str], *, fields: Collection[str], points: Collection[int]
) -> dict[str, str]:
    """The values as they are kept.

    Errors: UnreadableFeedback for a name that is not in `fields`, for a rating that is neither a
    point nor "cannot say", and for more than 64 KB. Lone surrogates and NUL cannot be stored on
    PostgreSQL and are refused before anything is saved.
    """
    kept = {}
    for name, value in values.items():
        if name not in fields:
            raise UnreadableFeedback(name, "unknown")
        text = value.replace("\r\n", "\n")
        try:
            size = len(text.encode())
        except UnicodeEncodeError as lone_surrogate:
            raise UnreadableFeedback(name, "surrogate") from lone_surrogate
        if "\x00" in text:
            raise UnreadableFeedback(name, "nul")
        if size > LONGEST_TEXT:
            raise UnreadableFeedback(name, "too_long")
        choices = {CANNOT_SAY, *map(str, points)} if name.startswith("rating_") else {"on"}
        if text and name.startswith(("rating_", "cannot_")) and text not in choices:
            raise UnreadableFeedback(name, "not_a_choice")
        kept[name] = text
    return kept


def parts_of(
    values: Mapping[str, str], *, question_ids: Iterable[int], competency_ids: Iterable[int]
) -> list[Part]:
    """The answer as parts, questions first. A comment beside "cannot say" is kept as typed."""
    parts = []
    for pk in question_ids:
        text = values.get(f"question_{pk}", "").strip()
        parts.append(Part(pk, None, None, text, not text))
    for pk in competency_ids:
        rating, text = values.get(f"rating_{pk}", ""), values.get(f"comment_{pk}", "").strip()
        value = key_in(rating)
        parts.append(Part(None, pk, value, text, value is None))
    return parts


def missing_parts(
    values: Mapping[str, str], *, question_ids: Iterable[int], competency_ids: Iterable[int]
) -> list[str]:
    """Names of the fields that have neither an answer nor a "cannot say"."""
    return [
        *(
            f"question_{pk}"
            for pk in question_ids
            if not values.get(f"question_{pk}", "").strip() and not values.get(f"cannot_{pk}")
        ),
        *(f"rating_{pk}" for pk in competency_ids if not values.get(f"rating_{pk}")),
    ]
