"""The terms of the loss.

Formulas: Bushnaq, Braun, Sharkey, "Stochastic Parameter Decomposition", arXiv 2506.20790; sections are named below.
Shapes: B rows, T positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import LlamaForCausalLM

from decomposition import DecomposedLinear, Masks, unmask
from importance import ImportanceFunction

# Weight of the mean squared error a weight, at --faith 1; the other terms are of order 1.
FAITHFULNESS_COEFFICIENT = 1e3


def losses_of(
    model: LlamaForCausalLM,
    modules: Mapping[str, DecomposedLinear],
    batch: Tensor,
    p: float,
    route_all: float,
    draw_mask: ImportanceFunction,
    draw: int,
) -> dict[str, Tensor]:
    """The terms of the loss on one batch of token ids [B, T], and L0. `draw` numbers the random draw of the masks.

    kl     stochastic reconstruction with S = 1 sample (section "A loss function that lets us optimize causally
           important subcomponents"), on all modules or on random subsets of them (the package's
           StochasticReconSubsetLoss, in the place of the paper's layerwise term), nats a position
    imp    importance minimality, Σ over modules and subcomponents of g^p (section "A loss function that encourages as
           many subcomponents as possible to be causally unimportant"), mean over positions
    l0     active subcomponents of all modules together, mean over positions
    faith  faithfulness, mean squared error a weight
    """
    unmask(modules.values())
    with torch.no_grad():
        target = F.log_softmax(model(input_ids=batch).logits, -1)
    penalty = torch.zeros((), device=batch.device)
    l0 = torch.zeros((), device=batch.device)
    routing = draw_routing(batch, len(modules), route_all)
    for i, module in enumerate(modules.values()):
        h = module.take_inner_activations()
        functions = (module.w_in, module.b_in, module.w_out, module.b_out)
        mask, total, active = draw_mask(h.reshape(-1, h.shape[-1]), *functions, p, draw * len(modules) + i)
        penalty = penalty + total / batch.numel()
        l0 += active / batch.numel()
        delta = torch.rand(*batch.shape, 1, device=batch.device)
        module.masks = Masks(mask.view_as(h), delta, routing[..., i, None])
    kl = kl_from_target(target, model(input_ids=batch).logits)
    return {"kl": kl, "imp": penalty, "l0": l0, "faith": faithfulness_loss(modules.values())}


def draw_routing(batch: Tensor, modules: int, route_all: float) -> Tensor:
    """1 where a module is masked, [B, T, modules]: at each position k modules at random, k uniform from 1 to all; with
    probability `route_all` all of them at every position."""
    k = torch.randint(1, modules + 1, batch.shape, device=batch.device)
    ranks = torch.rand(*batch.shape, modules, device=batch.device).argsort(-1).argsort(-1)
    if torch.rand(()) < route_all:
        k.fill_(modules)
    return (ranks < k[..., None]).float()


def faithfulness_loss(modules: Iterable[DecomposedLinear]) -> Tensor:
    """Mean squared error a weight: section "Optimizing for faithfulness", N counting the decomposed weights only."""
    modules = list(modules)
    return squared_error(modules) / weight_count(modules)


def squared_error(modules: Iterable[DecomposedLinear]) -> Tensor:
    """Σ ‖W − (V U)ᵀ‖² over modules, a scalar."""
    return sum((module.squared_error() for module in modules), start=torch.zeros(()))


def weight_count(modules: Iterable[DecomposedLinear]) -> int:
    """Number of weights decomposed."""
    return sum(module.weight.numel() for module in modules)


def kl_from_target(target_log_probs: Tensor, logits: Tensor) -> Tensor:
    """KL(target ‖ masked) in nats, averaged over positions; both [B, T, vocabulary]."""
    log_probs = F.log_softmax(logits, -1)
    return F.kl_div(log_probs, target_log_probs, log_target=True, reduction="none").sum(-1).mean()
