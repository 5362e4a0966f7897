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
from trackoracle.distributions.tiers import (
    TierCalibration,
    TierDistribution,
    fit_tier_calibration,
    tier_calibration_from_arrays,
)

__all__ = [
    "Calibration",
    "Curve",
    "Distribution",
    "TierCalibration",
    "TierDistribution",
    "at_base_rate",
    "calibration_from_arrays",
    "fit_calibration",
    "fit_curve",
    "fit_tier_calibration",
    "tier_calibration_from_arrays",
]
