"""Prices of a run: the dated table `prices.yaml` with an environment's own prices over it. USD."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, RootModel, model_validator

from rft.frozen import Frozen
from rft.settings import Prices

TABLE_FILE: Final = Path(__file__).with_name("prices.yaml")
OVERRIDDEN: Final = "prices of the environment's settings"
US_PROFILE: Final = "us."  # an inference profile of the own geography is billed at the region's price
UNITS: Final[Mapping[str, str]] = {
    "training_per_million_tokens": "million tokens",
    "training_per_hour": "hour",
    "inference_per_million_input_tokens": "million tokens",
    "inference_per_million_output_tokens": "million tokens",
    "custom_per_million_input_tokens": "million tokens",
    "custom_per_million_output_tokens": "million tokens",
    "judge_per_million_input_tokens": "million tokens",
    "judge_per_million_output_tokens": "million tokens",
    "reward_per_million_invocations": "million invocations",
    "reward_per_gb_second": "GB-second",
    "transitions_per_thousand": "thousand transitions",
}
Architecture = Literal["arm64", "x86_64"]


class Price(Frozen):
    """USD for one unit with where and when it was read, or None with why it is unknown."""

    usd: float | None = Field(ge=0)
    source: str = ""
    read: date | None = None
    why: str = ""

    @property
    def told(self) -> str:
        """Source with its date, or why there is none."""
        if self.usd is None:
            return f"unknown: {self.why}"
        return f"{self.source} (read {self.read})" if self.read else self.source


class Entry(Price):
    """A price of the table, which must say where it comes from."""

    @model_validator(mode="after")
    def _is_explained(self) -> "Entry":
        if self.usd is None and not self.why:
            raise ValueError("a price of null needs `why`")
        if self.usd is not None and not (self.source and self.read):
            raise ValueError("a price needs `source` and `read`")
        return self


class Region(Frozen):
    """Prices of one region: services by key, and models by id and key."""

    services: dict[str, Entry]
    models: dict[str, dict[str, Entry]]


class Table(RootModel[dict[str, Region]]):
    """The whole file, by region."""


PriceList = Mapping[str, Price]


@cache
def table() -> Mapping[str, Region]:
    """The table of this release.

    Raises:
        YamlError, ValidationError: when the file is malformed.
    """
    from rft import strict_yaml

    return Table.model_validate(strict_yaml.load(TABLE_FILE.read_text(encoding="utf-8"))).root


def price_list(
    region: str,
    model_id: str,
    overrides: Prices,
    *,
    judge: str | None = None,
    architecture: Architecture = "arm64",
) -> PriceList:
    """Every price of `UNITS`: the environment's own, else the table's, else unknown with the reason.

    Args:
        judge: model or inference profile that the reward asks; None when it asks none.
    """
    found = table().get(region) or Region(services={}, models={})
    tabled: dict[str, Price] = dict(found.models.get(model_id, {}))
    judge_id = (judge or "").removeprefix(US_PROFILE)
    for direction in ("input", "output"):
        entry = found.models.get(judge_id, {}).get(f"inference_per_million_{direction}_tokens")
        missing = Price(usd=None, why=f"the price table has no price of the judge {judge} in {region}")
        tabled[f"judge_per_million_{direction}_tokens"] = entry or missing
    tabled |= {
        key.removesuffix(f"_{architecture}"): price
        for key, price in found.services.items()
        if key.endswith(f"_{architecture}") or key in UNITS
    }
    own = overrides.model_dump(exclude_none=True)
    unknown = Price(usd=None, why=f"the price table has no entry of {model_id} in {region}")
    return {
        key: Price(usd=own[key], source=OVERRIDDEN) if key in own else tabled.get(key, unknown)
        for key in UNITS
    }
