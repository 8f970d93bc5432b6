"""Decomposed modules: weight matrices as sums of rank-one subcomponents, and what masking them gives.

W [d_out, d_in] of every attention and MLP projection is written as (V U)ᵀ with V [d_in, C] and U [C, d_out]
(arXiv 2506.20790, section "Our approach optimizes rank-one subcomponents"; there U carries the output index first).
Shapes: B rows, T positions, C subcomponents, K hidden neurons of a causal importance function.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# Number of subcomponents of the demo run's modules, by kind: more than the rank, so that the pieces may overlap.
C_PER_KIND: Mapping[str, int] = {
    "q_proj": 256,
    "k_proj": 192,
    "v_proj": 256,
    "o_proj": 256,
    "gate_proj": 512,
    "up_proj": 512,
    "down_proj": 512,
}


@dataclass(frozen=True)
class Masks:
    """How much of one module stands in a masked forward."""

    # m, [B, T, C]: share kept of each subcomponent.
    subcomponents: Tensor
    # δ, [B, T, 1]: share kept of the weight delta W − (V U)ᵀ.
    delta: Tensor
    # [B, T, 1]: 1 where the masked sum stands in for the target's weights, 0 where it does not.
    routing: Tensor


class DecomposedLinear(nn.Module):
    """A linear layer without bias, and its subcomponents with their causal importance functions."""

    weight: Tensor

    def __init__(self, weight: Tensor, subcomponents: int, hidden: int) -> None:
        """weight: the target's, [d_out, d_in], kept as it is; hidden: K."""
        super().__init__()
        d_out, d_in = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.V = nn.Parameter(torch.randn(d_in, subcomponents) / math.sqrt(d_in))
        self.U = nn.Parameter(torch.randn(subcomponents, d_out) / math.sqrt(subcomponents))
        self.w_in = nn.Parameter(torch.randn(hidden, subcomponents) * math.sqrt(2))
        self.b_in = nn.Parameter(torch.zeros(hidden, subcomponents))
        self.w_out = nn.Parameter(torch.randn(hidden, subcomponents) / math.sqrt(hidden))
        self.b_out = nn.Parameter(torch.zeros(subcomponents))
        # None: the target's own weights.
        self.masks: Masks | None = None
        # The module's input [B, T, d_in] in the latest forward without masks.
        self.target_input: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """x [B, T, d_in] → [B, T, d_out].

        Masked: (m ⊙ h) U + δ x ΔWᵀ with h = x V and ΔW = W − (V U)ᵀ, computed as ((m − δ) ⊙ h) U + δ x Wᵀ, without ΔW.
        """
        y = x @ self.weight.T
        if self.masks is None:
            self.target_input = x
            return y
        m, delta = self.masks.subcomponents, self.masks.delta
        difference = ((m - delta) * (x @ self.V)) @ self.U + (delta - 1) * y
        return y + self.masks.routing * difference

    def take_inner_activations(self) -> Tensor:
        """h [B, T, C] of the latest forward without masks, whose input is let go."""
        assert self.target_input is not None, "inner activations need a forward without masks"
        h = self.target_input @ self.V
        self.target_input = None
        return h

    def squared_error(self) -> Tensor:
        """‖W − (V U)ᵀ‖², a scalar."""
        return ((self.weight.T - self.V @ self.U) ** 2).sum()


def decompose(model: nn.Module, subcomponents: Mapping[str, int], hidden: int) -> dict[str, DecomposedLinear]:
    """Replaces every linear layer whose kind (last part of its path) is in `subcomponents`; returns them by path, in
    the order the model lists them."""
    modules: dict[str, DecomposedLinear] = {}
    for path, linear in list(model.named_modules()):
        parent, _, kind = path.rpartition(".")
        if kind in subcomponents:
            modules[path] = DecomposedLinear(linear.weight, subcomponents[kind], hidden)
            setattr(model.get_submodule(parent), kind, modules[path])
    return modules


def unmask(modules: Iterable[DecomposedLinear]) -> None:
    """Gives the target model's own forward back."""
    for module in modules:
        module.masks = None
