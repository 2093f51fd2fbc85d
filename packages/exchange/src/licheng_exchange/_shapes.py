"""Shapes of JSON values: one description that both checks a value and prints its JSON Schema."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Misfit:
    """One place of a document that does not have its shape."""

    path: str
    text_zh: str
    text_en: str
    rule: str = "shape"


class Shape(Protocol):
    """What a value must look like."""

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """Every place at which the value does not fit."""

    def schema(self) -> dict[str, Any]:
        """The same demand as JSON Schema 2020-12."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of `least` to `most` code points, of an optional pattern."""

    most: int
    least: int = 1
    pattern: str | None = None
    rule: str = "shape"

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """A misfit unless the value is such a text."""
        if not isinstance(value, str):
            yield Misfit(path, "應為文字", "must be text")
        elif not self.least <= len(value) <= self.most:
            yield Misfit(
                path,
                f"應為 {self.least} 到 {self.most} 字，現為 {len(value)} 字",
                f"must have {self.least} to {self.most} characters, has {len(value)}",
                self.rule,
            )
        elif self.pattern is not None and not re.fullmatch(self.pattern, value):
            yield Misfit(path, "格式不符", f"must match {self.pattern}")

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        found: dict[str, Any] = {"type": "string", "minLength": self.least, "maxLength": self.most}
        if self.pattern is not None:
            found["pattern"] = f"^(?:{self.pattern})$"
        return found


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """A misfit unless the value is such a number."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            yield Misfit(
                path,
                f"應為 {self.least} 到 {self.most} 的整數",
                f"must be a whole number from {self.least} to {self.most}",
            )

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Constant:
    """Exactly one of these values."""

    values: tuple[str | int | bool | None, ...]

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """A misfit unless the value is one of them, with the same type."""
        if not any(type(value) is type(one) and value == one for one in self.values):
            known = "、".join(str(one) for one in self.values)
            yield Misfit(path, f"應為 {known}", f"must be one of: {known}")

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        return {"enum": list(self.values)}


@dataclass(frozen=True, slots=True)
class Either:
    """A value of any of these shapes."""

    shapes: tuple[Shape, ...]

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """The misfits of the last shape unless one of them fits."""
        found: list[Misfit] = []
        for shape in self.shapes:
            found = list(shape.misfits(value, path))
            if not found:
                return
        yield from found

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        return {"anyOf": [shape.schema() for shape in self.shapes]}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values of one shape."""

    shape: Shape
    most: int
    least: int = 0

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """The misfits of every member."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            yield Misfit(
                path,
                f"應為 {self.least} 到 {self.most} 個項目的清單",
                f"must be a list of {self.least} to {self.most}",
            )
            return
        for number, one in enumerate(value):
            yield from self.shape.misfits(one, f"{path}[{number}]")

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        return {
            "type": "array",
            "items": self.shape.schema(),
            "minItems": self.least,
            "maxItems": self.most,
        }


@dataclass(frozen=True, slots=True)
class Object:
    """An object with exactly these fields; those in `optional` may be left out."""

    fields: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """The misfits of every field, and fields that are missing or unknown."""
        if not isinstance(value, dict):
            yield Misfit(path, "應為物件", "must be an object")
            return
        for name, one in value.items():
            shape = self.fields.get(name) or self.optional.get(name)
            if shape is None:
                yield Misfit(f"{path}.{name}", "不認得的欄位", "is not a known field")
            else:
                yield from shape.misfits(one, f"{path}.{name}")
        for name in self.fields:
            if name not in value:
                yield Misfit(f"{path}.{name}", "缺少欄位", "is missing")

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        known = {**self.fields, **self.optional}
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in known.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object whose field `tag` says which of several objects it is."""

    tag: str
    kinds: Mapping[str, Object]

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """The misfits of the object that the tag names."""
        if not isinstance(value, dict):
            yield Misfit(path, "應為物件", "must be an object")
            return
        kind = value.get(self.tag)
        if not isinstance(kind, str) or kind not in self.kinds:
            known = "、".join(self.kinds)
            yield Misfit(f"{path}.{self.tag}", f"應為 {known}", f"must be one of: {known}")
            return
        yield from self.kinds[kind].misfits(value, path)

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        return {"oneOf": [shape.schema() for shape in self.kinds.values()]}


@dataclass(frozen=True, slots=True)
class Mapped:
    """An object with any names and values of one shape."""

    shape: Shape
    most: int

    def misfits(self, value: Any, path: str) -> Iterator[Misfit]:
        """The misfits of every value."""
        if not isinstance(value, dict) or len(value) > self.most:
            yield Misfit(
                path, f"應為至多 {self.most} 個欄位的物件", f"must be an object of up to {self.most}"
            )
            return
        for name, one in value.items():
            yield from self.shape.misfits(one, f"{path}.{name}")

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        return {
            "type": "object",
            "additionalProperties": self.shape.schema(),
            "maxProperties": self.most,
        }
