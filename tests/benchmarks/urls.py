"""The addresses of the house, and beside them one bare Django page to measure against."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from apps.people.models import Person

# One session, one user, one query, a hundred rows, 20 KB.
BARE = """<!doctype html><html><head><title>Bare</title></head><body><p>{{ user.email }}</p><table>
{% for person in people %}<tr class="row row-of-the-table"><td><a href="/people/{{ person.pk }}/">{{ person.name }}</a></td>
<td class="quiet small">{{ person.email }}</td><td>{{ person.job_title }}</td><td><time>{{ person.hired_on|date:"j F Y" }}</time></td></tr>
{% endfor %}</table></body></html>"""
template = None


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    global template
    template = template or engines["django"].from_string(BARE)
    people = Person.objects.order_by("pk")[:100]
    return HttpResponse(template.render({"people": people, "user": request.user}))


urlpatterns = [path("bare/", bare), path("", include("config.urls"))]

handler404 = "apps.core.errors.not_found"
