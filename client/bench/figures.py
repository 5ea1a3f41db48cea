"""What every benchmark makes of its samples."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], share: float) -> float | None:
    """The smallest sample that at least `share` (0-1) of all do not exceed: a sample, never beyond them; None without any."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def rounded(samples: Sequence[float], share: float, digits: int = 2) -> float | None:
    """The percentile for a summary."""
    value = percentile(samples, share)
    return None if value is None else round(value, digits)
