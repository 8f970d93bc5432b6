"""A run on disk, in the layout of the public spd package (February 2026).

    model_<step>.pth     state dict, keys below
    final_config.yaml    validates under the package's own schema
    target/              the target model in Hugging Face layout: config.json, tokenizer.json (for `load_run`)

Keys, with the module's path dashed in the last two lines (dots as dashes):

    target_model.<path>.weight             the target's weights
    _components.<dashed>.V, .U             [d_in, C], [C, d_out]
    _ci_fns.<dashed>.layers.{0,2}.W, .b    causal importance function: [C, 1, K], [C, K], [C, K, 1], [C, 1]
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from decomposition import DecomposedLinear, decompose


@dataclass(frozen=True)
class Run:
    """A run read back."""

    step: int
    # Its linear layers are the decomposed modules below.
    model: LlamaForCausalLM
    modules: dict[str, DecomposedLinear]
    config: dict[str, Any]


def save_run(
    folder: Path, step: int, model: LlamaForCausalLM, modules: Mapping[str, DecomposedLinear], config: dict[str, Any]
) -> None:
    """Writes checkpoint and config, and removes checkpoints of earlier steps."""
    path = folder / f"model_{step}.pth"
    write_atomically(state_dict_of_run(model, modules), path)
    (folder / "final_config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    for other in folder.glob("model_*.pth"):
        if other != path:
            other.unlink()


def write_atomically(value: object, path: Path) -> None:
    """torch.save under another name first, so that a stopped process leaves no half file behind."""
    partial = path.with_suffix(".tmp")
    torch.save(value, partial)
    os.replace(partial, path)


def state_dict_of_run(model: LlamaForCausalLM, modules: Mapping[str, DecomposedLinear]) -> dict[str, Tensor]:
    """The run's tensors under the package's keys."""
    state: dict[str, Tensor] = {}
    for key, value in model.state_dict().items():
        path, _, leaf = key.rpartition(".")
        if path not in modules or leaf == "weight":
            state[f"target_model.{key}"] = value.clone()
    for path, module in modules.items():
        dashed = path.replace(".", "-")
        state[f"_components.{dashed}.V"] = module.V.detach().clone()
        state[f"_components.{dashed}.U"] = module.U.detach().clone()
        state[f"_ci_fns.{dashed}.layers.0.W"] = module.w_in.detach().T[:, None, :].contiguous()
        state[f"_ci_fns.{dashed}.layers.0.b"] = module.b_in.detach().T.contiguous()
        state[f"_ci_fns.{dashed}.layers.2.W"] = module.w_out.detach().T[:, :, None].contiguous()
        state[f"_ci_fns.{dashed}.layers.2.b"] = module.b_out.detach()[:, None].clone()
    return state


def load_run(folder: Path) -> Run:
    """Reads the one checkpoint in `folder` and the target model's config; every tensor must find its place."""
    (path,) = folder.glob("model_*.pth")
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    model = LlamaForCausalLM(LlamaConfig.from_pretrained(folder / "target")).eval().requires_grad_(False)
    model.load_state_dict(
        {key.removeprefix("target_model."): value for key, value in state.items() if key.startswith("target_model.")}
    )
    # Modules of one kind share C and K.
    subcomponents = {
        key.split(".")[1].rpartition("-")[2]: value.shape[1] for key, value in state.items() if key.endswith(".V")
    }
    (hidden,) = {value.shape[2] for key, value in state.items() if key.endswith(".layers.0.W")}
    modules = decompose(model, subcomponents, hidden)
    for module_path, module in modules.items():
        load_module(module, state, module_path.replace(".", "-"))
    step = int(path.stem.removeprefix("model_"))
    return Run(step, model, modules, yaml.safe_load((folder / "final_config.yaml").read_text()))


def load_module(module: DecomposedLinear, state: Mapping[str, Tensor], dashed: str) -> None:
    """Fills V, U and the causal importance function of one module."""
    tensors = {
        "V": state[f"_components.{dashed}.V"],
        "U": state[f"_components.{dashed}.U"],
        "w_in": state[f"_ci_fns.{dashed}.layers.0.W"][:, 0, :].T,
        "b_in": state[f"_ci_fns.{dashed}.layers.0.b"].T,
        "w_out": state[f"_ci_fns.{dashed}.layers.2.W"][:, :, 0].T,
        "b_out": state[f"_ci_fns.{dashed}.layers.2.b"][:, 0],
    }
    module.load_state_dict({**tensors, "weight": module.weight})
