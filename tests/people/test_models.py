"""What the database refuses about people, and that the factories make rows it takes."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories.ladders import (
    MixinFactory,
    RoleProfileFactory,
    StatementFactory,
    SuccessMetricFactory,
)
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


def test_a_person_has_an_account_only_when_asked_for():
    plain, signed = PersonFactory(), PersonFactory(with_user=True)

    assert plain.user is None
    assert signed.user.email == signed.email


def test_a_person_is_never_their_own_manager():
    person = PersonFactory()
    person.manager = person

    with pytest.raises(IntegrityError), transaction.atomic():
        person.save()


def test_an_address_belongs_to_one_person_whatever_its_case():
    PersonFactory(email="ada@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(email="Ada@Example.com")


def test_nobody_leaves_before_joining():
    person = PersonFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(hired_on=person.hired_on, left_on=person.hired_on.replace(year=2000))


def test_the_parts_of_one_ladder_stay_in_one_version():
    statement, person = StatementFactory(), PersonFactory(with_level=True, mixins=[MixinFactory()])

    assert statement.level.version == statement.version == statement.level.track.version
    assert statement.competency.area.version == statement.version
    assert person.mixins.count() == 1
    assert SuccessMetricFactory(profile=RoleProfileFactory()).profile.metrics.count() == 1
