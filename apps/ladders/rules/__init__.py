"""How a ladder document is read, and what a level really expects: pure values in and out.

No database and no clock. Three libraries beyond the standard one are allowed in this room, because
reading documents is its work: markdown-it-py (CommonMark with line numbers), PyYAML, pydantic.
`read` turns bytes into a `Reading`; `to_json` prints it; `effective` computes what a level expects;
`match` compares two readings; `dump` and `load` are the canonical file.
"""

from apps.ladders.rules.canonical import dump, fingerprint, load
from apps.ladders.rules.content import (
    Area,
    Attribute,
    Competency,
    Coverage,
    Facet,
    Index,
    KpiGroup,
    Ladder,
    Level,
    Licence,
    Link,
    MergeRule,
    Metric,
    Mixin,
    Note,
    Reading,
    Reference,
    Refused,
    Repair,
    RoleProfile,
    Statement,
    Target,
    Track,
)
from apps.ladders.rules.document import counts, to_json
from apps.ladders.rules.effective import (
    CASCADES,
    Difference,
    Expectation,
    Expected,
    Provenance,
    count,
    cumulative_counts,
    difference,
    effective,
    levels_below,
    parents_of,
)
from apps.ladders.rules.identity import Match, Placed, match, placed, statement_id, with_kept_ids
from apps.ladders.rules.metrics import targets_of
from apps.ladders.rules.names import matching_form
from apps.ladders.rules.profile import ReadingProfile, profile_of
from apps.ladders.rules.reading import read
from apps.ladders.rules.repair import repaired

__all__ = [
    "CASCADES", "Area", "Attribute", "Competency", "Coverage", "Difference", "Expectation",
    "Expected", "Facet", "Index", "KpiGroup", "Ladder", "Level", "Licence", "Link", "Match",
    "MergeRule", "Metric", "Mixin", "Note", "Placed", "Provenance", "Reading", "ReadingProfile",
    "Reference", "Refused", "Repair", "RoleProfile", "Statement", "Target", "Track", "count",
    "counts", "cumulative_counts", "difference", "dump", "effective", "fingerprint", "levels_below", "load",
    "match", "matching_form", "parents_of", "placed", "profile_of", "read", "repaired",
    "statement_id", "targets_of", "to_json", "with_kept_ids",
]  # fmt: skip
