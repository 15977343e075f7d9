"""What each deed leaves behind: the row, the audit, the account, the tokens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied

from apps.core.access import COMMAND_VIEWER, Viewer
from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.people import actions
from apps.people.models import ApiToken, Department, Person, StagedImport, User
from apps.people.rules.lines import Loop
from apps.people.rules.table_file import Refused
from apps.people.rules.tokens import parse_key
from apps.people.states import Office, Scope
from apps.people.viewers import viewer_of_person
from tests.factories import NOON
from tests.factories.ladders import LevelFactory, MixinFactory
from tests.factories.people import ApiTokenFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def hr():
    return viewer_of_person(PersonFactory(process_admin=True))


def facts_of(person, **changes):
    return replace(
        actions.Facts(
            name=person.name,
            email=person.email,
            job_title=person.job_title,
            manager_id=person.manager_id,
            level_id=person.level_id,
            mixin_ids=frozenset(person.mixins.values_list("pk", flat=True)),
            hired_on=person.hired_on,
        ),
        **changes,
    )


def test_create_person_enters_somebody_without_an_account(hr):
    boss, mixin = PersonFactory(), MixinFactory()

    made = actions.create_person(
        actions.Facts(
            "Ada", "Ada@Example.com", manager_id=boss.pk, mixin_ids=frozenset({mixin.pk})
        ),
        by=hr,
        now=NOON,
    )

    assert (made.email, made.manager, made.user, list(made.mixins.all())) == (
        "ada@example.com", boss, None, [mixin],
    )  # fmt: skip
    assert history(made)[0].verb == "create_person"


def test_two_who_enter_the_same_address_are_told(hr):
    PersonFactory(email="ada@example.com")

    with pytest.raises(StaleState):
        actions.create_person(actions.Facts("Ada", "ADA@example.com"), by=hr, now=NOON)


def test_edit_person_moves_the_account_with_the_address_and_says_what_changed(hr):
    person, level = PersonFactory(with_user=True), LevelFactory()
    EmailAddress.objects.create(user=person.user, email=person.email, verified=True)

    actions.edit_person(
        person, facts_of(person, email="new@example.com", level_id=level.pk), by=hr, now=NOON
    )

    assert User.objects.get(pk=person.user_id).email == "new@example.com"
    assert not EmailAddress.objects.exists()
    event = history(person)[-1]
    assert (event.verb, event.detail) == (
        "edit_person",
        {"fields": ["email", "level_id"], "level_from": None, "level_to": level.pk},
    )


def test_an_address_that_another_account_has_is_refused(hr):
    person = PersonFactory(with_user=True)
    UserFactory(email="taken@example.com")

    with pytest.raises(actions.AddressTaken):
        actions.edit_person(person, facts_of(person, email="taken@example.com"), by=hr, now=NOON)


def test_editing_nothing_records_nothing(hr):
    person = PersonFactory()

    actions.edit_person(person, facts_of(person), by=hr, now=NOON)

    assert history(person) == []


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_change_manager_refuses_a_ring(hr, steps):
    line = [PersonFactory()]
    for _ in range(steps):
        line.append(PersonFactory(manager=line[-1]))

    with pytest.raises(Loop):
        actions.change_manager(line[0], line[-1], by=hr, now=NOON)

    assert Person.objects.get(pk=line[0].pk).manager is None


def test_change_manager_may_set_and_take_away(hr):
    person, boss = PersonFactory(), PersonFactory()

    actions.change_manager(person, boss, by=hr, now=NOON)
    actions.change_manager(person, None, by=hr, now=NOON)

    assert Person.objects.get(pk=person.pk).manager is None
    assert [e.detail for e in history(person)] == [
        {"manager_from": None, "manager_to": boss.pk},
        {"manager_from": boss.pk, "manager_to": None},
    ]


@pytest.mark.parametrize("office", Office)
def test_an_office_is_granted_once_and_revoked_once(hr, office):
    person = PersonFactory()

    given = [actions.grant_office(person, office, by=hr, now=NOON) for _ in range(2)]
    taken = [actions.revoke_office(person, office, by=hr, now=NOON) for _ in range(2)]

    assert (given, taken) == ([True, False], [True, False])
    assert [e.verb for e in history(person)] == ["grant_office", "revoke_office"]


def test_nobody_grants_an_office_to_themself_or_without_being_an_admin(hr):
    me, other = Person.objects.get(pk=hr.person_id), PersonFactory()

    with pytest.raises(PermissionDenied):
        actions.grant_office(me, Office.CONTENT_ADMIN, by=hr, now=NOON)
    with pytest.raises(PermissionDenied):
        actions.grant_office(other, Office.CONTENT_ADMIN, by=viewer_of_person(other), now=NOON)
    content = viewer_of_person(PersonFactory(content_admin=True))
    with pytest.raises(PermissionDenied):
        actions.grant_office(other, Office.PROCESS_ADMIN, by=content, now=NOON)

    assert not Person.objects.filter(is_content_admin=True, pk__in=[me.pk, other.pk]).exists()
    assert actions.grant_office(other, Office.CONTENT_ADMIN, by=COMMAND_VIEWER, now=NOON)


def test_leave_closes_the_account_and_revokes_the_tokens(hr, client):
    person = PersonFactory(with_user=True)
    token = ApiTokenFactory(person=person)

    actions.leave(person, TODAY, by=hr, now=NOON)

    assert not User.objects.get(pk=person.user_id).is_active
    assert ApiToken.objects.get(pk=token.pk).revoked_at == NOON
    assert history(person)[-1].detail == {"left_on": TODAY.isoformat()}


def test_a_leave_in_the_future_closes_nothing_until_its_day(hr):
    person = PersonFactory(with_user=True)
    day = TODAY + timedelta(days=10)

    actions.leave(person, day, by=hr, now=NOON)
    early = actions.close_accounts(now=NOON)
    there = [actions.close_accounts(now=NOON + timedelta(days=n)) for n in (10, 11)]

    assert (early, there) == (0, [1, 0])
    assert not User.objects.get(pk=person.user_id).is_active


def test_nobody_leaves_before_joining(hr):
    person = PersonFactory()

    with pytest.raises(ValueError):
        actions.leave(person, person.hired_on - timedelta(days=1), by=hr, now=NOON)


def test_return_to_work_opens_the_account_and_no_token(hr):
    person = PersonFactory(with_user=True)
    token = ApiTokenFactory(person=person)
    actions.leave(person, TODAY, by=hr, now=NOON)

    actions.return_to_work(person, by=hr, now=NOON)

    assert User.objects.get(pk=person.user_id).is_active
    assert ApiToken.objects.get(pk=token.pk).revoked_at == NOON


def test_open_account_gives_an_account_that_needs_a_password_first(hr):
    person = PersonFactory()

    actions.open_account(person, by=hr, now=NOON)

    user = User.objects.get(person=person)
    assert (user.email, user.has_usable_password(), user.is_active) == (person.email, False, True)


def test_an_account_of_the_same_address_becomes_the_persons_own(hr):
    account, person = UserFactory(email="ada@example.com"), PersonFactory(email="ada@example.com")

    actions.open_account(person, by=hr, now=NOON)

    assert Person.objects.get(pk=person.pk).user == account


def test_the_key_of_a_token_is_kept_nowhere():
    person = PersonFactory(with_user=True)

    token, key = actions.issue_token(
        person, name="script", scope=Scope.READ, days=30, by=viewer_of_person(person), now=NOON
    )

    _, secret = parse_key(key)
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert row["expires_at"] == NOON + timedelta(days=30)
    assert history(token)[0].detail == {"scope": "read", "days": 30}


def test_nobody_makes_or_revokes_a_token_of_somebody_else():
    token, stranger = ApiTokenFactory(), viewer_of_person(PersonFactory(process_admin=True))

    with pytest.raises(PermissionDenied):
        actions.revoke_token(token, by=stranger, now=NOON)
    with pytest.raises(PermissionDenied):
        actions.issue_token(
            token.person, name="x", scope=Scope.READ, days=30, by=stranger, now=NOON
        )

    assert ApiToken.objects.get().revoked_at is None


def test_nobody_needs_more_than_twenty_live_tokens():
    person = PersonFactory(with_user=True)
    ApiTokenFactory.create_batch(20, person=person)

    with pytest.raises(actions.TooMany):
        actions.issue_token(
            person, name="x", scope=Scope.READ, days=30, by=viewer_of_person(person), now=NOON
        )


# ---- files ----

FILE = """name,email,manager_email,department,location,level,mixins,employee_number,left_on
Ada,ada@example.com,,Board,Oslo,,,1,
Bo,bo@example.com,ada@example.com,Sales,Oslo,{level},{mixin},2,
Cy,cy@example.com,bo@example.com,sales,Oslo,,,3,2026-01-01
"""


@pytest.fixture
def company():
    level = LevelFactory(title="Seller")
    mixin = MixinFactory(version=level.version, title="Coach")
    return FILE.format(level="Seller", mixin="Coach"), level, mixin


def import_file(text, by, **kwargs):
    return actions.import_people(text.encode(), by=by, now=NOON, **kwargs)


def test_a_file_enters_a_company_and_twice_changes_nothing(company, hr):
    text, level, mixin = company

    first = import_file(text, hr, with_accounts=True)
    events = sum(len(history(p)) for p in Person.objects.all())
    second = import_file(text, hr, with_accounts=True)

    bo = Person.objects.get(email="bo@example.com")
    assert (bo.manager.name, bo.level, list(bo.mixins.all()), bo.department.name) == (
        "Ada", level, [mixin], "Sales",
    )  # fmt: skip
    assert (len(first.created), second.is_empty, second.unchanged) == (3, True, 3)
    assert list(Department.objects.values_list("name", flat=True)) == ["Board", "Sales"]
    assert User.objects.filter(is_active=True, person__isnull=False).count() == 2
    assert (events, sum(len(history(p)) for p in Person.objects.all())) == (3, 3)


def test_a_dry_run_shows_the_same_and_writes_nothing(company, hr):
    text, *_ = company

    shown = import_file(text, hr, dry_run=True)
    before = Person.objects.count()
    taken = import_file(text, hr)

    assert before == 1
    assert shown == taken


def test_a_refused_file_writes_nothing(company, hr):
    text, *_ = company

    with pytest.raises(Refused):
        import_file(text + "Di,di@example.com,nobody@example.com,,,,,,\n", hr)

    assert Person.objects.count() == 1
    assert not Department.objects.exists()


def test_a_file_changes_managers_swaps_numbers_and_closes_accounts(company, hr):
    text, *_ = company
    import_file(text, hr, with_accounts=True)
    changed = (
        "name,email,manager_email,employee_number,left_on\n"
        "Ada,ada@example.com,bo@example.com,2,\nBo,bo@example.com,,1,\n"
        "Cy,cy@example.com,,3,\n"
    )

    import_file(changed, hr)
    import_file("name,email,left_on\nAda,ada@example.com,2026-11-20", hr)

    ada, bo = (Person.objects.get(email=f"{n}@example.com") for n in ("ada", "bo"))
    assert (ada.manager, bo.manager, ada.employee_number, bo.employee_number) == (
        bo,
        None,
        "2",
        "1",
    )
    assert (ada.user.is_active, bo.user.is_active) == (False, True)
    assert bo.level is not None


def test_only_hr_takes_files(company):
    text, *_ = company

    with pytest.raises(PermissionDenied):
        import_file(text, viewer_of_person(PersonFactory(content_admin=True)))
    with pytest.raises(PermissionDenied):
        import_file(text, Viewer())


def test_hr_does_not_change_their_own_level_by_file(company, hr):
    me = Person.objects.get(pk=hr.person_id)

    with pytest.raises(Refused, match="your own"):
        import_file(f"name,email,level\n{me.name},{me.email},Seller", hr)


def test_a_staged_file_is_taken_as_it_was_looked_at_and_then_gone(company, hr):
    text, *_ = company
    staged = actions.stage_import(
        text.encode(), name="people.csv", with_accounts=False, by=hr, now=NOON
    )
    seen = import_file(text, hr, dry_run=True).fingerprint

    with pytest.raises(StaleState):
        actions.confirm_import(staged, seen="else", by=hr, now=NOON)
    with pytest.raises(StaleState):
        actions.confirm_import(staged, seen=seen, by=hr, now=NOON + timedelta(hours=2))
    actions.confirm_import(staged, seen=seen, by=hr, now=NOON)

    assert Person.objects.count() == 4
    assert not StagedImport.objects.exists()


def test_staging_again_replaces_and_forgets_what_others_left_behind(hr):
    other = viewer_of_person(PersonFactory(process_admin=True))
    actions.stage_import(b"a", name="old.csv", with_accounts=False, by=other, now=NOON - timedelta(hours=2))  # fmt: skip
    actions.stage_import(b"a", name="one.csv", with_accounts=False, by=hr, now=NOON)
    actions.stage_import(b"b", name="two.csv", with_accounts=False, by=hr, now=NOON)

    assert [s.name for s in StagedImport.objects.all()] == ["two.csv"]
    actions.discard_import(by=other)
    assert StagedImport.objects.count() == 1
    actions.discard_import(by=hr)
    assert StagedImport.objects.count() == 0


def test_a_line_of_a_thousand_is_taken_without_recursion_in_few_queries(
    hr, django_assert_max_num_queries
):
    rows = [f"P{n},p{n}@example.com,{f'p{n - 1}@example.com' if n else ''}" for n in range(1000)]

    with django_assert_max_num_queries(60):
        import_file("name,email,manager_email\n" + "\n".join(rows), hr)

    assert Person.objects.get(email="p999@example.com").manager.email == "p998@example.com"
