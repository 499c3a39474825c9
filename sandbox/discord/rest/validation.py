"""Reading a body field by field, and Discord's tree of what is wrong with it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Json

_ABSENT = object()


def problem(code: str, message: str) -> Json:
    """A leaf of the error tree."""
    return {"_errors": [{"code": code, "message": message}]}


def invalid_form(errors: Json) -> DiscordError:
    """50035 with its tree."""
    return DiscordError(Code.INVALID_FORM, errors=errors)


class Form:
    """Reads fields and collects every problem; `check()` refuses them all at once.

    Each reader answers None for an absent or null field unless it is required; `given` tells the two apart.
    """

    def __init__(self, fields: Json) -> None:
        self._fields = fields
        self.errors: Json = {}

    def given(self, name: str) -> bool:
        """Whether the field is there at all, null included."""
        return name in self._fields

    def check(self) -> None:
        """Raises 50035 if anything was wrong."""
        if self.errors:
            raise invalid_form(self.errors)

    def refuse(self, name: str, code: str, message: str) -> None:
        """Notes a problem of a field; `a.0.b` is a path into it."""
        place = self.errors
        for part in name.split("."):
            place = place.setdefault(part, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def text(self, name: str, *, shortest: int = 0, longest: int = 2000, required: bool = False) -> str | None:
        """A string of so many characters."""
        value = self._read(name, required)
        if value is None:
            return None
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.refuse(name, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return None
        text = str(value)
        if shortest and not shortest <= len(text) <= longest:
            self.refuse(name, "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length.")
        elif len(text) > longest:
            self.refuse(name, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
        return text

    def integer(self, name: str, *, least: int = 0, most: int = (1 << 53) - 1, required: bool = False) -> int | None:
        """A whole number in a range; digits in a string count."""
        value = self._read(name, required)
        if value is None:
            return None
        number = _whole(value)
        if number is None:
            self.refuse(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif number < least:
            self.refuse(name, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif number > most:
            self.refuse(name, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
        else:
            return number
        return None

    def snowflake(self, name: str, *, required: bool = False) -> int | None:
        """An id."""
        value = self._read(name, required)
        if value is None:
            return None
        number = _whole(value)
        if number is None or not 0 <= number < 1 << 64:
            self.refuse(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
            return None
        return number

    def boolean(self, name: str) -> bool | None:
        """True or false."""
        value = self._read(name, False)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
            return None
        return value

    def choice(self, name: str, choices: Collection[int], *, required: bool = False) -> int | None:
        """One of some numbers."""
        number = self.integer(name, required=required)
        if number is not None and number not in choices:
            listed = ", ".join(str(one) for one in choices)
            self.refuse(name, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
            return None
        return number

    def moment(self, name: str) -> datetime | None:
        """A time in ISO 8601."""
        value = self._read(name, False)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.refuse(name, "DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601.")
            return None
        return moment

    def snowflakes(self, name: str, *, longest: int | None = None, required: bool = False) -> list[int] | None:
        """A list of ids."""
        values = self.sequence(name, longest=longest, required=required)
        if values is None:
            return None
        found: list[int] = []
        for index, value in enumerate(values):
            number = _whole(value)
            if number is None:
                self.refuse(f"{name}.{index}", "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
            else:
                found.append(number)
        return found

    def sequence(
        self, name: str, *, shortest: int = 0, longest: int | None = None, required: bool = False
    ) -> Sequence[Any] | None:
        """A list of so many things."""
        value = self._read(name, required)
        if value is None:
            return None
        if not isinstance(value, list):
            self.refuse(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return None
        if longest is not None and not shortest <= len(value) <= longest:
            message = (
                f"Must be between {shortest} and {longest} in length."
                if shortest
                else f"Must be {longest} or fewer in length."
            )
            self.refuse(name, "BASE_TYPE_BAD_LENGTH" if shortest else "BASE_TYPE_MAX_LENGTH", message)
        return value

    def mapping(self, name: str) -> Json | None:
        """An object."""
        value = self._read(name, False)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")
            return None
        return value

    def _read(self, name: str, required: bool) -> Any:
        value = self._fields.get(name, _ABSENT)
        if value is _ABSENT or value is None:
            if required:
                self.refuse(name, "BASE_TYPE_REQUIRED", "This field is required")
            return None
        return value


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
        return int(value)
    return None
