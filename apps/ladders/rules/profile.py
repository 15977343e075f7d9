"""The profile file beside a source: what its text cannot decide and a person says.

A small YAML file, checked with pydantic (a written exception, like PyYAML, to "rules import only
the standard library"). Everything is optional; nothing is guessed from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import yaml
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from apps.ladders.rules.content import Competency, Ladder, Level, MergeRule, Refused
from apps.ladders.rules.names import matching_form
from apps.ladders.rules.yaml_tree import compose

Merge = Literal["replace", "add"]


class ReadingProfile(BaseModel):
    """How one source is to be read. See `ladders/README.md` for an example."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reader: Literal["A", "B", "C", "P", "canonical"] | None = Field(
        default=None, validation_alias=AliasChoices("reader", "shape")
    )
    title: str = ""
    cascade: Literal["none", "within_track", "across_tracks"] | None = None
    mixin_merge: Merge | dict[str, Merge] | None = None
    aliases: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    level_order: tuple[str, ...] = ()

    def ignores(self, text: str) -> bool:
        """Is this heading or bullet to be left out (and kept as a note)?"""
        return matching_form(text) in {matching_form(each) for each in self.ignore}


def profile_of(text: str, *, name: str = "profile") -> ReadingProfile:
    """Parse a profile file. Raises Refused naming the line of what is not understood."""
    node = compose(text, name=name)
    if node is None:
        return ReadingProfile()
    lines: dict[str, int] = {}
    if isinstance(node, yaml.MappingNode):
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    try:
        return ReadingProfile.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        line = lines.get(str(first["loc"][0])) if first["loc"] else 1
        raise Refused(f"“{where}”: {first['msg'].lower()}.", name=name, line=line) from error


def with_profile(ladder: Ladder, profile: ReadingProfile) -> tuple[Ladder, tuple[str, ...]]:
    """The ladder as the profile wants it, and a warning for each name the profile does not find."""
    warnings: list[str] = []
    if profile.title:
        ladder = replace(ladder, title=profile.title)
    if profile.cascade:
        ladder = replace(ladder, cascade=profile.cascade)
    if profile.mixin_merge:
        ladder = _merged(ladder, profile.mixin_merge)
    for alias, title in profile.aliases.items():
        renamed = _aliased(ladder, alias, title)
        if renamed == ladder:
            warnings.append(f"The profile's alias “{alias}” for “{title}” matches nothing.")
        ladder = renamed
    if profile.level_order:
        known = {matching_form(n) for level in ladder.levels for n in _names(level)}
        warnings += [
            f"The profile orders a level “{each}” that is not in the document."
            for each in profile.level_order
            if matching_form(each) not in known
        ]
        ladder = _ordered(ladder, profile.level_order)
    return ladder, tuple(warnings)


def _names(level: Level) -> tuple[str, ...]:
    return (level.key, level.title, level.code, *level.aliases)


def _merged(ladder: Ladder, wanted: Merge | dict[str, Merge]) -> Ladder:
    def how(rule: MergeRule) -> MergeRule:
        if isinstance(wanted, str):
            return replace(rule, how=wanted)
        chosen = {matching_form(name): merge for name, merge in wanted.items()}
        return replace(rule, how=chosen.get(matching_form(rule.competency), rule.how))

    mixins = tuple(replace(m, merge=tuple(map(how, m.merge))) for m in ladder.mixins)
    return replace(ladder, mixins=mixins)


def _aliased(ladder: Ladder, alias: str, title: str) -> Ladder:
    wanted = matching_form(title)

    def level_named(level: Level) -> Level:
        if wanted in map(matching_form, _names(level)) and alias not in level.aliases:
            level = replace(level, aliases=(*level.aliases, alias))
        return replace(level, competencies=tuple(map(competency_named, level.competencies)))

    def competency_named(row: Competency) -> Competency:
        same = matching_form(row.name) == matching_form(alias)
        return replace(row, name=title) if same else row

    return replace(
        ladder,
        levels=tuple(map(level_named, ladder.levels)),
        mixins=tuple(
            replace(m, competencies=tuple(map(competency_named, m.competencies)))
            for m in ladder.mixins
        ),
    )


def _ordered(ladder: Ladder, order: tuple[str, ...]) -> Ladder:
    place = {matching_form(name): n for n, name in enumerate(order)}

    def rank(level: Level) -> int:
        found = [place[n] for n in map(matching_form, _names(level)) if n in place]
        return min(found, default=len(place))

    levels = {level.key: level for level in ladder.levels}
    tracks = tuple(
        replace(track, levels=tuple(sorted(track.levels, key=lambda key: rank(levels[key]))))
        for track in ladder.tracks
    )
    return replace(ladder, tracks=tracks, levels=tuple(sorted(ladder.levels, key=rank)))
