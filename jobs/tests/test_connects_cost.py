"""What a proposal costs: both ladders, at each rung and just above it."""

from __future__ import annotations

import pytest

from jobs.actions import connects_cost
from jobs.models import Job


@pytest.mark.parametrize(
    ("budget", "cost"),
    [
        (500, 1),
        (5_000, 1),
        (5_001, 2),
        (10_000, 2),
        (10_001, 3),
        (25_000, 3),
        (25_001, 4),
        (60_000, 4),
        (60_001, 5),
        (150_000, 5),
        (150_001, 6),
        (10**9, 6),
    ],
)
def test_a_fixed_price_climbs_its_ladder(budget: int, cost: int) -> None:
    assert connects_cost(Job(kind="fixed", budget=budget)) == cost


@pytest.mark.parametrize(
    ("figures", "cost"),
    [
        ((1_000, 1_000, 10, "weeks"), 1),  # 10 x 10 x 3 = 300
        ((1_666, 1_666, 10, "weeks"), 1),  # 499.80
        ((1_667, 1_667, 10, "weeks"), 2),  # 500.10
        ((1_000, 3_000, 20, "months"), 3),  # 20 x 20 x 8 = 3 200
        ((2_000, 8_000, 40, "weeks"), 4),  # 50 x 40 x 3 = 6 000
        ((2_500, 2_500, 40, "half_year"), 5),  # 25 x 40 x 18 = 18 000
        ((5_000, 5_000, 40, "long"), 6),  # 50 x 40 x 26 = 52 000
    ],
)
def test_an_hourly_price_is_the_middle_of_the_range_times_hours_times_weeks(
    figures: tuple[int, int, int, str], cost: int
) -> None:
    low, high, load, duration = figures
    job = Job(kind="hourly", rate_low=low, rate_high=high, weekly_load=load, duration=duration)
    assert connects_cost(job) == cost


def test_half_a_cent_in_the_middle_of_a_range_is_not_rounded() -> None:
    # (1 666 + 1 667) / 2 x 10 x 3 = 499.95: still on the first rung.
    assert connects_cost(Job(kind="hourly", rate_low=1_666, rate_high=1_667, weekly_load=10, duration="weeks")) == 1


@pytest.mark.parametrize(
    "job",
    [
        Job(kind="fixed"),
        Job(kind="hourly", rate_low=1_000, rate_high=2_000, weekly_load=10),
        Job(kind="hourly", rate_low=1_000, rate_high=2_000, duration="weeks"),
        Job(kind="hourly", rate_low=1_000, weekly_load=10, duration="weeks"),
    ],
)
def test_a_job_without_a_figure_costs_three(job: Job) -> None:
    assert connects_cost(job) == 3
