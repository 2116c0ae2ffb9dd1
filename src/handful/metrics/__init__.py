"""Pure functions of arrays that say how good a model is, and how sure that is."""

from __future__ import annotations

from handful.metrics.bands import RocBand, roc_band
from handful.metrics.bootstrap import cluster_bootstrap, cluster_ratio
from handful.metrics.calibration import CalibrationCurve, Platt, calibration_curve, fit_platt
from handful.metrics.comparing import Comparison, bbc_cv, cluster_mean, nadeau_bengio
from handful.metrics.confusion import confusion_matrix
from handful.metrics.curves import (
    PrecisionRecallCurve,
    RocCurve,
    average_precision,
    precision_recall_curve,
    roc_curve,
)
from handful.metrics.intervals import Interval, clopper_pearson, mean_of_ratios, newcombe_auc
from handful.metrics.isotonic import VennAbers, venn_abers
from handful.metrics.probabilities import apply_temperature, brier, fit_temperature, log_loss
from handful.metrics.promises import Promise, least_positives, most_misses, promise
from handful.metrics.ranking import auc, auc_per_tag, mean_over_tags, per_tag
from handful.metrics.rates import (
    OneVsRest,
    accuracy,
    balanced_accuracy,
    f1,
    likelihood_ratios,
    one_vs_rest,
    precision,
    recall,
    sensitivity,
    specificity,
)
from handful.metrics.streaming import (
    Confusion,
    StreamedRanking,
    StreamingConfusion,
    StreamingRanking,
)
from handful.metrics.thresholds import (
    ASK,
    Outcome,
    cost_threshold,
    decide,
    outcome,
    shift_prevalence,
    threshold_for_f1,
    threshold_for_sensitivity,
    threshold_for_specificity,
    threshold_per_tag,
)

__all__ = [
    "ASK",
    "CalibrationCurve",
    "Comparison",
    "Confusion",
    "Interval",
    "OneVsRest",
    "Outcome",
    "Platt",
    "PrecisionRecallCurve",
    "Promise",
    "RocBand",
    "RocCurve",
    "StreamedRanking",
    "StreamingConfusion",
    "StreamingRanking",
    "VennAbers",
    "accuracy",
    "apply_temperature",
    "auc",
    "auc_per_tag",
    "average_precision",
    "balanced_accuracy",
    "bbc_cv",
    "brier",
    "calibration_curve",
    "clopper_pearson",
    "cluster_bootstrap",
    "cluster_mean",
    "cluster_ratio",
    "confusion_matrix",
    "cost_threshold",
    "decide",
    "f1",
    "fit_platt",
    "fit_temperature",
    "least_positives",
    "likelihood_ratios",
    "log_loss",
    "mean_of_ratios",
    "mean_over_tags",
    "most_misses",
    "nadeau_bengio",
    "newcombe_auc",
    "one_vs_rest",
    "outcome",
    "per_tag",
    "precision",
    "precision_recall_curve",
    "promise",
    "recall",
    "roc_band",
    "roc_curve",
    "sensitivity",
    "shift_prevalence",
    "specificity",
    "threshold_for_f1",
    "threshold_for_sensitivity",
    "threshold_for_specificity",
    "threshold_per_tag",
    "venn_abers",
]
