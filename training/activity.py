"""Which subcomponents are active where, over stories run each on its own from position 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from checkpoint import Run
from corpus import Ids
from evaluation import target_batches
from importance import ACTIVE_THRESHOLD


@dataclass(frozen=True)
class Activity:
    """Counts of one module over N positions."""

    positions: int
    # F_c, int64[C]: positions where subcomponent c is active.
    counts: Tensor
    # int64[C]: distinct tokens at those positions.
    unique_tokens: Tensor

    @property
    def l0(self) -> float:
        """Mean number of active subcomponents at a position."""
        return self.counts.sum().item() / self.positions

    @property
    def alive(self) -> Tensor:
        """Subcomponents active somewhere, int64[alive]."""
        return (self.counts > 0).nonzero().flatten()


@torch.no_grad()
def count_activity(run: Run, stories: Iterable[Ids]) -> dict[str, Activity]:
    """Counts by module path; stories are cut at the model's context."""
    context, vocabulary = run.model.config.max_position_embeddings, run.model.config.vocab_size
    counts = {path: torch.zeros(module.V.shape[1], dtype=torch.int64) for path, module in run.modules.items()}
    occurs = {path: torch.zeros(len(f), vocabulary, dtype=torch.bool) for path, f in counts.items()}
    positions = 0
    for story in stories:
        row = torch.from_numpy(story[:context].astype("int64"))[None]
        positions += row.numel()
        for ids, _, importances in target_batches(run, row, 1):
            for path, g in importances.items():
                active = g[0] > ACTIVE_THRESHOLD
                counts[path] += active.sum(0)
                position, subcomponent = active.nonzero(as_tuple=True)
                occurs[path][subcomponent, ids[0, position]] = True
    return {path: Activity(positions, counts[path], occurs[path].sum(1)) for path in run.modules}
