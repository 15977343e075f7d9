"""A19: a subject's bundle holds no one else's canary, and all of the subject's own.

Every text, name and address in every scene is a word of its own. What is found in a bundle is compared
with what may be in it by who the person is to the row, said once more in `canaries`.
"""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import transaction

from apps.people.models import Person
from tests.cast import ACTORS
from tests.reports.canaries import CANARY, MAY, canary_world, file_of, texts_of, words_for

pytestmark = pytest.mark.django_db
WHO = [
    *(a for a in ACTORS if a not in {"anonymous", "superuser"}),
    "head",
    "facilitator",
    "arbiter",
]
ADDRESS = re.compile(r"(?:mail|account)(\d+)canary@example\.com")


@pytest.fixture(scope="module")
def files(django_db_setup, django_db_blocker):
    """The people, the text of each one's bundle, and the words that belong in it."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = canary_world()
        people = {name: Person.objects.get(pk=p.pk) for name, p in world.people.items()}
        texts = {name: list(texts_of(file_of(people[name]))) for name in WHO}
        by_key = words_for([people[name] for name in WHO])
        yield people, texts, {name: by_key[people[name].pk] for name in WHO}
        transaction.set_rollback(True)


def found_in(texts: list[tuple[str, str]]) -> set[str]:
    # A line of paper may break inside a word.
    return {m[0] for _, text in texts for m in CANARY.finditer(re.sub(r"-\n\s*", "-", text))}


def test_every_kind_of_word_is_judged(files):
    """A new text without a line in `MAY` fails here."""
    labels = set()
    for model in apps.get_models():
        for field in model._meta.local_fields:
            values = model._default_manager.values_list(field.name, flat=True)
            labels |= {m[1] for value in values for m in CANARY.finditer(str(value))}

    assert labels == set(MAY)


@pytest.mark.parametrize("name", WHO)
def test_a_bundle_holds_no_word_of_others(name, files):
    _, texts, words = files

    assert sorted(found_in(texts[name]) - words[name]) == []


@pytest.mark.parametrize("name", WHO)
def test_a_bundle_holds_every_word_that_is_ones_own_and_readable(name, files):
    _, texts, words = files

    assert sorted(words[name] - found_in(texts[name])) == []


@pytest.mark.parametrize("name", WHO)
def test_no_address_but_ones_own(name, files):
    people, texts, _ = files
    mine = {str(people[name].pk), str(people[name].user_id)}

    assert {m[1] for _, text in texts[name] for m in ADDRESS.finditer(text)} == mine


def test_there_is_something_to_find(files):
    """The sentinel: were the words lost, the walls above would hold nothing."""
    _, texts, words = files
    kinds = {m.partition("-")[2].partition("-")[0] for m in found_in(texts["subject"])}

    assert len(words["subject"]) > 200
    assert len(kinds) >= 12
