"""Raw scores: an answer held against the truth of its round; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

JUDGED = "competition.prediction.judged.v1"
STEPS_MAX = 10_000
MIXTURE_MAX = 100
"""Parts of a mixture: the score of a step takes time by their square."""

FIGURE_MAX = 1e100
"""Greatest size of a number in an answer or a truth: squares of what lies between two of them are finite."""

DENSITY_SCALE_MIN = 1e-100
"""Least scale of which a density is taken."""

REASON_CHARACTERS_MAX = 500

Round = tuple[str, datetime]
Component = tuple[float, float, float]
"""Weight, location and scale of a normal distribution; scale 0 is a point."""


class Unjudged(Exception):
    """Why an answer has no raw score, in words for its author."""


class Judge:
    """Holds answers against the first truth of their round, under the rules of the round's first opening."""

    def __init__(self) -> None:
        self._metrics: dict[Round, str] = {}
        self._truths: dict[Round, list[float] | None] = {}

    def learn(self, type_: str, data: Any) -> None:
        """Take in round.opened or truth.published: the first in the partition stays."""
        key = _round(data)
        if type_.startswith("competition.truth."):
            self._truths.setdefault(key, _values(data.truth_jsonb))
        else:
            self._metrics.setdefault(key, data.scoring_jsonb.metric)

    def judge(self, type_: str, data: Any, digest: bytes) -> list[tuple[str, dict[str, Any]]] | None:
        """The judgement of prediction.recorded; None while its truth is unknown, nothing for a call that failed."""
        if data.status != "SUCCESS":
            return []
        key = _round(data)
        if key not in self._metrics or key not in self._truths:
            return None
        value, reason = _judged(METRICS[self._metrics[key]], data.inference_output_jsonb, self._truths[key])
        judgement = {
            "model_id": data.model_id,
            "prediction_config_id": data.prediction_config_id,
            "performed_at": key[1],
            "prediction_digest": digest.hex(),
            "value": value,
            "failed_reason": reason,
        }
        return [(JUDGED, judgement)]


def _round(data: Any) -> Round:
    at = data.performed_at
    return data.prediction_config_id, datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else at


def _judged(
    metric: Callable[[Sequence[Component], float], float], output: Mapping[str, Any], truth: Sequence[float] | None
) -> tuple[float | None, str | None]:
    """The mean over the steps, or the reason for none."""
    try:
        if truth is None:
            raise Unjudged(f"the truth of the round is not a list of 1 to {STEPS_MAX} numbers within ±{FIGURE_MAX:g}")
        steps = _steps(output)
        if len(steps) != len(truth):
            raise Unjudged(f"{len(steps)} steps were answered, {len(truth)} were asked")
        value = math.fsum(map(metric, steps, truth)) / len(truth)
    except Unjudged as why:
        return None, shortened(str(why))
    return value, None


def shortened(reason: str) -> str:
    """A reason as it is kept: what an author sends is cut to REASON_CHARACTERS_MAX."""
    return reason if len(reason) <= REASON_CHARACTERS_MAX else reason[: REASON_CHARACTERS_MAX - 1] + "…"


def _values(truth: Mapping[str, Any]) -> list[float] | None:
    values = truth.get("values")
    if not isinstance(values, list) or not 0 < len(values) <= STEPS_MAX or not all(map(_is_number, values)):
        return None
    return [float(value) for value in values]


def _is_number(value: object) -> bool:
    """Whether it is a number within FIGURE_MAX; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FIGURE_MAX


def _steps(output: Mapping[str, Any]) -> list[list[Component]]:
    steps = output.get("steps", [output])
    if not isinstance(steps, list) or not 0 < len(steps) <= STEPS_MAX:
        raise Unjudged(f"`steps` must be a list of 1 to {STEPS_MAX} forecasts")
    return [_step(step, number) for number, step in enumerate(steps, 1)]


def _step(step: object, number: int) -> list[Component]:
    """A forecast of one step: `value`, or `loc` and `scale`, or `mixture`, a list of the latter with `weight`."""
    if not isinstance(step, Mapping):
        raise Unjudged(f"step {number} is not an object")
    if error := step.get("_validation_error"):
        raise Unjudged(str(error))
    if "value" in step:
        return [(1.0, _number(step, "value", number), 0.0)]
    parts = step.get("mixture", [step])
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise Unjudged(f"step {number}: `mixture` must be a list of objects")
    if not 0 < len(parts) <= MIXTURE_MAX:
        raise Unjudged(f"step {number}: `mixture` has {len(parts)} parts of 1 to {MIXTURE_MAX}")
    found = [
        (
            _number(part, "weight", number) if "mixture" in step else 1.0,
            _number(part, "loc", number),
            _number(part, "scale", number),
        )
        for part in parts
    ]
    total = math.fsum(weight for weight, _, _ in found)
    if min(weight for weight, _, _ in found) < 0 or total <= 0 or min(scale for *_, scale in found) < 0:
        raise Unjudged(f"step {number}: weights and scales must not be negative, nor all weights 0")
    return [(weight / total, loc, scale) for weight, loc, scale in found]


def _number(part: Mapping[str, Any], name: str, number: int) -> float:
    value = part.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not -math.inf < value < math.inf:
        raise Unjudged(f"step {number} has no finite number under `{name}`")
    if not _is_number(value):
        raise Unjudged(f"step {number} has a number beyond ±{FIGURE_MAX:g} under `{name}`")
    return float(value)


def crps(forecast: Sequence[Component], truth: float) -> float:
    """Continuous ranked probability score of a mixture of normals, in units of the truth; lower is better.

    E|X - y| - E|X - X'| / 2 in closed form (Grimit et al., Quarterly Journal of the Royal Meteorological Society 132,
    2006, equation 5); of a point forecast it is the absolute error.
    """
    apart = math.fsum(weight * _distance(loc - truth, scale) for weight, loc, scale in forecast)
    spread = math.fsum(
        one * other * _distance(a - b, math.hypot(s, t)) for one, a, s in forecast for other, b, t in forecast
    )
    # The exact value is never negative, the difference of two rounded sums may be.
    return max(0.0, apart - spread / 2)


def _distance(mean: float, scale: float) -> float:
    """E|X| of a normal distribution."""
    if scale == 0:
        return abs(mean)
    z = mean / scale
    return mean * math.erf(z / math.sqrt(2)) + 2 * scale * _phi(z)


def brier(forecast: Sequence[Component], truth: float) -> float:
    """(probability - outcome) squared, for outcomes 0 and 1; lower is better. Raises Unjudged outside of [0, 1]."""
    if not 0 <= truth <= 1:
        raise Unjudged("the truth of the round must be an outcome from 0 to 1")
    ((_, probability, scale),) = forecast if len(forecast) == 1 else ((0.0, -1.0, 0.0),)
    if scale or not 0 <= probability <= 1:
        raise Unjudged("the answer must be one probability from 0 to 1 under `value`")
    return (probability - truth) ** 2


def density(forecast: Sequence[Component], truth: float) -> float:
    """Density of the forecast at the truth; higher is better. Raises Unjudged for what is nearly a point."""
    if min(scale for *_, scale in forecast) < DENSITY_SCALE_MIN:
        raise Unjudged(f"a density needs scales of {DENSITY_SCALE_MIN:g} and more")
    return math.fsum(weight * _phi((truth - loc) / scale) / scale for weight, loc, scale in forecast)


def _phi(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


METRICS: Mapping[str, Callable[[Sequence[Component], float], float]] = {
    "crps": crps,
    "brier": brier,
    "density": density,
}
LOWER_IS_BETTER = frozenset({"crps", "brier"})
