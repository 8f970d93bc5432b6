"""Causal importance: from inner activations to random masks and the importance penalty.

Formulas: Bushnaq, Braun, Sharkey, "Stochastic Parameter Decomposition", arXiv 2506.20790; sections are named, not
numbered, below. Shapes: N positions, C subcomponents, K hidden neurons of a causal importance function.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

# A subcomponent is active where its causal importance is strictly greater.
ACTIVE_THRESHOLD = 0.01
# Slope of the leaky sigmoids outside [0, 1], as in the public spd package's models/sigmoids.py.
LEAK = 0.01
# Keeps the derivative of g^p finite at g = 0 for p < 1 (spd: ImportanceMinimalityLoss, eps).
PENALTY_EPS = 1e-12


class ImportanceFunction(Protocol):
    """Draws masks for the inner activations of one module."""

    def __call__(
        self, h: Tensor, w_in: Tensor, b_in: Tensor, w_out: Tensor, b_out: Tensor, p: float, seed: int, /
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the mask [N, C], the sum of g^p and the number of active (position, subcomponent) pairs.

        h: inner activations [N, C]; w_in, b_in, w_out: [K, C]; b_out: [C]; p: exponent of the penalty;
        seed: of the draw, where the implementation draws by itself.
        """


def pre_sigmoid_importance(h: Tensor, w_in: Tensor, b_in: Tensor, w_out: Tensor, b_out: Tensor) -> Tensor:
    """γ [N, C]: an MLP per subcomponent of the one number h_c (appendix "Architecture of Causal Importance Function
    MLPs"), with exact GELU. One hidden neuron of all subcomponents at a time: [N, C, K] would not fit."""
    gamma = b_out
    for k in range(w_in.shape[0]):
        gamma = gamma + F.gelu(h * w_in[k] + b_in[k]) * w_out[k]
    return gamma


class LowerLeakyHardSigmoid(torch.autograd.Function):
    """Clamps to [0, 1]. Below 0 the gradient leaks only where descent would raise the value, so that an importance
    stuck at 0 can come back; the paper's plain hard sigmoid has no gradient there."""

    @staticmethod
    def forward(ctx: Any, gamma: Tensor) -> Tensor:
        ctx.save_for_backward(gamma)
        return gamma.clamp(0, 1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (gamma,) = ctx.saved_tensors
        zero = torch.zeros_like(grad)
        below = torch.where(grad < 0, LEAK * grad, zero)
        return torch.where(gamma <= 0, below, torch.where(gamma <= 1, grad, zero))


def upper_leaky_hard_sigmoid(gamma: Tensor) -> Tensor:
    """Clamps to [0, 1], but rises with slope LEAK above 1, so that the penalty still pulls an importance of 1 down."""
    return torch.where(gamma > 1, 1 + LEAK * (gamma - 1), gamma.clamp(0, 1))


def draw_mask(
    h: Tensor, w_in: Tensor, b_in: Tensor, w_out: Tensor, b_out: Tensor, p: float, seed: int
) -> tuple[Tensor, Tensor, Tensor]:
    """`ImportanceFunction` in torch operators, for any device; draws from torch's generator and ignores `seed`.

    m = g + (1 − g) u with u ~ U(0, 1), that is m ~ U(g, 1) (section "Formally defining a subcomponent's causal
    importance").
    """
    del seed
    gamma = pre_sigmoid_importance(h, w_in, b_in, w_out, b_out)
    g: Tensor = LowerLeakyHardSigmoid.apply(gamma)
    mask = g + (1 - g) * torch.rand_like(g)
    penalty = ((upper_leaky_hard_sigmoid(gamma) + PENALTY_EPS) ** p).sum()
    return mask, penalty, (g.detach() > ACTIVE_THRESHOLD).float().sum()


class FusedDrawMask(torch.autograd.Function):
    """`draw_mask` in two passes over memory each way instead of dozens (gate.cpp), for the CPU; draws by hash of
    (seed, element), so that the backward pass draws the same numbers again instead of storing them."""

    @staticmethod
    def forward(
        ctx: Any, h: Tensor, w_in: Tensor, b_in: Tensor, w_out: Tensor, b_out: Tensor, p: float, seed: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        h = h.contiguous()
        gamma = gate_extension().forward(h, w_in, b_in, w_out, b_out)
        mask, penalty, active = gate_extension().mask_forward(gamma, p, seed)
        ctx.save_for_backward(h, w_in, b_in, w_out, gamma)
        ctx.p, ctx.seed = p, seed
        return mask, penalty, active

    @staticmethod
    def backward(ctx: Any, grad_mask: Tensor, grad_penalty: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        h, w_in, b_in, w_out, gamma = ctx.saved_tensors
        grad = gate_extension().mask_backward(grad_mask.contiguous(), gamma, grad_penalty.item(), ctx.p, ctx.seed)
        return (*gate_extension().backward(grad, h, w_in, b_in, w_out), None, None)


@functools.cache
def gate_extension() -> Any:
    """gate.cpp, compiled on first use (about a minute; kept in torch's extension cache)."""
    from torch.utils.cpp_extension import load

    flags = ["-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp"]
    source = str(Path(__file__).with_name("gate.cpp"))
    return load("spd_importance", [source], extra_cflags=flags, extra_ldflags=["-fopenmp"])


def importance_function(kind: str, device: str) -> ImportanceFunction:
    """kind "fused" (CPU only), "plain", or "auto": fused on the CPU, compiled by torch elsewhere."""
    if kind == "fused" or (kind == "auto" and device == "cpu"):
        return FusedDrawMask.apply
    return torch.compile(draw_mask) if kind == "auto" else draw_mask
