"""Whatever is sent to the API, it answers as its schema says, and never with a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.throttling import SimpleRateThrottle
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.feedback.models import Request
from apps.ladders.models import Ladder, Level
from apps.people.models import Person
from apps.reviews.models import Participant, Review
from tests.api.test_api import key_of
from tests.world import one_scene

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ACTORS = ("subject", "manager", "process_admin", "content_admin")
WHOSE = {
    "participant_id": Participant,
    "ladder_id": Ladder,
    "level_id": Level,
    "person_id": Person,
    "review_id": Review,
    "request_id": Request,
}


def operations() -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    schema.app = get_wsgi_application()
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


OPERATIONS = operations()


def ids_of(operation: Any) -> dict[str, list[int]]:
    """Those that exist, for each number in the address."""
    return {
        parameter.name: list(WHOSE[parameter.name]._default_manager.values_list("pk", flat=True))
        for parameter in operation.path_parameters
    }


@pytest.fixture
def one_connection():
    """A request ends like one of Django's test client: inside the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.sweep
@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_that_is_sent_breaks_it(name, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "allow_request", lambda *_: True)
    world, operation = one_scene(), OPERATIONS[name]
    there = ids_of(operation)
    keys = {"nobody": {}} | {actor: key_of(world.people[actor]) for actor in ACTORS}
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    answers: dict[str, set[int]] = {actor: set() for actor in keys}

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), actor=st.sampled_from(sorted(keys)), case=cases)
    def fuzz(data, actor, case):
        for parameter, found in there.items():
            if found and data.draw(st.booleans(), label="one that exists"):
                case.path_parameters[parameter] = data.draw(st.sampled_from(found))
        with transaction.atomic():
            answer = case.call(headers=keys[actor])
            transaction.set_rollback(True)
        answers[actor].add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    fuzz()
    assert answers.pop("nobody") <= {401, 404}  # 404 where the address itself is none
    assert not any(401 in found for found in answers.values())


def test_every_operation_of_the_api_is_tried():
    assert len(OPERATIONS) == 12
