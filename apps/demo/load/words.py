"""Which words go into which review: by hand where they were written for somebody, else from the pool.

No text stands twice with one person, and none that names a month outside the period reviewed; then
the comment stays empty.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.demo.load.stage import Stage

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
NAMED_TIME = re.compile(rf"\b({'|'.join((*MONTHS, *SEASONS))})\b")
SOMETIMES = 0.12
DROP_A_COMMENT = 0.2
WEIGHTS = {2: 16, 3: 50, 4: 28, 5: 6}
NO_EVIDENCE = 0.03


def months_between(first: date, last: date) -> set[int]:
    """The numbers of the months that a period touches."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return {(first.month - 1 + n) % 12 + 1 for n in range(min(count, 12))}


@dataclass
class Words:
    """The pools, and what was taken from them so far."""

    stage: Stage
    taken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    worn: Counter[str] = field(default_factory=Counter)

    @property
    def texts(self) -> dict[str, Any]:
        return self.stage.script.reviews

    def pick(self, texts: Sequence[str], *, about: str, months: set[int]) -> str:
        """The least worn text that fits the period and does not stand with this person yet, or ""."""
        fitting = [
            text
            for text in texts
            if text not in self.taken[about] and _named_months(text) <= months
        ]
        if not fitting:
            return ""
        self.stage.lots.shuffle(fitting)
        text = min(fitting, key=self.worn.__getitem__)
        self.taken[about].add(text)
        self.worn[text] += 1
        name = self.stage.people[about].name
        return text.replace("{first}", name.split(" ")[0]).replace("{name}", name)

    def theme(self, about: str, competency: str) -> str:
        """Under which heading of the pool this competency of this person falls."""
        level = self.stage.entry(about)["level"]
        themes = self.texts["competency_themes"].get(level["ladder"], {}) if level else {}
        if level and level["title"] in self.texts["manager_levels"]:
            themes = {**themes, **self.texts["manager_themes"]}
        return str(themes.get(competency, ""))

    def comment(self, about: str, competency: str, rating: object, months: set[int]) -> str:
        """What a manager writes beside a rating."""
        if not isinstance(rating, int) or self.stage.lots.random() < DROP_A_COMMENT:
            return ""
        pool = self.texts["pool"].get(self.theme(about, competency), {})
        return self.pick(pool.get(rating, ()), about=about, months=months)

    def own_comment(self, about: str, competency: str, months: set[int]) -> str:
        """What somebody writes about themself."""
        pool = self.texts["self_pool"].get(self.theme(about, competency), ())
        return self.pick(pool, about=about, months=months)

    def summary(self, about: str, kind: str, overall: int, months: set[int]) -> str:
        pools = self.texts["summary_pool"]
        pool = pools["self"] if kind == "self" else pools["manager"][overall]
        return self.pick(pool, about=about, months=months) or self.pick(
            pool, about=about, months=set(range(1, 13))
        )

    def rating(self, like: int) -> int | str:
        """A rating near what this person usually gets."""
        lots = self.stage.lots
        if lots.random() < NO_EVIDENCE:
            return "not_enough_evidence"
        return min(5, max(1, like + lots.choice((-1, 0, 0, 0, 1))))

    def usual(self) -> int:
        return self.stage.lots.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]

    def sometimes(self) -> bool:
        return self.stage.lots.random() < SOMETIMES


def _named_months(text: str) -> set[int]:
    """Months that a text names; of a season the middle one, since its edges are nobody's."""
    found = set()
    for name in NAMED_TIME.findall(text):
        found.add(SEASONS[name][1] if name in SEASONS else MONTHS.index(name) + 1)
    return found
