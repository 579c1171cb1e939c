"""cdk-nag over every environment: what is not acknowledged, resource by resource, fails the synthesis.

cdk-nag's own acknowledgements want exact finding ids, which hold account numbers and environments, and say
nothing when they no longer match. These are told by a resource's path within its stack, and fail when stale.
The report is `cdk.out/validation-report.json`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import aws_cdk as cdk
import cdk_nag
import jsii
from constructs import IConstruct

from stacks.acknowledgements import ACKNOWLEDGEMENTS, OPTIONAL

PACKS: Final = (cdk_nag.AwsSolutionsChecks, cdk_nag.NIST80053R5Checks, cdk_nag.ServerlessChecks)
STALE_RULE: Final = "RFT-StaleAcknowledgement"
ERROR: Final = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a pack on one resource; `path` is the whole construct path."""

    rule: str
    path: str
    description: str

    @property
    def place(self) -> str:
        """The path within the stack, without environment and use case."""
        return "/".join(self.path.split("/")[2:])


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings, sorted into those with a reason and those without; and reasons without a finding."""

    open: tuple[Finding, ...]
    acknowledged: tuple[tuple[Finding, str], ...]
    stale: tuple[tuple[str, str], ...]  # place, finding pattern


def judge(scope: IConstruct) -> Verdict:
    """Run all packs over everything below `scope`."""
    unanswered, answered = [], []
    used: set[tuple[str, str]] = set()
    for finding in _findings(scope):
        reason = None
        for entry in ACKNOWLEDGEMENTS:
            if finding.place in entry.places and _pattern(entry.finding).fullmatch(finding.rule):
                used.add((finding.place, entry.finding))
                reason = entry.reason
        if reason is None:
            unanswered.append(finding)
        else:
            answered.append((finding, reason))
    wanted = {
        (place, entry.finding)
        for entry in ACKNOWLEDGEMENTS
        for place in entry.places
        if not (entry.may_be_absent or place.startswith(OPTIONAL))
    }
    return Verdict(tuple(unanswered), tuple(answered), tuple(sorted(wanted - used)))


def _findings(scope: IConstruct) -> Iterable[Finding]:
    for pack in PACKS:
        for violation in pack(scope).validate_scope(scope).violations:
            for resource in violation.violating_resources:
                yield Finding(violation.rule_name, resource.construct_path or "", violation.description)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


@jsii.implements(cdk.IPolicyValidationPlugin)
class NagPlugin:
    """Puts the verdict into the CDK's validation report and fails the synthesis on open findings."""

    @property
    def name(self) -> str:
        return "cdk-nag"

    @property
    def version(self) -> str:
        return "1.0.0"

    @property
    def rule_ids(self) -> list[str]:
        return []

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Called by the CDK at the end of the synthesis."""
        verdict = judge(context.app_construct)
        violations = [
            cdk.PolicyViolation(
                rule_name=finding.rule,
                description=finding.description,
                severity=ERROR,
                violating_resources=[
                    cdk.PolicyViolatingResource(construct_path=finding.path, locations=["Properties"])
                ],
            )
            for finding in verdict.open
        ]
        violations += [
            cdk.PolicyViolation(
                rule_name=STALE_RULE,
                description=f"{pattern} on {place} is acknowledged but no longer found",
                fix="Remove the line from stacks/acknowledgements.py",
                severity=ERROR,
                violating_resources=[
                    cdk.PolicyViolatingResource(construct_path=place, locations=["Properties"])
                ],
            )
            for place, pattern in verdict.stale
        ]
        return cdk.PolicyValidationPluginReport(
            success=not violations,
            violations=violations,
            metadata={
                f"{finding.rule} {finding.path}": f"acknowledged: {reason}"
                for finding, reason in verdict.acknowledged
            },
        )


def add_nag(app: cdk.App) -> None:
    """Let every synthesis of the app be judged."""
    cdk.Validations.of(app).add_plugins(NagPlugin())
