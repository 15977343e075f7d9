"""The bundle as a file: asked for by its person alone, made once, fetched with today's rights."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from apps.core.access import SYSTEM_VIEWER, Viewer
from apps.core.audit import history
from apps.core.models import AuditEvent
from apps.people.models import Person
from apps.people.viewers import viewer_of_person
from apps.reports import actions, pages
from apps.reports.models import Export
from apps.reports.states import ExportKind, ExportState
from apps.reviews.models import EvidenceNote
from tests.factories import NOON
from tests.factories.people import PersonFactory, UserFactory
from tests.factories.reports import ExportFactory
from tests.factories.reviews import (
    EvidenceNoteFactory,
)
from tests.reports.packet_world import released_packet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_of_the_test(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


@pytest.fixture
def person():
    return PersonFactory(name="Ines Bakke", with_user=True)


def made(person: Person, now=NOON) -> Export:
    export = actions.request_bundle(by=viewer_of_person(person), now=now)
    assert actions.build_export(export.pk, now=now)
    export.refresh_from_db()
    return export


def opened(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        whole: dict[str, Any] = {"overview": book.read("overview.html").decode()}
        for name in book.namelist():
            if match := re.fullmatch(r"data/(\w+)\.json", name):
                whole[match[1]] = json.loads(book.read(name))
    return whole


# --- asking and making -----------------------------------------------------------------------------


def test_a_file_is_made_for_whoever_asks_about_themself(person):
    export = made(person)

    assert (export.kind, export.state, export.cycle) == (ExportKind.BUNDLE, ExportState.READY, None)
    assert opened(export.file.read())["you"]["entry"]["rows"][0]["name"] == "Ines Bakke"
    assert [e.verb for e in history(export)] == ["request_bundle", "finish_export"]
    assert history(export)[0].actor_id == person.pk


def test_asking_again_while_it_is_made_asks_for_the_same_file(person):
    viewer = viewer_of_person(person)

    first, second = (actions.request_bundle(by=viewer, now=NOON) for _ in range(2))

    assert first == second
    assert Export.objects.count() == 1
    assert len(history(first)) == 1


@pytest.mark.parametrize("nobody", [Viewer(), Viewer(user_id=1), SYSTEM_VIEWER])
def test_nobody_who_is_no_person_asks(nobody):
    with pytest.raises(PermissionDenied):
        actions.request_bundle(by=nobody, now=NOON)
    assert Export.objects.count() == 0


def test_no_office_reads_anothers_file(person):
    export = made(person)
    hr = PersonFactory(process_admin=True, content_admin=True)

    for other in (
        viewer_of_person(hr),
        viewer_of_person(person.manager or PersonFactory()),
        Viewer(),
    ):
        assert list(Export.objects.visible_to(other)) == []
        with pytest.raises(Http404):
            pages.export_file(other, export_id=export.pk)
        with pytest.raises(Http404):
            pages.export(other, export_id=export.pk)


def test_a_second_run_makes_nothing_and_a_broken_one_is_given_up(person, monkeypatch):
    export = made(person)
    assert actions.build_export(export.pk, now=NOON) is False
    broken = actions.request_bundle(by=viewer_of_person(person), now=NOON)
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: 1 / 0)

    for _ in range(3):
        assert actions.build_export(broken.pk, now=NOON) is False

    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == (ExportState.FAILED, 3)
    assert len(default_storage.listdir("exports")[1]) == 1


def test_a_lost_job_is_taken_up_again(person, django_capture_on_commit_callbacks):
    export = actions.request_bundle(by=viewer_of_person(person), now=NOON)

    with django_capture_on_commit_callbacks(execute=True):
        assert actions.resume_exports(now=NOON + timedelta(minutes=3)) == 1

    export.refresh_from_db()
    assert export.state == ExportState.READY


def test_it_goes_as_every_file_goes(person, django_capture_on_commit_callbacks):
    export = made(person)
    name = export.file.name
    assert person.name not in name

    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clean_exports(now=NOON + timedelta(days=7, seconds=1)) == 1

    assert not default_storage.exists(name)


def test_no_entry_has_a_time_and_nobody_is_named_outside(person):
    export = made(person)
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as book:
        infos = book.infolist()

    assert {info.date_time for info in infos} == {(2000, 1, 1, 0, 0, 0)}
    assert {info.comment for info in infos} == {b""}
    assert book.comment == b""


# --- fetching, with today's rights -------------------------------------------------------------------


def test_what_others_took_back_takes_the_file_with_it(person):
    note = EvidenceNoteFactory(about=person, author=PersonFactory(), shared=True)
    viewer = viewer_of_person(person)
    export = made(person)
    assert pages.export_file(viewer, export_id=export.pk) == export
    assert pages.bundles(viewer).exports[0].may_fetch

    EvidenceNote.objects.filter(pk=note.pk).update(shared_at=None)

    with pytest.raises(Http404):
        pages.export_file(viewer, export_id=export.pk)
    (row,) = pages.bundles(viewer).exports
    assert (row.may_fetch, row.is_outdated) == (False, True)


def test_a_packet_that_was_taken_back_takes_the_file_with_it():
    packet = released_packet()
    export = made(packet.person)
    packet.state, packet.released_at, packet.released_by = "active", None, None
    packet.acknowledged_at = None
    packet.save()

    with pytest.raises(Http404):
        pages.export_file(viewer_of_person(packet.person), export_id=export.pk)


# --- over HTTP ------------------------------------------------------------------------------------------


def test_from_the_button_to_the_shelf(client, person, django_capture_on_commit_callbacks):
    client.force_login(person.user)
    home = client.get(reverse("people:my_account"))
    assert reverse("reports:bundles") in home.text

    client.post(reverse("reports:request_bundle"))
    waiting = client.get(reverse("reports:bundles"))
    assert 'hx-trigger="every 2s"' in waiting.text
    assert "Being made" in waiting.text

    with django_capture_on_commit_callbacks(execute=True):
        actions.resume_exports(now=timezone.now() + timedelta(minutes=3))
    export = Export.objects.get()
    ready = client.get(reverse("reports:bundles"))
    assert reverse("reports:export_file", args=[export.pk]) in ready.text
    fetched = client.get(reverse("reports:export_file", args=[export.pk]))
    whole = b"".join(fetched.streaming_content)

    assert (
        fetched.headers["Content-Disposition"] == 'attachment; filename="everything-about-you.zip"'
    )
    assert fetched.headers["Cache-Control"] == "no-store"
    assert opened(whole)["you"]["account"]["rows"][0]["email"] == person.user.email
    assert AuditEvent.objects.filter(verb="fetch_export", actor_id=person.pk).count() == 1
    gone = client.post(reverse("reports:drop_export", args=[export.pk]))
    assert gone.headers["Location"] == reverse("reports:bundles")
    assert Export.objects.count() == 0


def test_five_files_an_hour(client, person):
    client.force_login(person.user)

    codes = [client.post(reverse("reports:request_bundle")).status_code for _ in range(6)]

    assert codes == [302] * 5 + [429]


def test_a_link_asks_for_nothing_and_a_form_without_its_token_neither(client, person):
    client.force_login(person.user)
    client.handler.enforce_csrf_checks = True

    assert client.get(reverse("reports:request_bundle")).status_code == 405
    assert client.post(reverse("reports:request_bundle")).status_code == 403
    assert Export.objects.count() == 0


def test_an_account_without_a_person_finds_no_page(client):
    client.force_login(UserFactory())

    assert client.get(reverse("reports:bundles")).status_code == 404
    assert client.post(reverse("reports:request_bundle")).status_code == 404


@pytest.mark.parametrize("copies", [1, 9])
def test_the_page_stays_within_twelve_queries(
    copies, person, client, django_assert_max_num_queries
):
    for _ in range(copies):
        ExportFactory(bundle=True, requested_by=person, state=ExportState.READY)
    client.force_login(person.user)

    with django_assert_max_num_queries(12):
        assert client.get(reverse("reports:bundles")).status_code == 200
