"""What changes with the step, and by what numbers."""

from __future__ import annotations

import argparse
import math

FAITHFULNESS_WARM_UP_LR = 3e-3
LR_WARM_UP_STEPS = 100
FINAL_LR_SHARE = 0.05
# Share of the steps after which the penalty's exponent stays where it is.
ANNEAL_END = 0.9


def learning_rate(step: int, args: argparse.Namespace) -> float:
    """Linear warm-up, then a cosine from args.lr down to FINAL_LR_SHARE of it."""
    wave = 1 + math.cos(math.pi * (step / args.steps))
    share = FINAL_LR_SHARE + (1 - FINAL_LR_SHARE) * 0.5 * wave
    return float(args.lr * min(1, (step + 1) / LR_WARM_UP_STEPS) * share)


def penalty_exponent(step: int, args: argparse.Namespace) -> float:
    """p of g^p: linear from p_start to p_end at ANNEAL_END of the steps. A p above 1 spares small importances while the
    subcomponents still form; below 1 it pulls them to 0."""
    return float(args.p_start + (args.p_end - args.p_start) * min(1, step / args.steps / ANNEAL_END))
