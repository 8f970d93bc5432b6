"""What a decomposition is worth: numbers of one run over given rows of tokens.

Formulas as in the project's definitions: a masked forward replaces every module's y = x Wᵀ by
((m − δ) ⊙ h) U + δ x Wᵀ with h = x V; causal importances g come from the unmasked target model. All losses are in nats.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from checkpoint import Run
from decomposition import Masks, unmask
from importance import ACTIVE_THRESHOLD, pre_sigmoid_importance
from losses import kl_from_target


@dataclass(frozen=True)
class WholeFigures:
    """Every module masked at once."""

    target_cross_entropy: float
    # m = g, δ = 0.
    ci_masked_cross_entropy: float
    ci_masked_kl: float
    # m = 1 where g > 0.01, else 0; δ = 0.
    only_active_kl: float
    # m = g + (1 − g) u, δ = u', both uniform in [0, 1).
    stochastic_kl: float
    # m = 1, δ = 0.
    no_delta_kl: float


@dataclass(frozen=True)
class ModuleFigures:
    """One module."""

    # This module alone with m = g, δ = 0, the others the target's own.
    ci_masked_kl: float
    # ‖W − (V U)ᵀ‖².
    squared_error: float
    # ‖W‖².
    squared_norm: float


@torch.no_grad()
def evaluate_whole(run: Run, rows: Tensor, batch: int, seed: int) -> WholeFigures:
    """rows: token ids [R, T], `batch` of them at once; seed: of the stochastic masks."""
    generator = torch.Generator().manual_seed(seed)
    sums = dict.fromkeys((field.name for field in fields(WholeFigures)), 0.0)
    for ids, log_probs, importances in target_batches(run, rows, batch):
        sums["target_cross_entropy"] += len(ids) * next_token_cross_entropy(log_probs, ids).item()
        for name, (subcomponents, delta) in masks_of(importances, generator).items():
            logits = masked_logits(run, ids, subcomponents, delta)
            sums[f"{name}_kl"] += len(ids) * kl_from_target(log_probs, logits).item()
            if name == "ci_masked":
                sums["ci_masked_cross_entropy"] += len(ids) * next_token_cross_entropy(logits, ids).item()
    return WholeFigures(**{name: total / len(rows) for name, total in sums.items()})


def masks_of(importances: dict[str, Tensor], generator: torch.Generator) -> dict[str, tuple[dict[str, Tensor], Tensor]]:
    """m by module path, each [B, T, C], and δ [B, T, 1], of each way to mask every module."""
    positions = next(iter(importances.values())).shape[:2]
    none = torch.zeros(*positions, 1)
    stochastic = {path: g + (1 - g) * torch.rand(g.shape, generator=generator) for path, g in importances.items()}
    return {
        "ci_masked": (importances, none),
        "only_active": ({path: (g > ACTIVE_THRESHOLD).float() for path, g in importances.items()}, none),
        "stochastic": (stochastic, torch.rand(none.shape, generator=generator)),
        "no_delta": ({path: torch.ones_like(g) for path, g in importances.items()}, none),
    }


@torch.no_grad()
def evaluate_modules(run: Run, rows: Tensor, batch: int) -> dict[str, ModuleFigures]:
    """The figures of each module by path, in the model's order; rows: token ids [R, T]."""
    kl = dict.fromkeys(run.modules, 0.0)
    for ids, log_probs, importances in target_batches(run, rows, batch):
        none = torch.zeros(*ids.shape, 1)
        for path, g in importances.items():
            alone = kl_from_target(log_probs, masked_logits(run, ids, {path: g}, none))
            kl[path] += alone.item() * len(ids) / len(rows)
    return {
        path: ModuleFigures(kl[path], module.squared_error().item(), (module.weight**2).sum().item())
        for path, module in run.modules.items()
    }


def target_batches(run: Run, rows: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor, dict[str, Tensor]]]:
    """For each batch: ids [B, T], the target model's log-probabilities [B, T, vocabulary], causal importances by module
    path, each [B, T, C]."""
    for ids in rows.split(batch):
        unmask(run.modules.values())
        log_probs = F.log_softmax(run.model(input_ids=ids).logits, -1)
        importances = {}
        for path, module in run.modules.items():
            h = module.take_inner_activations()
            gamma = pre_sigmoid_importance(h, module.w_in, module.b_in, module.w_out, module.b_out)
            importances[path] = gamma.clamp(0, 1)
        yield ids, log_probs, importances


def masked_logits(run: Run, ids: Tensor, subcomponents: dict[str, Tensor], delta: Tensor) -> Tensor:
    """Logits [B, T, vocabulary] with the modules named in `subcomponents` masked, the others the target's own."""
    unmask(run.modules.values())
    for path, mask in subcomponents.items():
        run.modules[path].masks = Masks(mask, delta, torch.ones_like(delta))
    return run.model(input_ids=ids).logits


def next_token_cross_entropy(logits: Tensor, ids: Tensor) -> Tensor:
    """Mean over the T − 1 positions of a row that have a next token in it."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
