"""The calibrated distribution of the target, and how it is made."""

from trackoracle.distributions.base_rate import at_base_rate
from trackoracle.distributions.calibration import (
    Calibration,
    Curve,
    Distribution,
    calibration_from_arrays,
    fit_calibration,
    fit_curve,
)

__all__ = [
    "Calibration",
    "Curve",
    "Distribution",
    "at_base_rate",
    "calibration_from_arrays",
    "fit_calibration",
    "fit_curve",
]
