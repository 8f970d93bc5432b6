"""How alike two decompositions of one target model are, module by module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from activity import Activity
from checkpoint import Run

# A pair this alike counts as the same subcomponent.
SAME_COSINE = 0.9


@dataclass(frozen=True)
class Match:
    """The alive subcomponents of one module in two runs, paired one to one."""

    path: str
    alive: tuple[int, int]
    # float32[pairs], pairs the smaller of the two numbers alive.
    cosines: Tensor
    # The same where the second run's vectors are replaced by Gaussian ones: what matching alone gives.
    chance: Tensor


def match_runs(
    one: Run, other: Run, activity: Mapping[str, Activity], other_activity: Mapping[str, Activity], seed: int
) -> list[Match]:
    """Pairs the alive subcomponents so that the sum of cosines is largest (optimal assignment). The cosine is that of
    the rank-one matrices V_c U_cᵀ, so the sign convention of V and U does not matter."""
    generator = torch.Generator().manual_seed(seed)
    matches = []
    for path, module in one.modules.items():
        ours, theirs = activity[path].alive, other_activity[path].alive
        V, U = module.V.detach()[:, ours].T, module.U.detach()[ours]
        other_V, other_U = other.modules[path].V.detach()[:, theirs].T, other.modules[path].U.detach()[theirs]
        random_V = torch.randn(other_V.shape, generator=generator)
        random_U = torch.randn(other_U.shape, generator=generator)
        matches.append(
            Match(
                path=path,
                alive=(len(ours), len(theirs)),
                cosines=best_assignment(rank_one_cosines(V, U, other_V, other_U)),
                chance=best_assignment(rank_one_cosines(V, U, random_V, random_U)),
            )
        )
    return matches


def rank_one_cosines(V: Tensor, U: Tensor, other_V: Tensor, other_U: Tensor) -> Tensor:
    """⟨V_a U_aᵀ, V_b U_bᵀ⟩ over their norms, [A, B]: the cosine of the read vectors times that of the write vectors.
    V [A, d_in], U [A, d_out], other_V [B, d_in], other_U [B, d_out]."""
    reads = unit_rows(V) @ unit_rows(other_V).T
    writes = unit_rows(U) @ unit_rows(other_U).T
    return reads * writes


def unit_rows(vectors: Tensor) -> Tensor:
    """Rows scaled to length 1."""
    return vectors / vectors.norm(dim=1, keepdim=True)


def best_assignment(cosines: Tensor) -> Tensor:
    """The cosines of the one-to-one pairing with the largest sum, [min(A, B)]."""
    rows, columns = linear_sum_assignment(cosines.numpy(), maximize=True)
    return cosines[rows, columns]
