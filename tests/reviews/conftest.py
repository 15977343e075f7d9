"""A cycle that HR prepares, for every test that sets one up; other modules name their own."""

from __future__ import annotations

import pytest

from apps.core.access import Viewer
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from tests.factories.people import DepartmentFactory, PersonFactory
from tests.factories.reviews import CycleFactory


@pytest.fixture
def hr() -> Viewer:
    return viewer_of_person(PersonFactory(process_admin=True, name="Hanna"))


@pytest.fixture
def department():
    return DepartmentFactory(name="Platform")


@pytest.fixture
def cycle(department, hr):
    owners = [Person.objects.get(pk=hr.person_id), PersonFactory(process_admin=True)]
    return CycleFactory(phases=True, departments=[department], owners=owners)
