"""The harvest's counting as a plain PyTorch loop, to set beside `bench/harvest.ts`.

    python bench/harvest_pytorch.py RUN STORIES.jsonl [--positions 20000] [--batch 8] [--threads 2] [--out counts.json]

RUN is a folder with model_<step>.pth or .safetensors in the layout of the public spd package, and config.json and
tokenizer.json of a Llama target model, beside it or in target/. Needs what training/requirements.txt lists.

Forward passes of the target model with hooks on the decomposed modules; h = x V; the causal importance functions in the
package's einsum form; and per module the sum of causal importances, activation counts and (subcomponent, token) counts.
No levels, no examples, no windows, no co-firing, no output tokens: less than our harvest keeps. Stories are run in the order
of the file, each from position 0, padded on the right in batches; reading and encoding them is not timed.

Prints one row of a table; --out writes activation counts and unique tokens, which `bench/harvest.ts --pytorch` compares.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM


@dataclass
class Module:
    """A decomposed weight matrix, and what has been counted of it."""

    path: str
    V: Tensor  # [d_in, C]
    ci_layers: list[tuple[Tensor, Tensor]]  # W, b of the causal importance function
    takes_input: bool  # kind vector_mlp; otherwise mlp
    ci_sums: Tensor  # [C]
    token_counts: Tensor  # [C * vocabulary], int32

    def causal_importance(self, x: Tensor) -> Tensor:
        """[rows, d_in] -> [rows, C], sigmoid leaky_hard."""
        values = x[:, None, :] if self.takes_input else (x @ self.V)[:, :, None]
        for i, (weight, bias) in enumerate(self.ci_layers):
            if i > 0:
                values = nn.functional.gelu(values)
            values = torch.einsum("...ci,cio->...co", values, weight) + bias
        return values[..., 0].clamp(0, 1)


def main() -> None:
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    model, modules = load_run(args.run)
    stories = encode(args.run, args.stories, model.config.max_position_embeddings, args.positions)
    positions = sum(map(len, stories))
    started = time.perf_counter(), time.process_time()
    with torch.inference_mode():
        harvest(model, modules, stories, args.batch, args.threshold)
    seconds, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    cells = [
        f"{args.run} (PyTorch {torch.__version__})",
        args.threads,
        positions,
        f"{seconds:.1f}",
        f"{positions / seconds:.0f}",
        f"{processor / positions * 1e6:.0f}",
        f"{peak:.0f}",
    ]
    print("| run | threads | positions | seconds | positions a second | processor time, µs a position | peak memory, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    print(f"| {' | '.join(map(str, cells))} |")
    if args.out:
        args.out.write_text(json.dumps(summary(modules, model.config.vocab_size, positions, seconds)))


def harvest(model: LlamaForCausalLM, modules: list[Module], stories: list[list[int]], batch: int, threshold: float) -> None:
    """Runs every story once and counts; hooks see the rows of one batch."""
    rows: dict[str, Tensor] = {}
    hooks = [model.get_submodule(m.path).register_forward_pre_hook(remember(rows, m.path)) for m in modules]
    for ids, kept in batches(stories, batch):
        model.model(input_ids=ids, use_cache=False)
        tokens = ids[kept]
        for module in modules:
            count(module, rows[module.path][kept], tokens, model.config.vocab_size, threshold)
    for hook in hooks:
        hook.remove()


def remember(rows: dict[str, Tensor], path: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def hook(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        rows[path] = inputs[0]

    return hook


def count(module: Module, x: Tensor, tokens: Tensor, vocabulary: int, threshold: float) -> None:
    importance = module.causal_importance(x)
    module.ci_sums += importance.sum(0)
    row, subcomponent = (importance > threshold).nonzero(as_tuple=True)
    cells = subcomponent * vocabulary + tokens[row]
    module.token_counts.index_add_(0, cells, torch.ones_like(cells, dtype=torch.int32))


def batches(stories: list[list[int]], size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Ids [B, T] padded with 0 on the right, which causal attention keeps from the rest, and which positions are a story's."""
    for start in range(0, len(stories), size):
        members = stories[start : start + size]
        ids = torch.zeros(len(members), max(map(len, members)), dtype=torch.long)
        kept = torch.zeros_like(ids, dtype=torch.bool)
        for i, story in enumerate(members):
            ids[i, : len(story)] = torch.tensor(story)
            kept[i, : len(story)] = True
        yield ids, kept


def load_run(folder: Path) -> tuple[LlamaForCausalLM, list[Module]]:
    """The target model and its decomposed modules, in the order of their paths."""
    (path,) = [p for p in folder.glob("model_*") if p.suffix in (".pth", ".safetensors")]
    state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, map_location="cpu", weights_only=True)
    model = LlamaForCausalLM(LlamaConfig.from_pretrained(target_folder(folder))).eval().requires_grad_(False)
    prefix = "target_model."
    target = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    missing = set(model.load_state_dict(target, strict=False).missing_keys) - {"lm_head.weight"}
    assert not missing, missing
    paths = {name.replace(".", "-"): name for name, _ in model.named_modules()}
    dashed = [key.split(".")[1] for key in state if key.startswith("_components.") and key.endswith(".V")]
    return model, [load_module(paths[name], name, state, model.config.vocab_size) for name in sorted(dashed)]


def load_module(path: str, dashed: str, state: dict[str, Tensor], vocabulary: int) -> Module:
    V = state[f"_components.{dashed}.V"]
    prefix = f"_ci_fns.{dashed}.layers."
    numbers = sorted({int(key.removeprefix(prefix).split(".")[0]) for key in state if key.startswith(prefix)})
    layers = [(state[f"{prefix}{n}.W"], state[f"{prefix}{n}.b"]) for n in numbers]
    assert layers[0][0].ndim == 3, f"{path}: CI functions of kind mlp and vector_mlp only"
    C = V.shape[1]
    takes_input = layers[0][0].shape[1] > 1
    return Module(path, V, layers, takes_input, torch.zeros(C), torch.zeros(C * vocabulary, dtype=torch.int32))


def target_folder(folder: Path) -> Path:
    return folder / "target" if (folder / "target").is_dir() else folder


def encode(folder: Path, stories: Path, context: int, positions: int) -> list[list[int]]:
    """Token ids of the first stories, cut at the context, up to but not beyond `positions`."""
    tokenizer = Tokenizer.from_file(str(target_folder(folder) / "tokenizer.json"))
    encoded: list[list[int]] = []
    total = 0
    with stories.open() as lines:
        for line in lines:
            ids = tokenizer.encode(json.loads(line)["story"]).ids[:context]
            total += len(ids)
            if total > positions:
                break
            encoded.append(ids)
    return encoded


def summary(modules: list[Module], vocabulary: int, positions: int, seconds: float) -> dict[str, object]:
    """What `bench/harvest.ts` reads."""
    tables = {module.path: module.token_counts.view(-1, vocabulary) for module in modules}
    return {
        "positions": positions,
        "positions_per_second": positions / seconds,
        "modules": {
            path: {"activation_counts": table.sum(1).tolist(), "unique_tokens": (table > 0).sum(1).tolist()}
            for path, table in tables.items()
        },
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The harvest's counting as a plain PyTorch loop.")
    parser.add_argument("run", type=Path, help="folder of a run in the public layout")
    parser.add_argument("stories", type=Path, help="JSON lines with the field story")
    parser.add_argument("--positions", type=int, default=20_000, help="most positions to run")
    parser.add_argument("--batch", type=int, default=8, help="stories a batch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--threshold", type=float, default=0.01)
    parser.add_argument("--out", type=Path, help="file for the counts, as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
