"""The key of a script: who gets in, what a reading key may do, and what is written."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.people.api_auth import TokenAuthentication
from apps.people.models import ApiToken, Person, User
from apps.people.states import Scope
from tests.factories import NOON
from tests.factories.people import SECRET, ApiTokenFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class WhoAmI(APIView):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        viewer = request.viewer
        return Response(
            {"user": request.user.pk, "person": viewer.person_id, "writes": viewer.may_write}
        )

    post = get


urlpatterns = [path("api/me/", WhoAmI.as_view())]


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def key(token, secret=SECRET):
    return {"HTTP_AUTHORIZATION": f"Bearer rungs_{token.prefix}_{secret}"}


def test_a_live_key_is_its_person(client):
    token = ApiTokenFactory(scope=Scope.WRITE)

    answer = client.post("/api/me/", **key(token))

    assert answer.json() == {
        "user": token.person.user_id,
        "person": token.person_id,
        "writes": True,
    }


def test_a_reading_key_reads_and_does_not_write(client):
    token = ApiTokenFactory(scope=Scope.READ)

    assert client.get("/api/me/", **key(token)).json()["writes"] is False
    assert client.post("/api/me/", **key(token)).status_code == 403


def leaver(token):
    Person.objects.filter(pk=token.person_id).update(left_on=NOON.date())


def closed(token):
    User.objects.filter(pk=token.person.user_id).update(is_active=False)


def without_account(token):
    Person.objects.filter(pk=token.person_id).update(user=None)


def revoked(token):
    ApiToken.objects.update(revoked_at=NOON)


def expired(token):
    ApiToken.objects.update(expires_at=NOON)


@pytest.mark.parametrize("why", [leaver, closed, without_account, revoked, expired])
def test_a_dead_key_is_refused_in_the_words_of_an_unknown_one(client, why):
    token = ApiTokenFactory()
    unknown = client.get("/api/me/", HTTP_AUTHORIZATION=f"Bearer rungs_00000000_{'x' * 43}")

    why(token)
    answer = client.get("/api/me/", **key(token))

    assert (answer.status_code, answer.content) == (401, unknown.content)
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert ApiToken.objects.get().last_used_on is None


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer rungs__",
        "Bearer \u00e9",
        "Bearer rungs_zzzzzzzz_" + "s" * 43,
    ],
)
def test_what_is_no_key_is_refused(client, header):
    assert client.get("/api/me/", HTTP_AUTHORIZATION=header).status_code == 401


def test_a_wrong_secret_is_refused(client):
    assert client.get("/api/me/", **key(ApiTokenFactory(), "t" * 43)).status_code == 401


def test_the_day_of_use_is_written_once_a_day(client):
    token = ApiTokenFactory()

    with CaptureQueriesContext(connection) as first:
        client.get("/api/me/", **key(token))
    with CaptureQueriesContext(connection) as second:
        client.get("/api/me/", **key(token))

    assert (len(first), len(second)) == (2, 1)
    assert ApiToken.objects.get().last_used_on == NOON.date()
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        client.get("/api/me/", **key(token))
    assert ApiToken.objects.get().last_used_on == NOON.date() + timedelta(days=1)


def test_a_person_without_a_key_is_asked_for_one(client):
    PersonFactory(with_user=True)

    assert client.get("/api/me/").status_code == 401
