"""Looking more often near the last step finds the end soon without many looks."""

import pytest

from rft.monitoring.pace import next_look_seconds
from rft.monitoring.trace import Point


def curve(steps: int, *, total: int | None = 100, pace: float = 60.0, inferred: bool = False) -> list[Point]:
    return [
        Point(step=step, total_steps=total, seconds=step * pace, inferred=inferred)
        for step in range(1, steps + 1)
    ]


@pytest.mark.parametrize(
    ("points", "seconds"),
    [
        ([], 900),
        (curve(1), 900),
        (curve(50, total=None), 900),
        (curve(98, inferred=True), 900),  # the engine announces the end
        (curve(10), 900),  # 90 minutes are left
        (curve(80), 600),  # 20 minutes are left
        (curve(98), 112),
        (curve(100), 112),
        (curve(104), 112),  # more steps than were told
    ],
)
def test_half_of_what_is_left_within_the_interval_and_an_eighth_of_it(
    points: list[Point], seconds: int
) -> None:
    assert next_look_seconds(points, 900) == seconds


def test_the_end_of_a_long_job_is_found_within_two_minutes_by_few_looks() -> None:
    total, pace, now, looks = 100, 3600.0, 0.0, 0
    while now < total * pace:
        now += next_look_seconds(curve(int(now // pace), total=total, pace=pace), 3600)
        looks += 1
    assert now - total * pace <= 3600 / 8
    assert looks <= total + 10


def test_a_clock_that_goes_back_is_no_pace() -> None:
    points = [Point(step=step, total_steps=100, seconds=seconds) for step, seconds in ((1, 60.0), (2, 0.0))]
    assert next_look_seconds(points, 120) == 60
