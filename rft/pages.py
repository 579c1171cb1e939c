"""What the project's HTML pages have in common: self-contained, escaped, one style."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SHARED: Final = Path(__file__).parent / "templates"
MAX_CHARACTERS: Final = 1_200  # of a text on a page


@cache
def page_environment(*folders: Path) -> Environment:
    """Templates of folders, which may include `report.css.j2`."""
    found = Environment(
        loader=FileSystemLoader([*folders, SHARED]), autoescape=True, undefined=StrictUndefined
    )
    found.trim_blocks = found.lstrip_blocks = True
    found.filters |= {"duration": _duration, "amount": _amount}
    return found


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or value >= 1000 else f"{value:,.3g}"


def cut(text: str) -> str:
    """A text as far as a page shows it."""
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]} …"
