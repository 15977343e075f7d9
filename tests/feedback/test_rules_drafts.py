"""What a draft remembers: every save and every text that lost, as one value that one DELETE takes away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.feedback.rules import CONFLICT, VERSIONS_KEPT, Conflict, Draft
from apps.feedback.rules.drafts import LONGEST_HISTORY

AT = "2026-03-02T12:00:00+00:00"
EDITS = st.lists(
    st.tuples(st.sampled_from("ab"), st.text(max_size=3), st.integers(0, 3)), max_size=30
)


def saved(draft, changes, base=None, **more):
    return draft.saved(changes, base=draft.revision if base is None else base, at=AT, **more)


def stored(draft):
    """As the next request reads it."""
    return Draft.of(draft.stored, draft.revision)


@given(EDITS)
def test_no_acknowledged_word_is_overwritten_unseen(edits):
    """A field changes only by a save that had seen its last change."""
    draft, last = Draft(), {}
    for field, text, behind in edits:
        seen = max(0, draft.revision - behind)
        try:
            after = stored(saved(draft, {field: text}, seen))
        except Conflict as conflict:
            told = (last[field][0] > seen, conflict.theirs)
            assert told == (True, {field: last[field][1]})
            continue
        if after.revision > draft.revision:
            assert field not in last or last[field][0] <= seen
            last[field] = (after.revision, text)
        draft = after
        assert draft.values == {name: words for name, (_, words) in last.items() if words}


@given(EDITS)
def test_every_version_is_read_back_as_it_stood_then(edits):
    draft, stood, lost = Draft(), {}, {}
    for field, text, behind in edits:
        seen = max(0, draft.revision - behind)
        try:
            draft = stored(saved(draft, {field: text}, seen))
        except Conflict as conflict:
            draft = stored(draft.beside({field: text}, conflict.theirs, at=AT))
            lost[draft.revision] = {field: text}
        stood[draft.revision] = dict(draft.values)

    past = draft.past()

    assert [p.revision for p in past] == sorted((p.revision for p in past), reverse=True)
    saves = [p for p in past if not p.why]
    assert [p.values for p in saves] == [stood[p.revision] for p in saves]
    assert {p.revision: p.changes for p in past if p.why == CONFLICT} == dict(
        sorted(lost.items())[-VERSIONS_KEPT:]
    )
    newest = sorted((r for r in stood if r and r not in lost), reverse=True)[:VERSIONS_KEPT]
    assert [p.revision for p in saves] == newest
    for revision in newest:
        again = saved(draft, draft.wanted(revision))
        assert again.values == stood[revision]


def test_a_save_on_top_of_a_revision_that_never_was_is_a_conflict():
    draft = saved(Draft(), {"a": "stands"})
    with pytest.raises(Conflict):
        saved(draft, {"a": "x"}, base=3)
    assert saved(draft, {"a": "stands"}, base=3) is draft


def test_a_text_that_lost_is_laid_over_and_takes_nothing_else_away():
    draft = saved(Draft(), {"a": "first", "b": "other"})
    draft = draft.beside({"a": "lost", "b": "other"}, {"a": "first"}, at=AT)
    assert draft.wanted(2) == {"a": "lost"}
    assert saved(draft, draft.wanted(2)).values == {"a": "lost", "b": "other"}


def test_restoring_empties_what_was_empty_then():
    draft = saved(saved(Draft(), {"a": "x"}), {"b": "y"})
    assert saved(draft, draft.wanted(1)).values == {"a": "x"}
    assert draft.wanted(9) is None


def test_the_same_key_is_found_again():
    draft = stored(saved(Draft(), {"a": "x"}, key="k-1"))
    draft = stored(saved(draft, {"a": "y"}, key="k-2"))
    assert [draft.answered(key) and draft.answered(key).revision for key in ("k-1", "k-2", "")] == [
        1,
        2,
        None,
    ]


def test_a_whole_form_is_read_as_what_was_typed_in_it():
    draft = saved(saved(Draft(), {"a": "x"}), {"b": "theirs"})
    assert draft.typed({"a": "mine", "b": ""}, 1) == {"a": "mine"}
    assert draft.typed({"a": "mine", "b": ""}, 0) == {"a": "mine"}
    assert draft.typed({"a": "x", "b": "theirs"}, 2) == {}


def test_very_long_texts_keep_fewer_versions_and_a_lost_one_is_never_pushed_out_by_saves():
    draft = saved(Draft(), {"a": "start"}).beside({"a": "lost"}, {"a": "start"}, at=AT)
    for number in range(30):
        draft = stored(saved(draft, {"a": str(number) + "x" * 60_000}))
    saves = [p for p in draft.past() if not p.why]
    assert 5 <= len(saves) < VERSIONS_KEPT
    assert sum(len(p.changes["a"]) for p in saves[1:]) <= LONGEST_HISTORY
    assert [p.changes for p in draft.past() if p.why] == [{"a": "lost"}]
