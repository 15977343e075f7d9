"""A session about somebody of whom colleagues wrote, and what its people are shown of that."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.calibration import pages
from apps.calibration.models import Item
from apps.people.models import Person
from tests.feedback.worlds import World, as_viewer, busy_world, send

FRAGMENT = {"HX-Request": "true"}


def sealed(answers: int = 5, **options: Any) -> World:
    """A session about somebody of whom this many colleagues wrote."""
    world = busy_world(**{"givers": max(answers, 5), **options})
    for giver in world.givers[:answers]:
        send(world, giver)
    world.seal()
    return world


def address(world: World) -> str:
    return reverse("calibration:item_feedback", args=[world.session.pk, item_of(world).pk])


def item_of(world: World) -> Item:
    return world.session.items.get(participant=world.participant)


def member_of(world: World) -> Person:
    return world.session.members.get()


def look(person: Person, world: World, **headers: str) -> Any:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk).user)
    return client.get(address(world), headers=headers)


def read(person: Person, world: World) -> pages.ItemFeedback:
    return pages.item_feedback(
        as_viewer(person), session_id=world.session.pk, item_id=item_of(world).pk
    )


def bare(response: Any) -> str:
    """Without what is new with every answer."""
    body = re.sub(
        r'("X-CSRFToken": |csrfmiddlewaretoken" value=)"\w+"', "", response.content.decode()
    )
    return body.replace(response.headers.get("X-Request-ID", "-"), "")
