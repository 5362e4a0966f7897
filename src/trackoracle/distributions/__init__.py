"""The calibrated distribution of the target, and how it is made."""

from trackoracle.distributions.base_rate import at_base_rate
from trackoracle.distributions.calibration import (
    Calibration,
    calibration_from_arrays,
    fit_calibration,
)
from trackoracle.distributions.comparing import SURE, Joint, p_better
from trackoracle.distributions.curve import fit_curve
from trackoracle.distributions.distribution import Distribution
from trackoracle.distributions.scaling import fit_scaling
from trackoracle.distributions.sharing import fit_correlation, fit_curve_of_pairs

__all__ = [
    "SURE",
    "Calibration",
    "Distribution",
    "Joint",
    "at_base_rate",
    "calibration_from_arrays",
    "fit_calibration",
    "fit_correlation",
    "fit_curve",
    "fit_curve_of_pairs",
    "fit_scaling",
    "p_better",
]
