"""The canonical form of a ladder: one YAML file, `format: ladder/1`.

Level first, one statement per line with its id and source line, fixed key order, text always
quoted. `load(dump(x)) == x` and `dump(load(f)) == f` for every file that `dump` wrote. A file
written by hand may leave out ids, keys and lines: they are derived, and the next dump has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml

from apps.ladders.rules.content import (
    Competency,
    Facet,
    KpiGroup,
    Ladder,
    Level,
    Licence,
    Mixin,
    Refused,
    RoleProfile,
    Statement,
)
from apps.ladders.rules.identity import Ids
from apps.ladders.rules.names import key_of
from apps.ladders.rules.yaml_tree import compose

FORMAT = "ladder/1"
_BLOCKS = (Ladder, Licence, Level, Mixin, Facet, Competency, KpiGroup, RoleProfile)
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_CHOICES = {
    "cascade": ("none", "within_track", "across_tracks"),
    "how": ("replace", "add"),
    "comparator": (
        "ge", "gt", "le", "lt", "eq", "decrease_by", "increase_by", "ratio", "qualitative",
    ),
    "status": None,
}  # fmt: skip


def dump(ladder: Ladder) -> str:
    """The ladder as canonical YAML; equal ladders give equal text."""
    return "\n".join([f'format: "{FORMAT}"', *_lines(ladder, "")]) + "\n"


def fingerprint(ladder: Ladder) -> str:
    """sha256 of the canonical form, whatever else is here that its links may lead to."""
    apart = replace(
        ladder,
        links=tuple(replace(link, status="ok") for link in ladder.links),
        references=tuple(replace(each, status="unresolved") for each in ladder.references),
    )
    return sha256(dump(apart).encode()).hexdigest()


def _lines(value: Any, indent: str) -> Iterator[str]:
    for each in fields(value):
        content = getattr(value, each.name)
        if _is_default(each, content):
            continue
        if isinstance(content, tuple) and content and is_dataclass(content[0]):
            yield f"{indent}{each.name}:"
            for row in content:
                if isinstance(row, _BLOCKS):
                    inner = list(_lines(row, indent + "    "))
                    yield f"{indent}  - {inner[0].strip()}"
                    yield from inner[1:]
                else:
                    yield f"{indent}  - {_flow(row)}"
        elif isinstance(content, _BLOCKS):
            yield f"{indent}{each.name}:"
            yield from _lines(content, indent + "  ")
        else:
            yield f"{indent}{each.name}: {_flow(content)}"


def _is_default(each: Field[Any], content: object) -> bool:
    return each.default is not MISSING and bool(content == each.default)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if is_dataclass(value) and not isinstance(value, type):
        parts = [
            f"{each.name}: {_flow(getattr(value, each.name))}"
            for each in fields(value)
            if not _is_default(each, getattr(value, each.name))
        ]
        return f"{{{', '.join(parts)}}}"
    if value is None:
        return "null"
    number = repr(value)
    return number.replace("e", ".0e") if "e" in number and "." not in number else number


def load(text: str, *, name: str = "document") -> Ladder:
    """The ladder that canonical YAML describes. Raises Refused naming file and line."""
    node = compose(text, name=name)
    if not isinstance(node, yaml.MappingNode):
        raise Refused("a ladder file is a mapping that begins with its format.", name=name, line=1)
    head = [(key, value) for key, value in node.value if key.value == "format"]
    if not head or head[0][1].value != FORMAT:
        line = head[0][0].start_mark.line + 1 if head else 1
        raise Refused(f"the first line must say “format: {FORMAT}”.", name=name, line=line)
    node.value = [pair for pair in node.value if pair[0].value != "format"]
    ladder: Ladder = _Reader(name).build(Ladder, node, ())
    _check(ladder, node, name)
    return ladder


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


class _Reader:
    """Turns YAML nodes into the words of `content`, with the line of everything it refuses."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ids = Ids()

    def refuse(self, node: yaml.Node, reason: str) -> Refused:
        return Refused(reason, name=self.name, line=node.start_mark.line + 1)

    def build(self, kind: type, node: yaml.Node, place: tuple[str, ...]) -> Any:
        given: dict[str, yaml.Node] = {}
        if kind is Statement and isinstance(node, yaml.ScalarNode):
            given["text"] = node
        elif not isinstance(node, yaml.MappingNode):
            raise self.refuse(node, f"a {kind.__name__.lower()} is written as key: value pairs.")
        else:
            for key, value in node.value:
                if key.value in given:
                    raise self.refuse(key, f"“{key.value}” is given twice.")
                given[key.value] = value
        known = {each.name: each for each in fields(kind)}
        for unknown in given.keys() - known.keys():
            raise self.refuse(
                given[unknown],
                f"a {kind.__name__.lower()} has no “{unknown}”; it has {', '.join(known)}.",
            )
        inner = (*place, *self._step(given))
        values = {
            key: self.convert(_hints(kind)[key], value, key, inner) for key, value in given.items()
        }
        self._derive(kind, values, node, place, known)
        missing = [k for k, each in known.items() if k not in values and each.default is MISSING]
        if missing:
            raise self.refuse(node, f"a {kind.__name__.lower()} needs “{missing[0]}”.")
        return kind(**values)

    def _step(self, given: dict[str, yaml.Node]) -> tuple[str, ...]:
        """The part of a statement's place that this mapping adds, for ids made by hand."""
        for key in ("key", "code", "name", "title"):
            if key in given and isinstance(given[key], yaml.ScalarNode):
                return (str(given[key].value),)
        return ()

    def _derive(
        self,
        kind: type,
        values: dict[str, Any],
        node: yaml.Node,
        place: tuple[str, ...],
        known: dict[str, Field[Any]],
    ) -> None:
        if "line" in known and known["line"].default is MISSING:
            values.setdefault("line", node.start_mark.line + 1)
        if "key" in known and "title" in values:
            values.setdefault("key", key_of(values.get("code") or values["title"]))
        if "id" in known and "text" in values and "id" not in values:
            values["id"] = self.ids.next(place, values["text"])

    def convert(self, hint: Any, node: yaml.Node, key: str, place: tuple[str, ...]) -> Any:
        options = get_args(hint) if get_origin(hint) in (UnionType, Union) else (hint,)
        if get_origin(hint) is tuple:
            if not isinstance(node, yaml.SequenceNode):
                raise self.refuse(node, f"“{key}” is a list.")
            part = get_args(hint)[0]
            return tuple(self.convert(part, each, key, place) for each in node.value)
        for option in options:
            if is_dataclass(option) and isinstance(option, type):
                return self.build(option, node, place)
        if not isinstance(node, yaml.ScalarNode):
            raise self.refuse(node, f"“{key}” is a single value.")
        return self.scalar(options, node, key)

    def scalar(self, options: tuple[Any, ...], node: yaml.ScalarNode, key: str) -> Any:
        tag = node.tag.rpartition(":")[2]
        if str in options:
            if tag != "str":
                raise self.refuse(node, f"put the text of “{key}” in quotes.")
            choices = _CHOICES.get(key)
            if choices and node.value not in choices:
                raise self.refuse(node, f"“{key}” is one of {', '.join(choices)}.")
            return node.value
        if tag == "null" and type(None) in options:
            return None
        if tag == "int" and int in options and re.fullmatch(r"-?\d{1,15}", node.value):
            return int(node.value)
        if (
            tag == "float"
            and float in options
            and re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", node.value)
        ):
            return float(node.value)
        raise self.refuse(node, f"“{key}” is a number.")


def _check(ladder: Ladder, root: yaml.MappingNode, name: str) -> None:
    """Keys are unique and tracks list levels that exist."""
    nodes = {key.value: value.value for key, value in root.value}
    keys: set[str] = set()
    for number, level in enumerate(ladder.levels):
        if level.key in keys:
            line = nodes["levels"][number].start_mark.line + 1
            raise Refused(f"two levels have the key “{level.key}”.", name=name, line=line)
        keys.add(level.key)
    for number, track in enumerate(ladder.tracks):
        for key in track.levels:
            if key not in keys:
                line = nodes["tracks"][number].start_mark.line + 1
                reason = f"track “{track.name}” lists “{key}”, which is no level."
                raise Refused(reason, name=name, line=line)
