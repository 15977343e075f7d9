"""Reports over HTTP: attachments, limits, the audit, filters kept in the address."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from apps.core.audit import history
from apps.core.models import AuditEvent
from apps.reports.models import Export
from apps.reviews.models import Cycle
from tests.factories.people import DepartmentFactory, PersonFactory, UserFactory
from tests.factories.reviews import CycleFactory, ParticipantFactory
from tests.reports.packet_world import released_packet
from tests.reports.worlds import rated_cycle

pytestmark = pytest.mark.django_db
FORMS = ("csv", "xlsx")


@pytest.fixture
def admin(client):
    person = PersonFactory(with_user=True, process_admin=True)
    client.force_login(person.user)
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"reports:{name}", args=args)


@pytest.mark.parametrize("name", ["completion", "distribution"])
def test_a_page_and_its_fragment_share_one_address(admin, name):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})

    whole = admin.get(address(name, cycle.pk))
    part = admin.get(address(name, cycle.pk), headers={"HX-Request": "true"})

    assert (whole.status_code, part.status_code) == (200, 200)
    assert "<main" in whole.text
    assert "<main" not in part.text
    assert part.text.strip().splitlines()[-1] == "</div>"
    assert 'id="report"' in part.text


@pytest.mark.parametrize("name", ["completion", "distribution"])
def test_a_whole_page_stays_within_twelve_queries(admin, name, django_assert_max_num_queries):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})

    with django_assert_max_num_queries(12):
        admin.get(address(name, cycle.pk))


def test_filters_stay_in_the_address_of_the_files(admin):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0], "Sales": [5, 5, 5, 5, 5]})
    query = "?by=manager&department=none"

    page = admin.get(address("completion", cycle.pk) + query)

    assert (
        f"{address('completion_file', cycle.pk, 'csv')}?by=manager&amp;department=none" in page.text
    )
    assert '<option value="manager" selected>' in page.text


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "99999999999999999999", "' OR 1=1", "\x00"])
@pytest.mark.parametrize("name", ["completion", "distribution"])
def test_an_address_that_makes_no_sense_shows_everything(admin, name, value):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})
    given = {"by": value, "department": value, "ratings": value, "page": value}

    odd, plain = admin.get(address(name, cycle.pk), given), admin.get(address(name, cycle.pk))

    assert odd.status_code == 200
    assert odd.context["page"].sheet == plain.context["page"].sheet


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["completion", "distribution"])
def test_a_file_holds_exactly_the_lines_of_its_page(admin, name, form):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 3], "Sales": [5, 5, 8, 5, 5]})
    sheet = admin.get(address(name, cycle.pk)).context["page"].sheet

    response = admin.get(address(f"{name}_file", cycle.pk, form))

    assert response.headers["Content-Disposition"] == f'attachment; filename="{sheet.name}.{form}"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert table(response.content, form) == [
        [str(c) for c in row] for row in [sheet.header, *sheet.rows]
    ]


def table(content: bytes, form: str) -> list[list[str]]:
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()
    return [[str(int(c)) if isinstance(c, float) else str(c) for c in row] for row in rows]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1"])
def test_a_name_is_never_a_formula(admin, name):
    cycle = CycleFactory(state="manager_review")
    boss = PersonFactory(name=name)
    ParticipantFactory(
        cycle=cycle, manager=boss, person=PersonFactory(manager=boss), department=DepartmentFactory(name=f"{name}!")
    )  # fmt: skip

    for by, written in (("manager", name), ("department", f"{name}!")):
        plain = admin.get(address("completion_file", cycle.pk, "csv"), {"by": by})
        book = admin.get(address("completion_file", cycle.pk, "xlsx"), {"by": by})

        assert table(plain.content, "csv")[1][0] == f"'{written}"
        assert table(book.content, "xlsx")[1][0] == written
        assert b"<f>" not in book.content


def test_an_unknown_form_is_not_found(admin):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})

    assert admin.get(address("completion_file", cycle.pk, "exe")).status_code == 404


@pytest.mark.parametrize("name", ["completion", "distribution"])
def test_a_download_is_written_down_without_a_value(admin, name):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})

    admin.get(address(f"{name}_file", cycle.pk, "csv"))

    event = history(Cycle.objects.get(pk=cycle.pk))[-1]
    assert event.verb == f"export_{name}"
    assert event.detail == {"form": "csv", "rows": 1 if name == "completion" else 2}


def test_a_look_at_a_page_is_no_download(admin):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})
    before = AuditEvent.objects.count()

    admin.get(address("distribution", cycle.pk))

    assert AuditEvent.objects.count() == before


def test_thirty_files_an_hour_then_429_with_the_wait(admin):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})
    url = address("completion_file", cycle.pk, "csv")

    answers = [admin.get(url) for _ in range(31)]

    assert [a.status_code for a in answers] == [200] * 30 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600


def test_a_packet_comes_as_an_attachment_and_is_written_down(client):
    packet = released_packet(competencies=1, with_user=True)
    client.force_login(packet.person.user)

    response = client.get(address("packet_file", packet.pk))

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="jelena-petrovic'
    )
    assert [e.verb for e in history(packet)] == ["export_packet"]


def test_a_packet_of_somebody_else_answers_like_none_at_all(client):
    packet = released_packet(competencies=1)
    client.force_login(PersonFactory(with_user=True).user)

    foreign = client.get(address("packet_file", packet.pk))
    missing = client.get(address("packet_file", 987654321))

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert unmasked(foreign.text) == unmasked(missing.text)


def unmasked(html: str) -> str:
    """Without the token that Django masks anew for every page."""
    return re.sub(r'("csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"', r"\1", html)


def test_a_file_of_packets_from_the_button_to_the_shelf(
    client, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    packet = released_packet(competencies=1)
    packet.manager.user = UserFactory()
    packet.manager.save()
    client.force_login(packet.manager.user)

    client.post(address("request_export", packet.cycle_id))
    waiting = client.get(address("packet_exports", packet.cycle_id))
    export = Export.objects.get()
    assert 'hx-trigger="every 2s"' in waiting.text
    assert client.get(address("export_file", export.pk)).status_code == 404

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("request_export", packet.cycle_id))
    newest = Export.objects.first()
    fetched = client.get(address("export_file", newest.pk))
    whole = b"".join(fetched.streaming_content)

    assert (
        fetched.headers["Content-Disposition"] == f'attachment; filename="packets-{newest.pk}.zip"'
    )
    assert whole[:2] == b"PK"
    client.post(address("drop_export", newest.pk))
    assert client.get(address("export_file", newest.pk)).status_code == 404


def test_five_jobs_an_hour(client):
    packet = released_packet(competencies=1, with_user=True)
    client.force_login(packet.person.user)

    codes = [client.post(address("request_export", packet.cycle_id)).status_code for _ in range(6)]

    assert codes == [302] * 5 + [429]


def test_a_link_changes_nothing(admin):
    cycle = rated_cycle({"Design": [0, 9, 20, 9, 0]})

    assert admin.get(address("request_export", cycle.pk)).status_code == 405
    assert admin.get(address("drop_export", 1)).status_code == 405
