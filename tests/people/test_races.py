"""Two people of HR at once: a ring that neither sees must not close."""

import pytest

from apps.people import actions
from apps.people.models import Person
from apps.people.rules.lines import loops
from apps.people.viewers import viewer_of_person
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.races import at_once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("depth", [0, 3])
def test_two_changes_at_once_close_no_ring(depth):
    hr = viewer_of_person(PersonFactory(process_admin=True))
    for _ in range(5):
        one, two = PersonFactory(), PersonFactory()
        ends = [one, two]
        for place in range(2):
            for _ in range(depth):
                ends[place] = PersonFactory(manager=ends[place])

        outcomes = at_once(
            lambda a=one, b=ends[1]: actions.change_manager(a, b, by=hr, now=NOON),
            lambda a=two, b=ends[0]: actions.change_manager(a, b, by=hr, now=NOON),
        )

        managers = dict(Person.objects.values_list("pk", "manager_id"))
        assert loops(managers) == []
        assert outcomes == ["done", "told"]


@pytest.mark.django_db(transaction=True)
def test_one_account_is_opened_however_often_it_is_pressed():
    hr, person = viewer_of_person(PersonFactory(process_admin=True)), PersonFactory()

    at_once(
        *[
            lambda: actions.open_account(Person.objects.get(pk=person.pk), by=hr, now=NOON)
            for _ in range(2)
        ]
    )

    person.refresh_from_db()
    assert person.user.email == person.email
