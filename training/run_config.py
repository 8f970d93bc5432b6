"""final_config.yaml: the run in the words of the public spd package, so that its tools and ours open it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from decomposition import DecomposedLinear
from losses import FAITHFULNESS_COEFFICIENT
from schedule import ANNEAL_END, FAITHFULNESS_WARM_UP_LR, FINAL_LR_SHARE, LR_WARM_UP_STEPS


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
