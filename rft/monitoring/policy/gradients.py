"""Gradient norms that leave their band."""

from math import exp, log
from statistics import median
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import ALARM, Series, View, fall, noise

SPIKE: Final = "grad_norm_spike"
GROWTH: Final = "grad_norm_growth"
SPIKE_FACTOR: Final = 5.0
SPIKE_SIGMAS: Final = 6.0
SPIKES: Final = 2
LAST: Final = 10
EVIDENCE: Final = 12
GROWTH_FACTOR: Final = 2.0
LOG_NOISE: Final = 0.03
_PASCANU: Final = (
    "Pascanu et al. 2013, On the difficulty of training recurrent neural networks (arXiv:1211.5063)"
)


def _logs(view: View) -> Series:
    series = view.series("grad_norm")
    kept = [(step, log(value)) for step, value in zip(series.steps, series.values, strict=True) if value > 0]
    return Series([step for step, _ in kept], [value for _, value in kept])


def grad_norm_spike(view: View, limits: Limits) -> Reason | None:
    """Repeated extreme spikes of the gradient norm; one is healthy.

    Statistic: how many of the last 10 values exceed five times the median and 6 sigmas of its logarithm.
    Threshold: 2. Minimum evidence: 12 values. Source: Pascanu et al. 2013; AWS best practices, "extreme spikes".
    """
    logs = _logs(view).values
    if len(logs) < EVIDENCE:
        return None
    usual = median(logs[:-2])
    limit = usual + max(log(SPIKE_FACTOR), SPIKE_SIGMAS * noise(logs, LOG_NOISE))
    spikes = sum(value > limit for value in logs[-LAST:])
    if spikes < SPIKES:
        return None
    return Reason(
        SPIKE,
        float(spikes),
        float(SPIKES),
        f"{spikes} of the last {LAST} gradient norms are above {exp(limit):.2f}; usual is {exp(usual):.2f}",
        _PASCANU,
        "gradient",
        "harm",
        {"usual": exp(usual), "limit": exp(limit), "highest": exp(max(logs[-LAST:]))},
    )


def grad_norm_growth(view: View, limits: Limits) -> Reason | None:
    """The gradient norm grows for good.

    Statistic: CUSUM of the logarithm's rise in noise sigmas. Threshold: 5, and twice the lowest level.
    Minimum evidence: 12 values. Source: Pascanu et al. 2013; AWS best practices, "sustained growth".
    """
    logs = _logs(view)
    if len(logs) < EVIDENCE:
        return None
    found = fall(logs.negated(), log(GROWTH_FACTOR), floor=LOG_NOISE)
    if found is None or not found.is_harm:
        return None
    return Reason(
        GROWTH,
        found.score,
        ALARM,
        f"the gradient norm grew from {exp(-found.best):.2f} (step {found.best_step}) to {exp(-found.now):.2f}",
        _PASCANU,
        "gradient",
        "harm",
        {"lowest": exp(-found.best), "now": exp(-found.now), "since_step": found.best_step},
    )
