"""Files made as jobs: asked for, made once, fetched with today's rights, thrown away."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import Http404

from apps.core.access import Viewer
from apps.core.audit import history
from apps.reports import actions, pages
from apps.reports.models import Export
from apps.reports.states import ExportState
from tests.factories import NOON
from tests.factories.people import PersonFactory
from tests.factories.reports import ExportFactory
from tests.factories.reviews import CycleFactory
from tests.reports.packet_world import PRIVATE_NOTE, SECRET_REASON, released_packet
from tests.reports.worlds import PROCESS, viewer_for

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
def packet():
    return released_packet(competencies=1)


def made(packet) -> Export:
    export = actions.request_export(packet.cycle, by=viewer_for(packet.manager), now=NOON)
    assert actions.build_export(export.pk, now=NOON)
    export.refresh_from_db()
    return export


def entries(export: Export) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_a_file_holds_the_packets_of_its_requester(packet):
    export = made(packet)

    assert (export.state, export.rows, export.done) == (ExportState.READY, 1, 1)
    assert list(entries(export)) == [
        f"jelena-petrovic-{packet.cycle.name.lower().replace(' ', '-')}.pdf"
    ]
    export.file.seek(0)
    assert export.sha256 == sha256(export.file.read()).hexdigest()
    assert [e.verb for e in history(export)] == ["request_export", "finish_export"]


def test_two_people_of_one_name_have_two_entries(packet):
    twin = released_packet(competencies=1)
    twin.cycle = packet.cycle
    twin.person.manager = packet.manager
    twin.person.save()
    twin.save()

    names = list(entries(made(packet)))

    assert len(names) == 2
    assert names[1].endswith("-2.pdf")


def test_nothing_of_the_file_says_whose_it_is(packet):
    export = made(packet)

    assert packet.person.name not in export.file.name
    assert len(export.file.name.removeprefix("exports/")) == len("0" * 32 + ".zip")
    whole = b"".join(entries(export).values()) + repr(history(export)).encode()
    assert PRIVATE_NOTE.encode() not in whole
    assert SECRET_REASON.encode() not in whole


def test_a_second_run_makes_nothing(packet):
    export = made(packet)

    assert actions.build_export(export.pk, now=NOON) is False
    assert Export.objects.get().attempts == 1


def test_a_run_leaves_a_file_that_another_makes_just_now_alone(packet):
    export = actions.request_export(packet.cycle, by=viewer_for(packet.manager), now=NOON)
    Export.objects.update(state=ExportState.BUILDING, started_at=NOON, attempts=1)

    assert actions.build_export(export.pk, now=NOON + timedelta(minutes=1)) is False
    assert actions.build_export(export.pk, now=NOON + timedelta(minutes=13)) is True


def test_a_file_that_breaks_three_times_is_given_up(packet, monkeypatch):
    export = actions.request_export(packet.cycle, by=viewer_for(packet.manager), now=NOON)
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: 1 / 0)

    for _ in range(3):
        assert actions.build_export(export.pk, now=NOON) is False

    export.refresh_from_db()
    assert (export.state, export.attempts) == (ExportState.FAILED, 3)
    assert default_storage.listdir("")[0] == []


def test_a_lost_job_is_taken_up_again(packet, django_capture_on_commit_callbacks):
    export = actions.request_export(packet.cycle, by=viewer_for(packet.manager), now=NOON)

    assert actions.resume_exports(now=NOON + timedelta(minutes=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.resume_exports(now=NOON + timedelta(minutes=3)) == 1

    export.refresh_from_db()
    assert export.state == ExportState.READY


def test_a_wave_holds_its_own_packets_alone(packet):
    later = released_packet(competencies=1)
    later.person.manager = packet.manager
    later.person.save()
    later.cycle, later.released_at = packet.cycle, NOON + timedelta(days=1)
    later.save()
    viewer = viewer_for(packet.manager)

    whole = actions.request_export(packet.cycle, by=viewer, now=NOON)
    wave = actions.request_export(packet.cycle, wave=later.released_at, by=viewer, now=NOON)

    assert (whole.rows, wave.rows) == (2, 1)


def test_whoever_reads_no_packet_asks_for_no_file(packet):
    for nobody in (PROCESS, viewer_for(PersonFactory())):
        with pytest.raises(actions.NothingToExport):
            actions.request_export(packet.cycle, by=nobody, now=NOON)
    assert Export.objects.count() == 0


def test_a_manager_who_handed_somebody_over_fetches_no_more(packet):
    export = made(packet)
    viewer = viewer_for(packet.manager)
    assert pages.export_file(viewer, export_id=export.pk) == export

    packet.person.manager = PersonFactory()
    packet.person.save()

    with pytest.raises(Http404):
        pages.export_file(viewer, export_id=export.pk)


def test_a_packet_that_was_taken_back_takes_the_file_with_it(packet):
    export = made(packet)
    packet.state, packet.released_at, packet.released_by, packet.acknowledged_at = (
        "active",
        None,
        None,
        None,
    )
    packet.save()

    with pytest.raises(Http404):
        pages.export_file(viewer_for(packet.manager), export_id=export.pk)


def test_a_file_is_its_requesters_alone(packet):
    export = made(packet)
    admin = PersonFactory(content_admin=True)

    for nobody in (
        Viewer(person_id=admin.pk, roles=frozenset({"content_admin", "process_admin"})),
        viewer_for(packet.person),
        Viewer(),
    ):
        with pytest.raises(Http404):
            pages.export_file(nobody, export_id=export.pk)


def test_a_file_goes_after_seven_days(packet, django_capture_on_commit_callbacks):
    export = made(packet)
    name = export.file.name
    export.file.close()

    assert actions.clean_exports(now=NOON + timedelta(days=6, hours=23)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clean_exports(now=NOON + timedelta(days=7, seconds=1)) == 1

    assert not default_storage.exists(name)
    assert Export.objects.count() == 0
    assert actions.clean_exports(now=NOON + timedelta(days=8)) == 0


def test_its_requester_throws_a_file_away(packet, django_capture_on_commit_callbacks):
    export = made(packet)
    name = export.file.name

    with django_capture_on_commit_callbacks(execute=True):
        actions.drop_export(export, by=viewer_for(packet.manager), now=NOON)

    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"state": "ready", "ready_at": None}, id="ready without an instant"),
        pytest.param({"state": "ready", "sha256": ""}, id="ready without a hash"),
        pytest.param({"state": "planned", "file": "exports/x.zip"}, id="a file before it is ready"),
        pytest.param({"state": "lost"}, id="a state that is none"),
    ],
)
def test_the_database_refuses(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportFactory(cycle=CycleFactory(state="delivery"), **{"state": ExportState.READY, **wrong})
