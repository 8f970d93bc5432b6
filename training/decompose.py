"""Stochastic Parameter Decomposition (Bushnaq, Braun, Sharkey, arXiv 2506.20790) of a small Llama.

    python decompose.py TARGET_FOLDER OUT_FOLDER

Every attention and MLP projection is written as a sum of rank-one subcomponents, each with a causal importance
g in [0, 1] at every position. Training masks each subcomponent by a uniform draw from [g, 1] and asks the masked model
for the target model's output, while the sum of g^p is pushed down. Writes OUT_FOLDER in the layout of checkpoint.py,
and train_state.pt, from which --resume goes on.
"""

from __future__ import annotations

import argparse
import math
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from checkpoint import save_run, write_atomically
from corpus import load_tokens, sample_rows
from decomposition import (
    C_PER_KIND,
    DecomposedLinear,
    Masks,
    decompose,
    faithfulness_loss,
    kl_from_target,
    squared_error,
    unmask,
    weight_count,
)
from importance import ImportanceFunction, importance_function

# Weight of the mean squared error a weight, at --faith 1; the other terms are of order 1.
FAITHFULNESS_COEFFICIENT = 1e3
FAITHFULNESS_WARM_UP_LR = 3e-3
LR_WARM_UP_STEPS = 100
FINAL_LR_SHARE = 0.05
# Share of the steps after which the penalty's exponent stays where it is.
ANNEAL_END = 0.9
SAVE_EVERY = 500
REPORT_EVERY = 50
# Weight of the latest step in the printed running means.
REPORT_WEIGHT = 0.05


def main() -> None:
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        torch.set_float32_matmul_precision("high")

    model = LlamaForCausalLM.from_pretrained(args.target).to(device).eval().requires_grad_(False)
    subcomponents = dict.fromkeys(C_PER_KIND, args.C) if args.C else dict(C_PER_KIND)
    modules = decompose(model, subcomponents, args.hidden)
    model.to(device)
    copy_target(args.target, args.out / "target")
    parameters = [parameter for module in modules.values() for parameter in module.parameters()]
    count = sum(module.V.shape[1] for module in modules.values())
    print(
        f"{len(modules)} modules, {count} subcomponents, {sum(p.numel() for p in parameters):,} parameters", flush=True
    )

    optimizer = torch.optim.Adam(parameters, lr=args.lr, betas=(0.9, 0.99), fused=True)
    if args.resume:
        first = resume(args.out, parameters, optimizer)
        print(f"resumed at step {first}", flush=True)
    else:
        first = 0
        error = warm_up_faithfulness(modules, args.warm_up)
        print(f"faithfulness after warm-up {error:.2e}", flush=True)
    train(args, model, modules, parameters, optimizer, first)


