"""What a dataset is held to: limits of the base model, and the settings of use case and environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rft import catalogue
from rft.datasets.codes import Code, Level, Severity
from rft.settings import UseCaseSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Limits that a dataset is held to; counts are of records, `max_prompt_tokens` None means no limit."""

    min_training_records: int
    max_records: int
    reference_required: bool = True
    max_prompt_tokens: int | None = None
    max_line_bytes: int = catalogue.MAX_LINE_BYTES
    slice_key: str | None = None
    format_markers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    quality: bool = True
    common: frozenset[int] = frozenset()  # hashes of the sentences that many records share
    severity: Mapping[Code, Level] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: UseCaseSettings, *, quality: bool = True) -> "Rules":
        """The rules of a use case, as its environment changed them."""
        model, dataset = settings.model, settings.dataset
        return cls(
            min_training_records=model.min_training_records,
            max_records=model.max_records,
            reference_required=dataset.reference_required,
            max_prompt_tokens=settings.hyperparameters.maxPromptLength,
            slice_key=dataset.slice_key,
            format_markers=dataset.format_markers,
            languages=dataset.languages,
            quality=quality,
            severity=dataset.severity,
        )

    def level(self, code: Code) -> Severity | None:
        """How bad a finding is; None when it is not to be reported."""
        level = self.severity.get(code, code.severity)
        return None if level == "ignore" else level
