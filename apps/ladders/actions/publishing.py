"""Publishing a draft, and dropping one. A published version is never written again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.workflow import StaleState, advance
from apps.ladders.access import version_gate
from apps.ladders.actions.resolving import reopen_references, resolve_references
from apps.ladders.models import Ladder, LadderVersion, Reference
from apps.ladders.states import MOVES, VersionState


@transaction.atomic
def publish_version(version: LadderVersion, *, by: Viewer, now: datetime) -> None:
    """Make a draft the version of its ladder; the one before is retired and stays readable.

    References elsewhere that waited for its levels close. Errors: PermissionDenied, StaleState.
    """
    version_gate.require(by, "publish_version", version)
    Ladder.objects.select_for_update().get(pk=version.ladder_id)
    before = LadderVersion.objects.published().filter(ladder=version.ladder_id)
    for old in before:
        advance(old, MOVES["retire_version"])
        record("retire_version", old, by=by, at=now)
    advance(version, MOVES["publish_version"], published_at=now)
    # PRIVACY: what colleagues read never leads into a draft.
    drafts = Reference.objects.filter(
        version=version, target_level__version__state=VersionState.DRAFT
    )
    reopen_references(drafts.exclude(target_level__version=version))
    resolve_references()
    record("publish_version", version, by=by, at=now, number=version.number)


@transaction.atomic
def discard_draft(version: LadderVersion, *, by: Viewer, now: datetime) -> None:
    """Drop a draft with everything in it; the ladder goes too when nothing else is left of it.

    Errors: PermissionDenied for anything but a draft; StaleState when it has just been published.
    """
    version_gate.require(by, "discard_draft", version)
    draft = LadderVersion.objects.select_for_update().filter(
        pk=version.pk, state=VersionState.DRAFT
    )
    if not draft.exists():
        raise StaleState(f"{version} is no draft any more")
    record("discard_draft", version, by=by, at=now, number=version.number)
    reopen_references(Reference.objects.filter(target_level__version=version))
    try:
        draft.delete()
    except ProtectedError as held:
        raise StaleState(f"somebody stands on a level of {version}") from held
    Ladder.objects.filter(pk=version.ladder_id, versions=None).delete()
