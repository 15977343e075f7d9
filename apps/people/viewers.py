"""From an account to the Viewer that the gate asks about. The only place where the two meet."""

from __future__ import annotations

from typing import cast

from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.core.access import Viewer
from apps.people.models import Person, User
from apps.people.states import Office

# A line longer than this is a mistake in the data (a cycle), and reading must not hang on it.
LONGEST_LINE = 60


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer for the account of a request, or nobody for an anonymous one.

    0 queries (the backend loads the person with the account). `above` costs one query for every
    four steps of the line, the first time that a row of a permission table asks for it.
    """
    user = request.user
    person = getattr(user, "person", None) if isinstance(user, User) else None
    if person is None:
        return Viewer(user_id=user.pk)
    return viewer_of_person(person, user_id=user.pk)


def viewer_of_person(person: Person, *, user_id: int | None = None) -> Viewer:
    roles = set()
    if person.is_process_admin:
        roles.add(Office.PROCESS_ADMIN.value)
    if person.is_content_admin:
        roles.add(Office.CONTENT_ADMIN.value)
    return Viewer(
        person_id=person.pk,
        user_id=user_id,
        roles=frozenset(roles),
        # Asked for by few pages (HR content, committees), so it is looked up when first asked.
        above=cast(frozenset[int], SimpleLazyObject(lambda: people_above(person))),
        name=person.name,
        time_zone=person.time_zone,
    )


def line_above(person_id: int) -> RawSQL:
    """The same ids as `people_above`, as a subquery: for a statement that is made once for everybody."""
    return RawSQL(
        "WITH RECURSIVE line(id) AS (SELECT manager_id FROM people_person WHERE id = %s UNION "
        "SELECT p.manager_id FROM people_person p JOIN line ON p.id = line.id) "
        "SELECT id FROM line WHERE id IS NOT NULL",
        [person_id],
    )


def people_above(person: Person) -> frozenset[int]:
    """Ids of the managers above, up to the top or to a cycle in the data."""
    above: set[int] = set()
    nearest = person.manager_id
    while nearest is not None and nearest not in above and len(above) < LONGEST_LINE:
        above.add(nearest)
        # Four steps at a time: most companies need one query.
        steps = (
            Person.objects.filter(pk=nearest)
            .values_list(
                "manager_id",
                "manager__manager_id",
                "manager__manager__manager_id",
                "manager__manager__manager__manager_id",
            )
            .first()
        )
        if steps is None:
            break
        for step in steps:
            if step is None or step in above:
                nearest = None
                break
            above.add(step)
            nearest = step
        else:
            above.discard(nearest)  # asked again as the next start
    return frozenset(above)
