"""What somebody was shown of a company, read from the bytes of the answers and from nothing else."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import Phase, example, given, seed, settings

from apps.feedback.states import Mode
from tests.factories import NOON
from tests.feedback.companies import Company, Plan, company
from tests.feedback.looking import Eyes, Seen, different, in_a_world, paths_of, unpacked

# Where what was said is read; and every page on which something of it might be counted.
READ = r"feedback:received_feedback|feedback_api:received|calibration:item_feedback"
NEAR = r"feedback:(my|received|approve_peers|nominate|perspectives|readiness|balance)|reports:completion|reports:packet|packet$|packet_preview|cycle_board|calibration:|mail_log|inbox:home|rehears"
GIVERS = ("giver0", "giver1", "giver2")
VOICE = re.compile(r"voice(\d\d)([qc]\d)x")
# A competency's own place begins with its name as a heading, and ends where the next one begins.
SCORED = re.compile(
    r">\s*Skillmark(\d)\s*<(.*?)(?=>\s*Skillmark\d\s*<|Over all that|</section>|\Z)", re.DOTALL
)
MEAN, TOTAL = re.compile(r">\s*(\d\.\d)\s*<"), re.compile(r"Over all that are shown:\s*<b>(\d\.\d)")
SHARE = re.compile(r"<b>(\d+|fewer than 1) of 10</b> at (\d)(?: to (\d))?")


# --- looking ---


def several(few: int, many: int) -> Any:
    """So many examples with every run, and so many with the sweep."""
    return pytest.mark.parametrize(
        "examples", [few, pytest.param(many, marks=pytest.mark.sweep, id="many")], ids=["few", None]
    )


def over(
    examples: int, plans: Any, check: Callable[..., None], *always: Any, tries: int = 20
) -> None:
    """Holds for these companies, and for so many drawn; each in a transaction that is undone."""

    def undone(plan: Any) -> None:
        with time_machine.travel(NOON, tick=False), transaction.atomic():
            check(plan)
            transaction.set_rollback(True)

    # A company is small as it is drawn; to make it smaller would take minutes.
    phases = (Phase.explicit, Phase.generate)
    run = settings(max_examples=examples, phases=phases, database=None)(given(plans)(undone))
    for plan in always:
        run = example(plan)(run)
    seed(tries)(run)()


def eyes_of(made: Company, *seats: str) -> Eyes:
    """Browsers under the names of the seats; without a name, everybody's and three givers'."""
    people = made.seats | {f"giver{n}": made.givers[n] for n in range(3)}
    eyes = Eyes([])
    for seat in seats or people:
        (client,) = Eyes([people[seat]]).clients.values()
        eyes.clients[seat] = client
    return eyes


def near(made: Company) -> list[str]:
    """Where it is read, and a third of all pages on which something of it might be counted."""
    paths = paths_of(made.world, NEAR)[made.plan.third :: 3]
    return list(dict.fromkeys([*paths_of(made.world, READ), *paths]))


@lru_cache(maxsize=256)
def film(plan: Plan, names: str = READ) -> list[tuple[str, Seen]]:
    """What everybody sees while it is collected, when it is sealed and released, and after each deed."""
    with time_machine.travel(NOON, tick=False), transaction.atomic():
        made = company(plan)
        eyes, paths = eyes_of(made, *plan.lookers), paths_of(made.world, names)
        made.play()
        frames = [("collecting", eyes.see(paths))]
        made.seal()
        frames.append(("sealed", eyes.see(paths)))
        made.release()
        frames.append(("released", eyes.see(paths)))
        for deed in plan.deeds:
            made.do(deed)
            frames.append((deed, eyes.see(paths)))
        transaction.set_rollback(True)
    return frames


def own_place(plan: Plan, seat: str) -> set[int]:
    """Which sheet is this reader's own."""
    if seat.startswith("giver"):
        return {int(seat[5:])}
    return {len(plan.sheets) - 1} if seat == plan.rater else set()


def without_names(plan: Plan, seat: str) -> bool:
    """Whether this reader is one of those from whom names are kept."""
    if plan.mode == Mode.CONFIDENTIAL:
        return seat not in {"manager", "skip", *GIVERS}
    return plan.mode == Mode.ANONYMOUS


def same_for(
    made: Company,
    *worlds: Any,
    names: str = READ,
    seats: tuple[str, ...] = (),
    more: Iterable[str] = (),
) -> tuple[list[Any], list[Seen]]:
    """(where these worlds look different, how they look)."""
    eyes, paths = eyes_of(made, *seats), [*paths_of(made.world, names), *more]
    if names == NEAR:
        paths = near(made)
    looks = []
    for deeds in worlds:
        looks.append(in_a_world(deeds, lambda: eyes.see(paths)))
        made.reset()
    return [key for look in looks[1:] for key in different(looks[0], look)], looks


# --- reading ---


