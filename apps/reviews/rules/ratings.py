"""What ratings say together: the profile beside the overall rating, and the replay of their history.

No mean anywhere: points of a scale are ranks, and a mean of them looks like a measurement. What is
missing ("not enough evidence", "not applicable", nothing yet) is counted apart and never as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

COMPETENCY, GOAL, OVERALL = "competency", "goal", "overall"
QUESTION, STATEMENT = "question", "statement"
Subject = tuple[str, int]
THE_WHOLE: Subject = (OVERALL, 0)

# The overall rating departs from the profile from this many steps on.
DEPARTURE = 1
# From so many steps since the last cycle, the form asks whether it is meant.
JUMP = 2
# Fewer ratings than this may well all be the same.
ENOUGH_TO_VARY = 5


@dataclass(frozen=True)
class Rating:
    """One answer: a point, or a mark in place of it, or neither (taken back)."""

    value: int | None
    mark: str = ""

    @property
    def is_given(self) -> bool:
        return self.value is not None or bool(self.mark)


NOT_RATED = Rating(None)


@dataclass(frozen=True)
class Profile:
    """How often each point was given; `median` is the rounded one, None without any point."""

    counts: tuple[tuple[int, int], ...]
    not_enough_evidence: int
    not_applicable: int
    median: int | None

    @property
    def rated(self) -> int:
        return sum(count for _, count in self.counts)


def profile(
    ratings: Mapping[int, Rating], points: Sequence[int], weights: Mapping[int, int] | None = None
) -> Profile:
    """The distribution of one review's ratings of competencies.

    Arguments: `ratings` by competency; `points` the values of the scale; `weights` how much a
    competency counts in the median, by its id, 1 where none is given. Result: counts in the order
    of `points` (each rating once, whatever it weighs), the two marks apart, and the median.
    """
    values = [r.value for r in ratings.values() if r.value is not None]
    weigh = weights or {}
    return Profile(
        tuple((point, values.count(point)) for point in points),
        sum(r.mark == "not_enough_evidence" for r in ratings.values()),
        sum(r.mark == "not_applicable" for r in ratings.values()),
        weighted_median(
            (r.value, weigh.get(pk, 1)) for pk, r in ratings.items() if r.value is not None
        ),
    )


def rounded_median(values: Iterable[int]) -> int | None:
    """The middle value; between two middle values the lower half rounds up (3 and 4 make 4).

    None without values.
    """
    return weighted_median((value, 1) for value in values)


def weighted_median(weighted: Iterable[tuple[int, int]]) -> int | None:
    """The lowest point at or below which more than half of the weight lies.

    Arguments: (point, weight), weights as whole numbers, 0 for what is left out. Result: where
    exactly half lies at or below a point, the middle between it and the next one with any weight,
    rounded up; so with equal weights it is the rounded median. None without weight. Integers
    throughout, so that 2.5 is not at the mercy of a rounding mode.
    """
    ordered = sorted((point, weight) for point, weight in weighted if weight > 0)
    total, below = sum(weight for _, weight in ordered), 0
    for number, (point, weight) in enumerate(ordered):
        below += weight
        if 2 * below == total:
            return (point + ordered[number + 1][0] + 1) // 2
        if 2 * below > total:
            return point
    return None


def departs(overall: int | None, median: int | None) -> bool:
    """The overall rating is at least one step away from the profile's median, so a sentence is due."""
    return overall is not None and median is not None and abs(overall - median) >= DEPARTURE


def jumps(now: int | None, before: int | None) -> bool:
    """Two steps or more since the last cycle."""
    return now is not None and before is not None and abs(now - before) >= JUMP


def all_the_same(ratings: Iterable[Rating]) -> bool:
    """Enough competencies have a point, and every point is the same one."""
    values = [r.value for r in ratings if r.value is not None]
    return len(values) >= ENOUGH_TO_VARY and len(set(values)) == 1


def changed(
    given: Mapping[Subject, Rating], standing: Mapping[Subject, Rating]
) -> dict[Subject, Rating]:
    """The ratings that differ from what stands; one that was given before and is gone now is taken back."""
    subjects = [*given, *(s for s in standing if s not in given)]
    pairs = ((s, given.get(s, NOT_RATED), standing.get(s, NOT_RATED)) for s in subjects)
    return {subject: now for subject, now, before in pairs if now != before}


def replay(events: Iterable[tuple[Subject, int, Rating]]) -> dict[Subject, Rating]:
    """The final ratings after all events.

    Arguments: `events` as (subject, sequence, rating) in any order; sequences count within a
    subject. Result: the rating with the highest sequence of each subject; what was taken back
    does not appear.
    """
    newest: dict[Subject, tuple[int, Rating]] = {}
    for subject, sequence, rating in events:
        if subject not in newest or sequence > newest[subject][0]:
            newest[subject] = (sequence, rating)
    return {s: rating for s, (_, rating) in newest.items() if rating.is_given}
