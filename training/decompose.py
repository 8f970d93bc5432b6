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

import torch
from torch import nn
from transformers import LlamaForCausalLM

from checkpoint import save_run, write_atomically
from corpus import load_tokens, sample_rows
from decomposition import C_PER_KIND, DecomposedLinear, decompose
from importance import importance_function
from losses import FAITHFULNESS_COEFFICIENT, losses_of, squared_error, weight_count
from run_config import final_config
from schedule import FAITHFULNESS_WARM_UP_LR, learning_rate, penalty_exponent

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
    assert first < until, f"the run stands at step {first}, expected one before {until}"
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