@dataclass(frozen=True)
class Sight:
    """One answer of the server. `words`: whose words stand in which section; `order`: as they stand;
    `means`: place of the competency to the number beside it; `shares`: (lowest point, highest point,
    tenths) of the groups there; `total`: the number for all of them."""

    body: str
    words: dict[str, frozenset[int]]
    order: dict[str, list[int]]
    means: dict[int, str]
    shares: dict[int, list[tuple[int, int, int]]]
    total: str

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.means or self.shares or self.total)


def sight(body: bytes) -> Sight:
    text = unpacked(body).decode("utf-8", "replace")
    order: dict[str, list[int]] = defaultdict(list)
    for giver, section in VOICE.findall(text):
        order[section].append(int(giver))
    words = {section: frozenset(who) for section, who in order.items()}
    if text.startswith("{"):
        return Sight(text, words, dict(order), *_figures(json.loads(text)))
    means, shares = {}, {}
    for place, beside in SCORED.findall(text):
        if number := MEAN.search(beside):
            means[int(place)] = number[1]
        if groups := SHARE.findall(beside):
            shares[int(place)] = [
                (int(low), int(high or low), int(tenths) if tenths.isdecimal() else 0)
                for tenths, low, high in groups
            ]
    total = found[1] if (found := TOTAL.search(text)) else ""
    return Sight(text, words, dict(order), means, shares, total)


def _figures(
    told: dict[str, Any],
) -> tuple[dict[int, str], dict[int, list[tuple[int, int, int]]], str]:
    """(means, shares, total) of what a program was given."""
    kinds = told.get("kinds", [])
    scores = {
        int(score["competency"].removeprefix("Skillmark")): score
        for kind in kinds
        for score in kind["scores"] or []
    }
    means = {place: score["mean"] for place, score in scores.items() if score["mean"]}
    shares = {
        place: [(group["lowest"], group["highest"], group["tenths"]) for group in score["spread"]]
        for place, score in scores.items()
        if score["spread"]
    }
    return means, shares, next((kind["total"] for kind in kinds if kind["total"]), "")


def sights(plan: Plan, names: str = READ) -> Iterator[tuple[str, str, str, Sight]]:
    """(moment, seat, address, what is shown there) of everything that anybody without names sees.

    A text that HR hides still counts as a voice in its place: its words are gone for everybody.
    """
    is_hidden = False
    for moment, seen in film(plan, names):
        is_hidden = is_hidden or moment == "hide"
        for (seat, path), (_status, _headers, body) in seen.items():
            if not without_names(plan, seat):
                continue
            shown = sight(body)
            if is_hidden and plan.hidden and plan.hidden[0] in shown.words:
                section, whose = plan.hidden
                assert whose not in shown.words[section], (moment, seat, path)
                shown.words[section] |= {whose}
                shown.order[section].append(whose)
            yield moment, seat, path, shown


def rounded(points: Iterable[int]) -> str:
    """The mean, half up, to one decimal: reckoned in whole numbers."""
    values = list(points)
    tenths = (20 * sum(values) + len(values)) // (2 * len(values))
    return f"{tenths // 10}.{tenths % 10}"


# --- subtracting ---

Vector = frozenset[tuple[int, str]]


def fewest_told_apart(cells: Sequence[Vector], known: frozenset[int] = frozenset()) -> int:
    """Of all sums and differences of these cells: the fewest people on whom one of them depends.

    A cell is the set of (person, place) that it adds up; `known` are people whose part the reader can
    take out. For up to six cells all combinations with -1, 0 and 1; for more, the exact rank test.
    0 when there are no cells.
    """
    cells = [cell for cell in dict.fromkeys(frozenset(v for v in c if v[0] not in known) for c in cells) if cell]  # fmt: skip
    if len(cells) > 6:
        return _by_rank(cells)
    fewest = 0
    for signs in product((-1, 0, 1), repeat=len(cells)):
        sums: dict[tuple[int, str], int] = defaultdict(int)
        for sign, cell in zip(signs, cells, strict=True):
            for unit in cell:
                sums[unit] += sign
        people = len({person for (person, _), n in sums.items() if n})
        fewest = min(fewest or people, people) if people else fewest
    return fewest


def _by_rank(cells: Sequence[Vector]) -> int:
    """Some combination depends on these people alone if, without their columns, the rank falls."""
    units = sorted({unit for cell in cells for unit in cell})
    people = sorted({person for person, _ in units})
    whole = _rank(cells, units)
    for size in range(1, len(people)):
        for few in combinations(people, size):
            if _rank(cells, [u for u in units if u[0] not in few]) < whole:
                return size
    return len(people)


def _rank(cells: Sequence[Vector], units: Sequence[tuple[int, str]]) -> int:
    rows = [[Fraction(unit in cell) for unit in units] for cell in cells]
    rank = 0
    for column in range(len(units)):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for r in range(rank + 1, len(rows)):
            if factor := rows[r][column] / rows[rank][column]:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[rank], strict=True)]
        rank += 1
    return rank
