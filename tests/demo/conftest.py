"""The made-up company, loaded once for a module; every test gives back what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from apps.demo.load import load_company


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[datetime]:
    """The instant at which it was loaded."""
    now = timezone.now()
    with django_db_blocker.unblock(), transaction.atomic():
        assert load_company(now=now)
        yield now
        transaction.set_rollback(True)


@pytest.fixture
def demo(company: datetime) -> Iterator[datetime]:
    """As `company`, with what the test does taken back."""
    with transaction.atomic():
        yield company
        transaction.set_rollback(True)
