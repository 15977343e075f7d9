"""What may be shown, to whom, and in which order. PRIVACY: this whole module shields givers.

Complementary suppression here: items of one page are disjoint sums (each competency has its own
voices), so the only sum that could give a hidden one away is a total. The total is therefore made
of the shown items alone; a hidden item is in nothing that is shown. How many voices an item has is
said as "at least k": exact counts of two items would differ by the one who could not say. A spread
is given in tenths for the same reason, and of groups of which each has enough voices of its own.
What is shown follows from the batch alone and never from who reads: two readers who put their pages
side by side know no more than each of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from apps.feedback.states import OUT, Mode, RequestState

KEY_LENGTH = 24


@dataclass(frozen=True)
class Share:
    """Neighbouring points of the scale, from `lowest` to `highest`, and how many tenths of the
    voices lie there."""

    lowest: int
    highest: int
    tenths: int


@dataclass(frozen=True)
class Item:
    """One line of the table: `mean` to one decimal, or None where it is kept back; `spread` empty
    where the voices are too few to be told apart in groups."""

    key: int
    mean: Decimal | None
    spread: tuple[Share, ...] = ()


def may_be_shown(count: int, threshold: int) -> bool:
    """Enough voices. Nothing between none and the threshold is told apart."""
    return count >= threshold


def shown_mean(values: Sequence[int]) -> Decimal:
    """The mean, half up, to one decimal."""
    return (Decimal(sum(values)) / len(values)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def nearest_point(mean: Decimal) -> int:
    """The point of the scale next to a mean; of two as near, the upper one."""
    return int(mean.quantize(Decimal(1), ROUND_HALF_UP))


def shown_spread(values: Sequence[int], points: Sequence[int], threshold: int) -> tuple[Share, ...]:
    """How the voices lie on the scale, in groups of neighbouring points.

    Arguments: `values` the points given; `points` all points of the scale, lowest first; `threshold`
    the fewest voices of a group. Result: the groups from the lowest on, which together cover the
    scale, each closed as soon as it has enough voices (what is left over joins the last); empty
    with fewer than two groups. Tenths add up to ten: they are cut off, and the largest remainders
    get what is missing (the method of Hare and Niemeyer), of equal ones the lower group first.
    """
    if not may_be_shown(len(values), threshold):
        return ()
    groups: list[tuple[int, int, int]] = []
    low, count = points[0], 0
    for place, point in enumerate(points):
        count += values.count(point)
        if count >= threshold:
            groups.append((low, point, count))
            low, count = points[place + 1] if place + 1 < len(points) else point, 0
    if len(groups) < 2:
        return ()
    first, _last, voices = groups[-1]
    groups[-1] = (first, points[-1], voices + count)
    exact = [voices * 10 for _low, _high, voices in groups]
    tenths = [share // len(values) for share in exact]
    by_rest = sorted(range(len(groups)), key=lambda n: (-(exact[n] % len(values)), n))
    for n in by_rest[: 10 - sum(tenths)]:
        tenths[n] += 1
    return tuple(Share(g[0], g[1], t) for g, t in zip(groups, tenths, strict=True))


def shown_items(
    values: Mapping[int, Sequence[int]], threshold: int, points: Sequence[int] = ()
) -> tuple[list[Item], Decimal | None]:
    """The lines of a table of scores, and its total.

    Arguments: `values` the points given per item, without "cannot say" (so an item's own number of
    voices counts); `threshold` the fewest voices; `points` of the scale, for the spread. Result: an
    Item for each, in the order given, and the mean over the shown items, or None with fewer than
    two of them.
    """
    items = [
        Item(key, shown_mean(given), shown_spread(given, points, threshold) if points else ())
        if may_be_shown(len(given), threshold)
        else Item(key, None)
        for key, given in values.items()
    ]
    shown = [point for item in items if item.mean is not None for point in values[item.key]]
    return items, shown_mean(shown) if sum(i.mean is not None for i in items) > 1 else None


def text_key(text: str, *, secret: str, viewer_id: int, section: str) -> str:
    """The address and the place of a text, for one viewer in one section.

    PRIVACY: made of the text and nothing else of the answer: not its id, its place in the table or
    its giver. Two sections are keyed apart, so no voice can be followed through them.
    """
    message = f"{viewer_id}\n{section}\n{text}".encode()
    return hmac.new(secret.encode(), message, "sha256").hexdigest()[:KEY_LENGTH]


def display_order(texts: Iterable[str], *, secret: str, viewer_id: int, section: str) -> list[str]:
    """Texts in an order that is this viewer's and this section's own, and always the same."""
    return sorted(
        texts, key=lambda t: text_key(t, secret=secret, viewer_id=viewer_id, section=section)
    )


def shown_state(state: str, mode: str, *, to_subject: bool) -> str:
    """What a request looks like to somebody other than its giver.

    PRIVACY: in anonymous mode nobody learns who answered; the person it is about never does.
    """
    if state in OUT and (to_subject or mode == Mode.ANONYMOUS):
        return RequestState.ASKED.value
    return state
