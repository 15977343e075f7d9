"""Before the release nobody but the manager writes a manager's field, whatever they send to whichever
address; and the person reads none of them (the table says so, see visibility.txt)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from apps.reviews.models import (
    Dispute,
    Participant,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewVersion,
    StatementMark,
    Withdrawal,
)
from config import settings_test
from tests.architecture.answers import addresses
from tests.factories import NOON
from tests.visibility.company import Company, Seat, found_company
from tests.visibility.test_visibility import is_about_a_seat, urls_of

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]
PHASES = ("being_written", "submitted")
# Who has no say in a manager's review. HR process admins run cycles, so states they may move.
OTHERS = (
    "subject", "peer", "ex_manager", "future_manager", "skip_level", "member", "content_admin",
    "content_below", "stranger", "leaver", "superuser",
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker) -> Iterator[Company]:
    with (
        time_machine.travel(NOON, tick=False),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield found_company()
        transaction.set_rollback(True)


def managers_fields(seat: Seat) -> dict[str, Any]:
    """Every stored value of the manager review and of what becomes of it."""
    row, given = seat.participant, seat.given
    of_given = {"review": given}
    return {
        "review": Review.objects.filter(pk=given.pk).values().get(),
        "items": list(ReviewItem.objects.filter(**of_given).order_by("pk").values()),
        "notes": list(
            ReviewItem.notes.through.objects.filter(reviewitem__review=given)
            .order_by("pk")
            .values()
        ),
        "marks": list(StatementMark.objects.filter(**of_given).order_by("pk").values()),
        "versions": list(ReviewVersion.objects.filter(**of_given).order_by("pk").values()),
        "ratings": list(RatingEvent.objects.filter(participant=row).order_by("pk").values()),
        "disputes": list(Dispute.objects.filter(participant=row).values()),
        "withdrawals": list(Withdrawal.objects.filter(participant=row).order_by("pk").values()),
        "packet": Participant.objects.filter(pk=row.pk)
        .values("state", "released_at", "talked_on", "talked_by", "acknowledged_at", "reply")
        .get(),
    }


def everything_typed(seat: Seat, competency_id: int) -> str:
    """Every field that any form knows, in one body: each address takes what it understands."""
    fields = {
        "revision": 1, "changed": "summary", "summary": "forged", "overall": 5, "departure": "forged",
        "promotion": "ready", "private_note": "forged", f"c{competency_id}-value": 5,
        f"c{competency_id}-comment": "forged", "reason": "forged", "reason_code": "evidence",
        "to_value": 5, "text": "forged", "answer": "forged", "outcome": "forged", "reply": "forged",
        "overall-0": 5, f"competency-{competency_id}": 5, "talked_on": "2026-11-01",
        "participant": seat.participant.pk, "of": "department", "group": 0, "expected": 1,
        "person": seat.participant.person_id, "draft": "with", "confirmed": "yes",
    }  # fmt: skip
    return "&".join(f"{name}={value}" for name, value in fields.items())


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_writes_a_managers_field_before_the_release(who, phase, company):
    seat = company.seats[phase]
    before = managers_fields(seat)
    competency_id = before["items"][0]["competency_id"]
    body = everything_typed(seat, competency_id)
    client = Client()
    client.force_login(company.user(who))
    written = []

    for address in addresses():
        if not is_about_a_seat(address):
            continue
        for url in urls_of(address, seat):
            for method in ("post", "patch") if "_api:" in address.name else ("post",):
                settings_test.generation += 1
                with transaction.atomic():
                    kind = "application/json" if method == "patch" else FORM
                    sent = '{"changes": {"summary": "forged"}}' if method == "patch" else body
                    getattr(client, method)(
                        url,
                        data=sent,
                        content_type=kind,
                        headers={"If-Match": '"1"', "Idempotency-Key": "one-and-the-same"},
                    )
                    if managers_fields(seat) != before:
                        written.append(address.name)
                    transaction.set_rollback(True)

    assert written == []


def test_the_manager_does_write_them_at_the_same_addresses(company):
    """The counterpart: were the body wrong, the test above could not fail."""
    seat = company.seats["being_written"]
    before = managers_fields(seat)
    competency_id = before["items"][0]["competency_id"]
    client = Client()
    client.force_login(company.user("manager"))
    written = set()

    for address in addresses():
        if is_about_a_seat(address):
            for url in urls_of(address, seat):
                settings_test.generation += 1
                with transaction.atomic():
                    client.post(
                        url,
                        data=everything_typed(seat, competency_id),
                        content_type=FORM,
                        headers={"If-Match": '"1"', "Idempotency-Key": "one-and-the-same"},
                    )
                    if managers_fields(seat) != before:
                        written.add(address.name)
                    transaction.set_rollback(True)

    assert {"reviews:autosave", "reviews:save_review"} <= written
