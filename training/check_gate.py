"""Checks gate.cpp against the same formulas in torch operators: `python check_gate.py` (compiles it: about a minute).

Outputs and gradients of random inputs, some importances below 0 and some above 1; ends with an error if any differs by
more than TOLERANCE of the largest number in its tensor.
"""

from __future__ import annotations

import torch
from torch import Tensor

from importance import (
    PENALTY_EPS,
    FusedDrawMask,
    LowerLeakyHardSigmoid,
    gate_extension,
    pre_sigmoid_importance,
    upper_leaky_hard_sigmoid,
)

# float32 sums over N positions in another order; the Gaussian cdf by a formula with error 2e-7.
TOLERANCE = 1e-4
N, C, K = 300, 128, 8
SEED = 7


def draws() -> Tensor:
    """u of every element as gate.cpp draws it: the mask where g = 0, [N, C]."""
    mask, _, _ = gate_extension().mask_forward(torch.full((N, C), -1.0), 1.0, SEED)
    return mask


def plain(p: float, h: Tensor, w_in: Tensor, b_in: Tensor, w_out: Tensor, b_out: Tensor) -> tuple[Tensor, Tensor]:
    """Mask and penalty in torch operators, with gate.cpp's draws."""
    gamma = pre_sigmoid_importance(h, w_in, b_in, w_out, b_out)
    g: Tensor = LowerLeakyHardSigmoid.apply(gamma)
    return g + (1 - g) * draws(), ((upper_leaky_hard_sigmoid(gamma) + PENALTY_EPS) ** p).sum()


def main() -> None:
    torch.manual_seed(0)
    inputs = [torch.randn(shape, requires_grad=True) for shape in ((N, C), (K, C), (K, C), (K, C), (C,))]
    weights = torch.randn(N, C)
    names = ["mask", "penalty", "∂h", "∂w_in", "∂b_in", "∂w_out", "∂b_out"]
    for p in (1.5, 0.5):
        results = []
        for mask, penalty in (plain(p, *inputs), FusedDrawMask.apply(*inputs, p, SEED)[:2]):
            gradients = torch.autograd.grad((mask * weights).sum() + 1e-3 * penalty, inputs)
            results.append([mask.detach(), penalty.detach(), *gradients])
        for name, expected, found in zip(names, *results, strict=True):
            difference = ((expected - found).abs().max() / expected.abs().max()).item()
            print(f"p {p} {name}: largest difference {difference:.1e}")
            assert difference < TOLERANCE, f"{name} differs by {difference:.1e}, expected below {TOLERANCE}"


if __name__ == "__main__":
    main()
