"""Schedules, as Karpenter reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.cron import MACROS, wrong_schedule


@pytest.mark.parametrize(
    "schedule",
    [
        *MACROS,
        "* * * * *",
        "0 6 * * mon-fri",
        "*/15 0-23/2 1,15 jan,jul ?",
        "59 23 31 12 0",
        "0 0 1-7 * SUN",
        "5/10 * * * *",
    ],
)
def test_karpenter_takes(schedule: str):
    assert wrong_schedule(schedule) is None


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("", "has 0 fields, not the five of minute, hour, day, month, day of week"),
        ("0 6 * *", "has 4 fields, not the five of minute, hour, day, month, day of week"),
        ("0 0 6 * * 1", "has 6 fields, not the five of minute, hour, day, month, day of week"),
        ("@noon", f"@noon is none of {', '.join(MACROS)}"),
        ("60 * * * *", "'60' is no minute, which is 0 to 59"),
        ("0 24 * * *", "'24' is no hour, which is 0 to 23"),
        ("0 0 0 * *", "'0' is no day of month, which is 1 to 31"),
        ("0 0 * 13 *", "'13' is no month, which is 1 to 12, or jan to dec"),
        ("0 0 * * 7", "'7' is no day of week, which is 0 to 6, or sun to sat"),
        ("0 0 * * fri-mon", "'fri-mon' is no day of week, which is 0 to 6, or sun to sat"),
        ("0 0 * * mon-", "'mon-' is no day of week, which is 0 to 6, or sun to sat"),
        ("*/0 * * * *", "'*/0' is no minute, which is 0 to 59"),
        ("1,x * * * *", "'x' is no minute, which is 0 to 59"),
        ("-1 * * * *", "'-1' is no minute, which is 0 to 59"),
        ("TZ=UTC 0 6 * * *", "has 6 fields, not the five of minute, hour, day, month, day of week"),
    ],
)
def test_a_wrong_schedule_is_told_by_its_part(schedule: str, expected: str):
    assert wrong_schedule(schedule) == expected


@given(st.text(alphabet="0123456789*/,-? monjan@", max_size=20))
def test_any_text_is_judged(text: str):
    assert wrong_schedule(text) is None or wrong_schedule(text)
