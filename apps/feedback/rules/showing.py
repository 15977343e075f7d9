"""What may be shown, to whom, and in which order. PRIVACY: this whole module shields givers.

Complementary suppression here: items of one page are disjoint sums (each competency has its own
voices), so the only sum that could give a hidden one away is a total. The total is therefore made
of the shown items alone; a hidden item is in nothing that is shown. How many voices an item has is
said as "at least k": exact counts of two items would differ by the one who could not say.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from apps.feedback.states import OUT, Mode, RequestState


@dataclass(frozen=True)
class Item:
    """One line of the table: `mean` to one decimal, or None where it is kept back."""

    key: int
    mean: Decimal | None


def may_be_shown(count: int, threshold: int) -> bool:
    """Enough voices. Nothing between none and the threshold is told apart."""
    return count >= threshold


def shown_mean(values: Sequence[int]) -> Decimal:
    """The mean, half up, to one decimal."""
    return (Decimal(sum(values)) / len(values)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def shown_items(
    values: Mapping[int, Sequence[int]], threshold: int
) -> tuple[list[Item], Decimal | None]:
    """The lines of a table of scores, and its total.

    Arguments: `values` the points given per item, without "cannot say" (so an item's own number of
    voices counts); `threshold` the fewest voices. Result: an Item for each, in the order given, and
    the mean over the shown items, or None with fewer than two of them.
    """
    items = [
        Item(key, shown_mean(points) if may_be_shown(len(points), threshold) else None)
        for key, points in values.items()
    ]
    shown = [point for item in items if item.mean is not None for point in values[item.key]]
    return items, shown_mean(shown) if sum(i.mean is not None for i in items) > 1 else None


def display_order(texts: Iterable[str], *, secret: str, viewer_id: int, section: str) -> list[str]:
    """Texts in an order that is this viewer's and this section's own, and always the same.

    PRIVACY: the key is made of the text and nothing else of the answer: not its id, its place in
    the table or its giver. Two sections are shuffled apart, so no voice can be followed through.
    """

    def key(text: str) -> bytes:
        message = f"{viewer_id}\n{section}\n{text}".encode()
        return hmac.new(secret.encode(), message, "sha256").digest()

    return sorted(texts, key=key)


def shown_state(state: str, mode: str, *, to_subject: bool) -> str:
    """What a request looks like to somebody other than its giver.

    PRIVACY: in anonymous mode nobody learns who answered; the person it is about never does.
    """
    if state in OUT and (to_subject or mode == Mode.ANONYMOUS):
        return RequestState.ASKED.value
    return state
