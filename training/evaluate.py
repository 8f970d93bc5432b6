"""Prints, as markdown tables, what a decomposition is worth.

    python evaluate.py RUN_FOLDER --held_out STORIES.jsonl --stories OTHER_STORIES.jsonl [--against OTHER_RUN_FOLDER]

Losses are measured on rows cut from the held-out stories as the models were trained on them: ids of one story after the
other, rows of 256. Activity is counted over the other stories, each on its own from position 0.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from activity import Activity, count_activity
from checkpoint import load_run
from corpus import Ids, encode_stories, read_stories, rows_of
from evaluation import ModuleFigures, WholeFigures, evaluate_modules, evaluate_whole
from stability import SAME_COSINE, Match, match_runs

# Activations up to which a subcomponent counts as rare.
RARE = 100
# Least and most unique tokens of each specialisation class.
CLASSES = {"1 token": (1, 1), "2–5": (2, 5), "6–20": (6, 20), "21–100": (21, 100), "> 100": (101, math.inf)}


def main() -> None:
    args = parse_arguments()
    run = load_run(args.run)
    tokenizer = Tokenizer.from_file(str(args.run / "target" / "tokenizer.json"))
    held_out = np.concatenate(encode_stories(tokenizer, read_stories(args.held_out))).astype(np.int64)
    rows = rows_of(torch.from_numpy(held_out), args.length, args.rows)
    stories = encode_stories(tokenizer, read_stories(args.stories))

    source = f"{args.rows} rows of {args.length} tokens of {args.held_out.name}"
    print(f"Step {run.step}; {source}, stochastic masks of seed {args.seed}.\n")
    figures = evaluate_modules(run, rows, args.batch)
    print(whole_table(evaluate_whole(run, rows, args.batch, args.seed), figures))
    activity = count_activity(run, stories)
    print(f"Activity over {args.stories.name}: {corpus_line(stories, activity)}\n")
    print(module_table(figures, activity))
    if args.against:
        other = load_run(args.against)
        print(f"Alive subcomponents paired one to one with those of {args.against.name}, step {other.step}.\n")
        print(match_table(match_runs(run, other, activity, count_activity(other, stories), args.seed)))


def whole_table(whole: WholeFigures, modules: Mapping[str, ModuleFigures]) -> str:
    """Losses with every module masked, and faithfulness over all of them."""
    error = sum(figures.squared_error for figures in modules.values())
    norm = sum(figures.squared_norm for figures in modules.values())
    rows = [
        ["cross-entropy of the target model, nats", f"{whole.target_cross_entropy:.3f}"],
        ["cross-entropy, CI-masked", f"{whole.ci_masked_cross_entropy:.3f}"],
        ["KL(target ‖ masked), CI-masked", f"{whole.ci_masked_kl:.3f}"],
        ["KL, only the active subcomponents at full strength", f"{whole.only_active_kl:.3f}"],
        ["KL, stochastic masks", f"{whole.stochastic_kl:.3f}"],
        ["KL, all subcomponents without the delta", f"{whole.no_delta_kl:.3f}"],
        ["faithfulness, all modules", f"{error / norm:.2e}"],
    ]
    return table(["figure", "value"], rows)


def corpus_line(stories: Sequence[Ids], activity: Mapping[str, Activity]) -> str:
    """Size of the corpus and share alive."""
    positions = next(iter(activity.values())).positions
    alive = sum(len(module.alive) for module in activity.values())
    total = sum(len(module.counts) for module in activity.values())
    share = f"{alive:,} of {total:,} subcomponents active ({alive / total:.1%})"
    return f"{len(stories)} stories, {positions:,} positions; {share}."


def module_table(figures: Mapping[str, ModuleFigures], activity: Mapping[str, Activity]) -> str:
    """One row a module."""
    head = [
        "module",
        "C",
        "active",
        "share",
        "rare",
        "frequent",
        *CLASSES,
        "median unique",
        "L0",
        "KL, this module CI-masked",
        "faithfulness",
    ]
    return table(head, [module_row(path, figures[path], activity[path]) for path in figures])


def module_row(path: str, figures: ModuleFigures, activity: Activity) -> list[str]:
    counts = activity.counts[activity.alive]
    unique = activity.unique_tokens[activity.alive]
    within = [(unique >= least) & (unique <= most) for least, most in CLASSES.values()]
    return [
        short_path(path),
        str(len(activity.counts)),
        str(len(counts)),
        f"{len(counts) / len(activity.counts):.0%}",
        str(int((counts <= RARE).sum())),
        str(int((counts > RARE).sum())),
        *(str(int(members.sum())) for members in within),
        f"{np.median(unique.numpy()):g}" if len(unique) else "–",
        f"{activity.l0:.1f}",
        f"{figures.ci_masked_kl:.3f}",
        f"{figures.squared_error / figures.squared_norm:.4f}",
    ]


def match_table(matches: Sequence[Match]) -> str:
    """One row a module, and one for all pairs."""
    rows = [
        [
            short_path(match.path),
            *map(str, match.alive),
            str(len(match.cosines)),
            *cosine_cells(match.cosines, match.chance),
        ]
        for match in matches
    ]
    cosines, chance = (torch.cat([getattr(match, name) for match in matches]) for name in ("cosines", "chance"))
    alive = (str(sum(match.alive[side] for match in matches)) for side in (0, 1))
    rows.append(["all", *alive, str(len(cosines)), *cosine_cells(cosines, chance)])
    return table(
        ["module", "alive here", "alive there", "pairs", "mean cosine", "by chance", f"above {SAME_COSINE}"], rows
    )


def cosine_cells(cosines: Tensor, chance: Tensor) -> list[str]:
    if not len(cosines):
        return ["–", "–", "–"]
    return [f"{cosines.mean():.3f}", f"{chance.mean():.3f}", f"{(cosines > SAME_COSINE).float().mean():.0%}"]


def short_path(path: str) -> str:
    """model.layers.0.self_attn.q_proj → 0.q_proj"""
    parts = path.split(".")
    return f"{parts[2]}.{parts[-1]}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Evaluates a decomposition.")
    parser.add_argument("run", type=Path, help="folder with model_<step>.pth, final_config.yaml and target/")
    parser.add_argument("--held_out", type=Path, required=True, help="stories no model was trained on, for the losses")
    parser.add_argument("--stories", type=Path, required=True, help="stories to count activity over")
    parser.add_argument("--against", type=Path, help="another run of the same target model, for stability")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--length", type=int, default=256, help="tokens a row")
    parser.add_argument("--batch", type=int, default=8, help="rows at once; moves the stochastic masks only")
    parser.add_argument("--seed", type=int, default=0, help="of the stochastic masks and of chance")
    return parser.parse_args()


if __name__ == "__main__":
    main()
