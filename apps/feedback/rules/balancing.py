"""Evening out who is asked: the missing peers of everybody, so that the most that is asked of
anybody is as little as it can be.

A flow from people who lack peers to those who could be asked: a greedy start takes the nearest, then
shortest chains of exchanges (Hopcroft and Karp 1973, with capacities as in Dinic 1970) find whatever
else there is. Nothing here is random: the same question has the same answer, so that what was looked
at can be recognised when it is accepted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Need:
    """Somebody who lacks `missing` peers; `candidates` are who could be asked, the nearest first, and
    `barred` who never is: themself, the manager, and whoever is asked about them already."""

    key: int
    missing: int
    candidates: Sequence[int]
    barred: Collection[int] = ()


@dataclass(frozen=True)
class Balance:
    """`added` has (key, giver) in order; `short` has (key, how many could not be found); `highest` is
    the most that is asked of anybody who is asked something more, 0 when nobody is."""

    added: tuple[tuple[int, int], ...]
    short: tuple[tuple[int, int], ...]
    highest: int


def balanced(needs: Sequence[Need], loads: Mapping[int, int], *, budget: int) -> Balance:
    """As many of the missing peers as there can be, and of all ways to that the one in which the
    highest load is least.

    Arguments: `loads` how much is asked of each giver already (0 where absent); `budget` the most
    that is asked of anybody. Result: nobody is given to themself or to somebody who bars them, twice
    to the same person, or beyond the budget.
    """
    table = _Table(needs, loads)
    level = next((n for n in range(1, budget) if table.room(n) >= table.wanted), budget)
    best = _solved(table, level)
    while best.found < table.wanted and level < budget:
        # More may fit when somebody is asked once more; what is found stays found.
        level += 1
        more = best.raised(level)
        if more.found > best.found:
            best = more
    lower = best.level - 1
    while best.found < table.wanted and lower > 0:
        # Not all can be found, so the start above may have been too high.
        less = _solved(table, lower)
        if less.found < best.found:
            break
        best, lower = less, lower - 1
    return best.balance(needs)


@dataclass
class _Table:
    """The question with places in lists in place of keys."""

    needs: Sequence[Need]
    loads: Mapping[int, int]
    missing: list[int] = field(default_factory=list)
    candidates: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.givers = sorted({giver for need in self.needs for giver in need.candidates})
        place = {giver: n for n, giver in enumerate(self.givers)}
        self.load = [self.loads.get(giver, 0) for giver in self.givers]
        for need in self.needs:
            barred = set(need.barred)
            open_to = [place[g] for g in dict.fromkeys(need.candidates) if g not in barred]
            self.candidates.append(open_to)
            self.missing.append(max(0, min(need.missing, len(open_to))))

    @property
    def wanted(self) -> int:
        return sum(self.missing)

    def room(self, level: int) -> int:
        """How much could be asked in all with nobody above this level."""
        return sum(max(0, level - load) for load in self.load)


class _Solution:
    """Who is given to whom with nobody above `level`."""

    def __init__(self, table: _Table, level: int) -> None:
        self.table, self.level = table, level
        self.free = [max(0, level - load) for load in table.load]
        self.left = list(table.missing)
        # Dicts for sets: they keep their order, and so the answer is always the same.
        self.taken: list[dict[int, None]] = [{} for _ in table.missing]
        self.holders: list[dict[int, None]] = [{} for _ in table.givers]
        self.found = 0

    def raised(self, level: int) -> _Solution:
        """A copy in which more may be asked of each, filled up."""
        more = _Solution(self.table, level)
        more.left, more.found = list(self.left), self.found
        more.taken = [dict(taken) for taken in self.taken]
        more.holders = [dict(holders) for holders in self.holders]
        for giver, holders in enumerate(more.holders):
            more.free[giver] -= len(holders)
        more.fill()
        return more

    def give(self, need: int, giver: int) -> None:
        self.taken[need][giver] = None
        self.holders[giver][need] = None

    def take_the_nearest(self) -> None:
        """One each, then a second each: those with the fewest candidates first."""
        order = sorted(range(len(self.left)), key=lambda n: (len(self.table.candidates[n]), n))
        for turn in range(1, max(self.left, default=0) + 1):
            for need in order:
                if self.table.missing[need] < turn:
                    continue
                for giver in self.table.candidates[need]:
                    if self.free[giver] > 0 and giver not in self.taken[need]:
                        self.give(need, giver)
                        self.free[giver] -= 1
                        self.left[need] -= 1
                        self.found += 1
                        break

    def fill(self) -> None:
        """Exchanges until no chain of them finds one more."""
        while depths := self._depths():
            places = [0] * len(self.left)
            dead = [False] * len(self.left)
            before = self.found
            for need, left in enumerate(self.left):
                for _ in range(left):
                    if not self._exchange(need, depths, places, dead):
                        break
            if self.found == before:
                return

    def _depths(self) -> list[int]:
        """How many exchanges each need is away from one that lacks a peer; empty when nobody with
        room can be reached any more."""
        depths = [-1] * len(self.left)
        queue = deque(need for need, left in enumerate(self.left) if left)
        for need in queue:
            depths[need] = 0
        seen = [False] * len(self.free)
        nearest = -1
        while queue:
            need = queue.popleft()
            if 0 <= nearest <= depths[need] - 1:
                break
            for giver in self.table.candidates[need]:
                if seen[giver] or giver in self.taken[need]:
                    continue
                if self.free[giver] > 0:
                    nearest = depths[need] if nearest < 0 else nearest
                    continue
                seen[giver] = True
                for other in self.holders[giver]:
                    if depths[other] < 0:
                        depths[other] = depths[need] + 1
                        queue.append(other)
        return depths if nearest >= 0 else []

    def _exchange(self, start: int, depths: list[int], places: list[int], dead: list[bool]) -> bool:
        """One chain: `start` gets a giver, whose holder gets another, until one has room."""
        chain: list[tuple[int, int]] = []  # (need, giver it gets)
        need = start
        while True:
            step = self._step(need, depths, places, dead)
            if step is None:
                dead[need] = True
                if not chain:
                    return False
                need, _giver = chain.pop()
                continue
            giver, other = step
            chain.append((need, giver))
            if other is None:
                break
            need = other
        self.free[chain[-1][1]] -= 1
        for (getting, giver), losing in zip(chain, [n for n, _ in chain[1:]] + [None], strict=True):
            if losing is not None:
                del self.taken[losing][giver]
                del self.holders[giver][losing]
            self.give(getting, giver)
        self.left[start] -= 1
        self.found += 1
        return True

    def _step(
        self, need: int, depths: list[int], places: list[int], dead: list[bool]
    ) -> tuple[int, int | None] | None:
        """The next giver that may lead on, and whose it is now (None when there is room)."""
        candidates = self.table.candidates[need]
        while places[need] < len(candidates):
            giver = candidates[places[need]]
            if giver not in self.taken[need]:
                if self.free[giver] > 0:
                    return giver, None
                for other in self.holders[giver]:
                    if depths[other] == depths[need] + 1 and not dead[other]:
                        return giver, other
            places[need] += 1
        return None

    def balance(self, needs: Sequence[Need]) -> Balance:
        givers, load = self.table.givers, self.table.load
        added = sorted(
            (need.key, givers[giver]) for n, need in enumerate(needs) for giver in self.taken[n]
        )
        short = sorted(
            (need.key, need.missing - len(self.taken[n]))
            for n, need in enumerate(needs)
            if need.missing > len(self.taken[n])
        )
        highest = max(
            (load[giver] + len(holders) for giver, holders in enumerate(self.holders) if holders),
            default=0,
        )
        return Balance(tuple(added), tuple(short), highest)


def _solved(table: _Table, level: int) -> _Solution:
    solution = _Solution(table, level)
    solution.take_the_nearest()
    solution.fill()
    return solution
