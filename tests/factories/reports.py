"""Made-up files. A ready one is empty unless its file is written by an action."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from apps.reports.models import Export
from apps.reports.states import ExportKind, ExportState
from tests.factories import NOON


class ExportFactory(DjangoModelFactory):
    """A file that is waiting to be made; `state=ExportState.READY` has a name and a hash.

    `bundle=True` is a copy of everything about its requester.
    """

    class Meta:
        model = Export

    class Params:
        bundle = factory.Trait(kind=ExportKind.BUNDLE, cycle=None)

    cycle = factory.SubFactory("tests.factories.reviews.CycleFactory", state="delivery")
    requested_by = factory.SubFactory("tests.factories.people.PersonFactory")
    requested_at = NOON
    rows = 3
    state = ExportState.PLANNED
    ready_at = factory.LazyAttribute(lambda o: NOON if o.state == ExportState.READY else None)
    sha256 = factory.LazyAttribute(lambda o: "0" * 64 if o.state == ExportState.READY else "")
    file = factory.LazyAttribute(
        lambda o: "exports/never-written.zip" if o.state == ExportState.READY else ""
    )