def train(
    args: argparse.Namespace,
    model: LlamaForCausalLM,
    modules: Mapping[str, DecomposedLinear],
    parameters: list[nn.Parameter],
    optimizer: torch.optim.Optimizer,
    first: int,
) -> None:
    """Steps `first` to args.until (exclusive), saved every SAVE_EVERY steps and at the end."""
    tokens = load_tokens(args.tokens or args.target / "tokens.npy")
    generator = torch.Generator().manual_seed(2 + first + (args.seed << 32))
    draw_mask = importance_function(args.importance, model.device.type)
    config = final_config(args, modules)
    until = args.until or args.steps
    means: dict[str, float] = {}
    start = time.time()
    for step in range(first, until):
        p = penalty_exponent(step, args)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, args)
        batch = sample_rows(tokens, args.seq, args.batch, generator).to(model.device)
        losses = losses_of(model, modules, batch, p, args.route_all, draw_mask, step + (args.seed << 20))
        loss = losses["kl"] + args.imp * losses["imp"] + args.faith * FAITHFULNESS_COEFFICIENT * losses["faith"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

        for name, value in losses.items():
            means[name] = (1 - REPORT_WEIGHT) * means.get(name, value.item()) + REPORT_WEIGHT * value.item()
        elapsed = time.time() - start
        is_last = step == until - 1 or elapsed > 60 * args.minutes
        if step % REPORT_EVERY == 0 or is_last:
            figures = " ".join(f"{name} {value:.4g}" for name, value in means.items())
            print(f"step {step} {figures} p {p:.2f} {elapsed:.0f}s", flush=True)
        if (step + 1) % SAVE_EVERY == 0 or is_last:
            save_run(args.out, step + 1, model, modules, config)
            state = {"parameters": [q.data for q in parameters], "optimizer": optimizer.state_dict(), "step": step + 1}
            write_atomically(state, args.out / "train_state.pt")
        if is_last:
            break


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


def warm_up_faithfulness(modules: Mapping[str, DecomposedLinear], steps: int) -> float:
    """Fits V and U to the weights alone; returns the mean squared error a weight before the last step."""
    optimizer = torch.optim.Adam(
        [parameter for module in modules.values() for parameter in (module.V, module.U)], lr=FAITHFULNESS_WARM_UP_LR
    )
    error = math.nan
    for _ in range(steps):
        # The sum, not the mean: Adam is blind to the factor, and each module's gradient is its own.
        loss = squared_error(modules.values())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        error = loss.item() / weight_count(modules.values())
    return error


def learning_rate(step: int, args: argparse.Namespace) -> float:
    """Linear warm-up, then a cosine from args.lr down to FINAL_LR_SHARE of it."""
    wave = 1 + math.cos(math.pi * (step / args.steps))
    share = FINAL_LR_SHARE + (1 - FINAL_LR_SHARE) * 0.5 * wave
    return float(args.lr * min(1, (step + 1) / LR_WARM_UP_STEPS) * share)


def penalty_exponent(step: int, args: argparse.Namespace) -> float:
    """p of g^p: linear from p_start to p_end at ANNEAL_END of the steps. A p above 1 spares small importances while the
    subcomponents still form; below 1 it pulls them to 0."""
    return float(args.p_start + (args.p_end - args.p_start) * min(1, step / args.steps / ANNEAL_END))


def resume(folder: Path, parameters: list[nn.Parameter], optimizer: torch.optim.Optimizer) -> int:
    """Takes parameters and optimizer back from train_state.pt; returns the step to go on with."""
    saved = torch.load(folder / "train_state.pt", map_location=parameters[0].device, weights_only=True)
    for parameter, value in zip(parameters, saved["parameters"], strict=True):
        parameter.data.copy_(value)
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


def copy_target(source: Path, folder: Path) -> None:
    """Puts the target model beside the checkpoint, so that the folder is a whole run."""
    folder.mkdir(exist_ok=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        shutil.copyfile(source / name, folder / name)


def final_config(args: argparse.Namespace, modules: Mapping[str, DecomposedLinear]) -> dict[str, Any]:
    """The run in the words of the public spd package's config."""
    counts = {path.rpartition(".")[2]: module.V.shape[1] for path, module in modules.items()}
    parents = {kind: "self_attn" if kind[0] in "qkvo" else "mlp" for kind in counts}
    penalty = {
        "classname": "ImportanceMinimalityLoss",
        "coeff": args.imp,
        "pnorm": args.p_start,
        "beta": 0,
        "p_anneal_start_frac": 0.0,
        "p_anneal_final_p": args.p_end,
        "p_anneal_end_frac": ANNEAL_END,
    }
    all_modules = [{"classname": "StochasticReconLoss", "coeff": args.route_all}] if args.route_all else []
    return {
        "seed": args.seed,
        "module_info": [
            {"module_pattern": f"model.layers.*.{parents[kind]}.{kind}", "C": count} for kind, count in counts.items()
        ],
        "ci_fn_type": "mlp",
        "ci_fn_hidden_dims": [args.hidden],
        "sigmoid_type": "leaky_hard",
        "sampling": "continuous",
        "use_delta_component": True,
        "n_mask_samples": 1,
        "output_loss_type": "kl",
        "loss_metric_configs": [
            penalty,
            {"classname": "StochasticReconSubsetLoss", "coeff": 1.0 - args.route_all},
            *all_modules,
            {"classname": "FaithfulnessLoss", "coeff": FAITHFULNESS_COEFFICIENT * args.faith},
        ],
        "steps": args.steps,
        "batch_size": args.batch,
        "lr_schedule": {
            "start_val": args.lr,
            "fn_type": "cosine",
            "warmup_pct": LR_WARM_UP_STEPS / args.steps,
            "final_val_frac": FINAL_LR_SHARE,
        },
        "faithfulness_warmup_steps": args.warm_up,
        "faithfulness_warmup_lr": FAITHFULNESS_WARM_UP_LR,
        "eval_freq": 1000,
        "n_eval_steps": 1,
        "pretrained_model_class": "transformers.LlamaForCausalLM",
        "pretrained_model_name": "spd-atlas/demo",
        "pretrained_model_output_attr": "logits",
        "tokenizer_name": "spd-atlas/demo",
        "task_config": {
            "task_name": "lm",
            "max_seq_len": args.seq,
            "dataset_name": "spd-atlas/demo-stories",
            "column_name": "story",
        },
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Decomposes a language model into rank-one subcomponents.")
    parser.add_argument("target", type=Path, help="folder with config.json, model.safetensors, tokenizer.json")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--tokens", type=Path, help="training tokens (default: tokens.npy in the target's folder)")
    parser.add_argument("--steps", type=int, default=9000, help="length of the schedules, in steps")
    parser.add_argument("--until", type=int, help="step to stop before (default: --steps)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="time after which to stop and save")
    parser.add_argument("--resume", action="store_true", help="go on from OUT_FOLDER/train_state.pt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=8, help="rows a step")
    parser.add_argument("--seq", type=int, default=128, help="tokens a row")
    parser.add_argument("--lr", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--hidden", type=int, default=8, help="hidden neurons of a causal importance function")
    parser.add_argument("--C", type=int, help="subcomponents of every module (default: by kind, 192 to 512)")
    parser.add_argument("--imp", type=float, default=3e-4, help="coefficient of importance minimality")
    parser.add_argument("--p_start", type=float, default=1.5, help="exponent of importance minimality at the start")
    parser.add_argument("--p_end", type=float, default=0.6, help="and from nine tenths of the steps on")
    parser.add_argument("--faith", type=float, default=1.0, help="coefficient of faithfulness, in thousands")
    parser.add_argument(
        "--route_all",
        type=float,
        default=0.0,
        help="share of batches in which every module is masked, not a random subset",
    )
    parser.add_argument("--warm_up", type=int, default=300, help="steps on faithfulness alone at the start")
    parser.add_argument(
        "--importance",
        choices=["auto", "fused", "plain"],
        default="auto",
        help="causal importance by gate.cpp or by torch operators (default: gate.cpp on the CPU)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
