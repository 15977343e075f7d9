"""Every page of ladders: for whom, how many queries, what it shows, what a press does."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse

from apps.core.access import COMMAND_VIEWER, Viewer
from apps.core.models import AuditEvent
from apps.ladders import actions, pages
from apps.ladders.models import Ladder, LadderVersion, Level, Mixin, RoleProfile, StagedFile
from apps.ladders.states import VersionState
from tests.factories import NOON
from tests.factories.ladders import LadderVersionFactory
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db
SAMPLES = settings.BASE_DIR / "ladders"
READER = Viewer(person_id=1)


def document(name: str) -> actions.Document:
    return actions.Document(name, (SAMPLES / name).read_bytes())


def kept(*names: str, publish: bool = True) -> list[LadderVersion]:
    documents = [document(name) for name in names]
    pairs = list(zip(actions.readings_of(documents), documents, strict=True))
    done = actions.import_ladders(pairs, by=COMMAND_VIEWER, now=NOON, publish=publish)
    return [each.version for each in done]


def page_of(size: int) -> bytes:
    """A level page with `size` statements in each of three competencies."""
    body = "".join(
        f"## {name}\n\n" + "".join(f"- {name} thing {n}\n" for n in range(size)) + "\n"
        for name in ("Craft", "People", "Plans")
    )
    return f"# L3: Senior Baker\n\n{body}".encode()


@pytest.fixture
def reader(client):
    person = PersonFactory(with_user=True)
    client.force_login(person.user)
    return client


@pytest.fixture
def hr(client):
    client.force_login(PersonFactory(with_user=True, process_admin=True).user)
    return client


def test_the_matrix_shows_own_lines_totals_and_the_level_of_the_viewer(client):
    (version,) = kept("product-engineering.md")
    level = version.levels.get(band=3)
    person = PersonFactory(with_user=True, level=level)
    client.force_login(person.user)

    whole = client.get(reverse("ladders:ladder", args=[version.ladder_id]))
    html = whole.content.decode()

    assert html.count('scope="col"') == 7  # the viewer's own track, and the head of the rows
    assert "23 of its own, 69 in all" in html
    assert html.count('<th scope="col" class="own"') == 1
    part = client.get(
        reverse("ladders:ladder", args=[version.ladder_id]) + "?track=all",
        headers={"hx-request": "true"},
    ).content.decode()
    assert part.count('scope="col"') == 9
    assert "<html" not in part


def test_a_level_says_where_each_line_comes_from_and_takes_a_role(reader):
    (version,) = kept("product-engineering.md")
    level, role = version.levels.get(band=3), Mixin.objects.get(title="Integration Engineer")
    address = reverse("ladders:level", args=[level.pk])

    alone = reader.get(address).content.decode()
    together = reader.get(f"{address}?mixin={role.pk}&mixin=nonsense").content.decode()

    assert "69 statements in all: 23 of this level, 46 from other levels" in alone
    assert alone.count('class="statement inherited"') == 46
    assert "from Product Engineer II" in alone
    assert together.count('class="statement role"') == role.statements.count()
    assert f'name="mixin" value="{role.pk}" checked' in together


def test_examples_facets_attributes_and_references_stand_on_the_level(reader):
    support, analyst, _ = kept(
        "senior-support-engineer.md", "lead-analyst.md", "lead-operations.md"
    )

    html = reader.get(reverse("ladders:level", args=[support.levels.get().pk])).content.decode()
    assert html.count("examples, not rated") == 4
    assert "<details open>" in html
    assert "L2 Product Engineer" in html
    html = reader.get(reverse("ladders:level", args=[analyst.levels.get().pk])).content.decode()
    assert "They are not rated." in html
    assert "67 statements in all: 67 of this level" in html
    operations = Level.objects.get(title="Lead Operations")
    html = reader.get(reverse("ladders:level", args=[operations.pk])).content.decode()
    assert "senior-operations.md, and that document is not here yet" in html


def test_two_levels_are_held_side_by_side_by_what_they_expect_in_all(reader):
    (version,) = kept("product-engineering.md")
    two, three = version.levels.get(band=2), version.levels.get(band=3)

    below = reader.get(reverse("ladders:compare") + f"?second={three.pk}").content.decode()
    back = reader.get(reverse("ladders:compare") + f"?first={three.pk}&second={two.pk}")
    same = pages.compare(READER, first_id=two.pk, second_id=two.pk)

    assert "23 statements more, 0 less, 46 the same" in below
    assert "0 statements more, 23 less, 46 the same" in back.content.decode()
    assert same.totals == {"dropped": 0, "added": 0, "same": 46}
    assert reader.get(reverse("ladders:compare") + "?first=999999").status_code == 404


def test_role_profiles_have_typed_targets_and_no_levels(reader):
    (version,) = kept("go-to-market-plan.md")
    profile = RoleProfile.objects.order_by("position").first()

    whole = reader.get(reverse("ladders:ladder", args=[version.ladder_id])).content.decode()
    html = reader.get(reverse("ladders:role_profile", args=[profile.pk])).content.decode()

    assert whole.count("Months") >= 1
    assert html.count('class="statement"') == profile.responsibilities.count()
    assert "Targets of the team" in html
    assert not Level.objects.exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ladders", 2), ("ladder", 8), ("level", 8), ("compare", 7), ("version", 6)],
)
@pytest.mark.parametrize("size", [3, 300])
def test_a_page_costs_the_same_however_long_the_ladder(
    name, expected, size, django_assert_num_queries
):
    content = page_of(size)
    reading = actions.reading_of(actions.Document("baker.md", content))
    made = actions.import_ladders(
        [(reading, actions.Document("baker.md", content))],
        by=COMMAND_VIEWER,
        now=NOON,
        publish=True,
    )[0].version
    level = made.levels.get()
    asked = {
        "ladders": {"own_level_id": level.pk},
        "ladder": {"ladder_id": made.ladder_id},
        "level": {"level_id": level.pk},
        "compare": {"first_id": level.pk, "second_id": level.pk},
        "version": {"version_id": made.pk},
    }[name]

    with django_assert_num_queries(expected):
        page = getattr(pages, name)(READER, **asked)
    with django_assert_num_queries(0):
        html = render_to_string(f"ladders/{name}.html", {"page": page, "forms": pages.FORMS})

    assert "Senior Baker" in html


def test_a_draft_is_for_hr_alone_and_a_retired_version_stays_open(client):
    published, draft = (
        LadderVersionFactory(state=VersionState.RETIRED),
        LadderVersionFactory(state=VersionState.DRAFT),
    )
    client.force_login(PersonFactory(with_user=True).user)

    def status(version: LadderVersion) -> int:
        return client.get(reverse("ladders:version", args=[version.pk])).status_code

    assert (status(published), status(draft)) == (200, 404)
    bodies = {
        re.sub(
            r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+',
            r"\1",
            client.get(reverse("ladders:version", args=[pk])).content.decode(),
        )
        for pk in (draft.pk, 10**9)
    }
    assert len(bodies) == 1
    client.force_login(PersonFactory(with_user=True, process_admin=True).user)
    assert (status(published), status(draft)) == (200, 200)


def test_hr_sees_a_file_before_it_is_kept_and_keeps_what_was_seen(hr):
    content = (SAMPLES / "product-engineering.md").read_bytes()
    upload = SimpleUploadedFile("product-engineering.md", content)

    hr.post(reverse("ladders:stage_files"), {"documents": [upload]})
    shown = hr.get(reverse("ladders:import_ladder") + "?title=Engineers&cascade=across_tracks")
    html = shown.content.decode()

    assert "263 of 263 lines accounted for" in html
    assert '<td class="number">98</td><td class="number">120</td>' in html
    assert '<input type="hidden" name="cascade" value="across_tracks">' in html
    assert not LadderVersion.objects.exists()

    answer = hr.post(
        reverse("ladders:confirm_files"), {"title": "Engineers", "cascade": "across_tracks"}
    )

    version = LadderVersion.objects.get()
    assert answer.url == reverse("ladders:version", args=[version.pk])
    assert (version.ladder.title, version.cascade, version.state) == (
        "Engineers", "across_tracks", "draft",
    )  # fmt: skip
    assert not StagedFile.objects.exists()
    hr.post(reverse("ladders:publish_version", args=[version.pk]))
    assert LadderVersion.objects.published().get() == version
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "import_ladder",
        "publish_version",
    ]


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_kept(hr):
    upload = SimpleUploadedFile("thing.md", b"# A\n\n- caf\xe9\n")

    hr.post(reverse("ladders:stage_files"), {"documents": [upload]})
    html = hr.get(reverse("ladders:import_ladder")).content.decode()

    assert "thing.md, line 3:" in html
    assert "Make the draft" not in html
    hr.post(reverse("ladders:confirm_files"))
    assert not Ladder.objects.exists()
    assert hr.post(reverse("ladders:stage_files")).status_code == 422


def test_only_hr_imports_publishes_and_drops(reader):
    (version,) = kept("lead-analyst.md", publish=False)

    for name in ("import_ladder",):
        assert reader.get(reverse(f"ladders:{name}")).status_code == 403
    for name in ("stage_files", "confirm_files", "forget_files"):
        assert reader.post(reverse(f"ladders:{name}")).status_code == 403
    for name in ("publish_version", "discard_draft"):
        assert reader.post(reverse(f"ladders:{name}", args=[version.pk])).status_code == 404
    assert LadderVersion.objects.get().state == "draft"


@pytest.mark.parametrize("form", pages.FORMS)
@pytest.mark.parametrize("name", ["product-engineering.md", "go-to-market-plan.md"])
def test_every_form_leaves_as_a_file(reader, form, name):
    (version,) = kept(name)

    response = reader.get(reverse("ladders:export", args=[version.pk, form]))

    assert response.status_code == 200
    assert response["Content-Disposition"].endswith(f'-1.{form}"')
    assert len(response.content) > 0


def test_the_canonical_file_comes_back_as_it_left(reader):
    (version,) = kept("lead-analyst.md")
    exported = reader.get(reverse("ladders:export", args=[version.pk, "yaml"])).content

    reading = actions.reading_of(actions.Document("lead.yaml", exported))
    again = actions.import_ladder(
        reading, actions.Document("lead.yaml", exported), by=COMMAND_VIEWER, now=NOON
    )

    assert again.unchanged
    assert reader.get(reverse("ladders:export", args=[version.pk, "exe"])).status_code == 404
    source = version.sources.get()
    file = reader.get(reverse("ladders:source_file", args=[version.pk, source.pk]))
    assert file.content == (SAMPLES / "lead-analyst.md").read_bytes()
    assert file["Content-Disposition"].startswith("attachment")
