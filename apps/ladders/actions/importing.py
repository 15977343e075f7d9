"""From documents to draft versions: all of them or none, and the same bytes twice change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.core.access import Viewer
from apps.core.audit import record
from apps.core.confined import TooMuch, confined
from apps.ladders.access import staged_gate, version_gate
from apps.ladders.actions.publishing import publish_version
from apps.ladders.actions.resolving import resolve_references
from apps.ladders.actions.storing import store
from apps.ladders.models import Ladder, LadderVersion, SourceDocument, StagedFile
from apps.ladders.rules import (
    Match,
    Reading,
    ReadingProfile,
    Refused,
    dump,
    fingerprint,
    load,
    match,
    placed,
    read,
    with_kept_ids,
)
from apps.ladders.rules.names import key_of
from apps.ladders.rules.source import MAX_BYTES

KEPT_FOR = timedelta(hours=1)
MOST_FILES = 20
TOO_MUCH = {
    "time": "reading it took more than half a minute, so it was stopped. Split the file.",
    "memory": "reading it took too much memory, so it was stopped. Split the file.",
}


@dataclass(frozen=True)
class Document:
    """A file as it came."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Imported:
    """What became of one document; `found` compares it with the version before, if there is one."""

    version: LadderVersion
    unchanged: bool
    found: Match | None


def reading_of(
    document: Document,
    *,
    profile: ReadingProfile | None = None,
    known_files: Iterable[str] = (),
) -> Reading:
    """Read one document in a process of its own. Errors: Refused, also for what takes too much."""
    known = tuple(known_files)
    try:
        return confined(
            read, document.content, name=document.name, profile=profile, known_files=known
        )
    except TooMuch as much:
        raise Refused(TOO_MUCH[much.what], name=document.name, line=1) from much


def readings_of(
    documents: Sequence[Document],
    *,
    profile: ReadingProfile | None = None,
    known_files: Iterable[str] = (),
) -> list[Reading]:
    """Read documents that may point at each other. Errors: Refused, naming file and line."""
    known = {*known_files, *(document.name for document in documents)}
    found = []
    for document in documents:
        reading = reading_of(document, profile=profile, known_files=known - {document.name})
        _refuse_unrecognised(reading, document)
        found.append(reading)
    return found


def import_ladder(reading: Reading, document: Document, *, by: Viewer, now: datetime) -> Imported:
    """Keep one reading as a draft. See import_ladders."""
    return import_ladders([(reading, document)], by=by, now=now)[0]


@transaction.atomic
def import_ladders(
    read_documents: Sequence[tuple[Reading, Document]],
    *,
    by: Viewer,
    now: datetime,
    publish: bool = False,
) -> list[Imported]:
    """Keep readings as draft versions, each of the ladder with its title; all of them or none.

    Arguments: readings with the documents they were read from; `publish` also publishes each draft.
    Result: one Imported each. A document that says what the newest version says makes no version.
    Statement ids are kept from the newest version. Errors: Refused naming file and line.
    """
    version_gate.require(by, "import_ladder", LadderVersion())
    _refuse_namesakes(read_documents)
    done = [_import(reading, document, by=by, now=now) for reading, document in read_documents]
    resolve_references(done_version.version for done_version in done)
    if publish:
        for each in done:
            if each.version.state == "draft":
                publish_version(each.version, by=by, now=now)
    return done


def _refuse_unrecognised(reading: Reading, document: Document) -> None:
    if reading.kind == "unrecognised":
        raise Refused(f"no ladder was found in it: {reading.why}", name=document.name, line=1)


def _refuse_namesakes(read_documents: Sequence[tuple[Reading, Document]]) -> None:
    seen: dict[str, str] = {}
    for reading, document in read_documents:
        _refuse_unrecognised(reading, document)
        key = key_of(reading.ladder.title)
        if key in seen:
            raise Refused(
                f"it has the title “{reading.ladder.title}”, and so has {seen[key]}. "
                "Import one of them alone and give it another title.",
                name=document.name,
                line=reading.ladder.line,
            )
        seen[key] = document.name


def _import(reading: Reading, document: Document, *, by: Viewer, now: datetime) -> Imported:
    ladder, _ = Ladder.objects.select_for_update().get_or_create(
        key=key_of(reading.ladder.title), defaults={"title": reading.ladder.title[:200]}
    )
    newest = ladder.versions.order_by("-number").first()
    content, found = reading.ladder, None
    if newest is not None and newest.canonical:
        found = match(placed(load(newest.canonical)), placed(content))
        content = with_kept_ids(content, found)
    mark = fingerprint(content)
    if newest is not None and newest.fingerprint == mark:
        return Imported(newest, True, found)
    version = LadderVersion.objects.create(
        ladder=ladder,
        number=newest.number + 1 if newest else 1,
        kind=reading.kind,
        shape=reading.shape,
        why=reading.why,
        cascade=content.cascade,
        summary=next((level.summary for level in content.levels[:1]), ""),
        licence=_cut(content.licence.name if content.licence else ""),
        attribution=_cut(content.licence.text if content.licence else ""),
        fingerprint=mark,
        canonical=dump(content),
        coverage_claimed=reading.coverage.claimed,
        coverage_total=reading.coverage.total,
        warnings=list(reading.warnings),
        imported_at=now,
    )
    SourceDocument.objects.create(
        version=version,
        name=document.name[-255:],
        sha256=reading.sha256,
        content=document.content,
        repairs=[
            {"line": r.line, "charset": r.charset, "before": r.before, "after": r.after}
            for r in reading.repairs
        ],
    )
    store(version, content, name=document.name)
    record("import_ladder", version, by=by, at=now, fingerprint=mark)
    return Imported(version, False, found)


def _cut(text: str) -> str:
    """A field for the foot of a page; the whole sentence stays in the canonical form."""
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:299]}…"


@transaction.atomic
def stage_files(documents: Sequence[Document], *, by: Viewer, now: datetime) -> list[StagedFile]:
    """Keep uploads until their preview is confirmed; newer ones take their place.

    Errors: Refused when one is too large or there are too many.
    """
    version_gate.require(by, "import_ladder", LadderVersion())
    if len(documents) > MOST_FILES:
        raise Refused(f"at most {MOST_FILES} files are read at once.", name=documents[0].name)
    for document in documents:
        if len(document.content) > MAX_BYTES:
            raise Refused("the file is larger than 10 MB.", name=document.name)
    StagedFile.objects.filter(staged_at__lt=now - KEPT_FOR).delete()
    StagedFile.objects.filter(person_id=by.person_id).delete()
    return [
        StagedFile.objects.create(
            person_id=by.person_id, name=d.name[-255:], content=d.content, staged_at=now
        )
        for d in documents
    ]


def forget_files(*, by: Viewer, now: datetime) -> None:
    """Drop what this person has staged, and what lay too long."""
    staged_gate.visible(by, StagedFile.objects.all(), "read_staged").delete()
    StagedFile.objects.filter(staged_at__lt=now - KEPT_FOR).delete()
