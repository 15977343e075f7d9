"""What changed outside a cycle, answered by HR; and a review given to another manager."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.keys import key_in
from apps.reviews import actions, pages
from apps.reviews.forms import changes as forms
from apps.reviews.rules.phases import Hindered

LONGEST_REASON = 200  # characters, as the column has it


@require_GET
def changes(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.changes(
        request.viewer,
        cycle_id=cycle_id,
        on=timezone.localdate(),
        kind=request.GET.get("kind", "")[:20],
        number=request.GET.get("page", 1),
        who=request.GET.get("who", "").strip()[:80],
    )
    return render(request, "reviews/changes.html", {"page": page})


@require_GET
def change_counts(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """The part of the board that says how much changed; htmx asks for it once the board is there."""
    page = pages.change_counts(request.viewer, cycle_id=cycle_id, on=timezone.localdate())
    return render(request, "reviews/_change_counts.html", {"page": page})


@require_POST
def settle_changes(request: HttpRequest, cycle_id: int) -> HttpResponse:
    cycle = pages.changing_cycle(request.viewer, cycle_id=cycle_id)
    form = forms.SettleChangesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the answers on the page."))
        return redirect("reviews:changes", cycle_id)
    given = form.cleaned_data
    try:
        count = actions.settle_changes(
            cycle,
            kind=given["kind"],
            answer=given["answer"],
            keys=given["key"],
            by=request.viewer,
            now=timezone.now(),
        )
    except KeyError as unknown:
        raise Http404 from unknown
    except Hindered as hindered:
        messages.error(request, _("Nothing was changed."))
        for reason in hindered.reasons:
            messages.error(request, reason)
    else:
        words = ngettext("%(count)d change answered.", "%(count)d changes answered.", count)
        messages.success(request, words % {"count": count})
    return redirect(f"{reverse('reviews:changes', args=[cycle_id])}?kind={given['kind']}")


@require_POST
def leave_out(request: HttpRequest, cycle_id: int, person_id: int) -> HttpResponse:
    cycle, person = pages.joiner(request.viewer, cycle_id=cycle_id, person_id=person_id)
    reason = request.POST.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        messages.error(request, _("Say why in at most 200 characters."))
        return redirect("reviews:changes", cycle_id)
    try:
        actions.leave_out(
            cycle,
            person,
            reason=reason,
            by=request.viewer,
            now=timezone.now(),
        )
    except Hindered as hindered:
        messages.error(request, str(hindered))
    else:
        said = _("%(name)s is not in this cycle. The reason is kept with it.")
        messages.success(request, said % {"name": person.name})
    return redirect("reviews:changes", cycle_id)


@require_http_methods(["GET", "HEAD", "POST"])
def delegate_review(request: HttpRequest, participant_id: int) -> HttpResponse:
    today = timezone.localdate()
    who = request.GET.get("who", "").strip()[:80]
    page = pages.delegate_review(request.viewer, participant_id=participant_id, on=today, who=who)
    if request.method != "POST":
        return render(request, "reviews/delegate_review.html", {"page": page})
    key = key_in(request.POST.get("person", ""))
    if key is None:
        messages.error(request, _("Choose who shall review."))
        return redirect("reviews:delegate_review", participant_id)
    to = pages.taker(request.viewer, person_id=key, on=today)
    try:
        actions.delegate_review(
            page.participant,
            to,
            with_draft=request.POST.get("draft") == "with",
            by=request.viewer,
            now=timezone.now(),
        )
    except Hindered as hindered:
        messages.error(request, str(hindered))
        return redirect("reviews:delegate_review", participant_id)
    said = _("%(name)s reviews %(person)s in this cycle.")
    messages.success(request, said % {"name": to.name, "person": page.participant.person.name})
    if request.POST.get("back") == "changes":
        return redirect("reviews:changes", page.participant.cycle_id)
    return redirect("reviews:participant", participant_id)
