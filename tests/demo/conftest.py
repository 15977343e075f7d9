"""The made-up company, loaded once for a module, in a transaction that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from apps.demo.load import load_company
from tests.demo.seats import Seat, seats


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[datetime]:
    """The instant at which it was loaded. Each test with the mark django_db gives back its own changes."""
    now = timezone.now()
    with django_db_blocker.unblock(), transaction.atomic():
        assert load_company(now=now)
        yield now
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def everybody(company: datetime, django_db_blocker: pytest.FixtureRequest) -> list[Seat]:
    """Everybody of the company who may sign in, signed in."""
    with django_db_blocker.unblock():
        found = seats()
        assert all(seat.client for seat in found)  # before a test's own transaction begins
    return found
