"""Stories as token ids.

    python corpus.py STORIES.jsonl TARGET_FOLDER OUT_FOLDER

writes OUT_FOLDER/{tokens.npy,tokens_valid.npy}: the training and the held-out stories as a language model with this
tokenizer sees them, ids of one story after the other, [EOS] after each.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

# uint16[tokens]
Ids = npt.NDArray[np.uint16]


def read_stories(path: Path) -> list[str]:
    """The field `story` of each line of a JSON lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["story"] for line in lines]


def encode_stories(tokenizer: Tokenizer, stories: list[str]) -> list[Ids]:
    """Token ids of each story, [EOS] included."""
    return [np.array(encoding.ids, dtype=np.uint16) for encoding in tokenizer.encode_batch(stories)]


def split_held_out(encoded: list[Ids]) -> tuple[Ids, Ids]:
    """Training and held-out tokens: the first 2 % of the stories, at least 100, are held out."""
    held_out = max(100, len(encoded) // 50)
    assert len(encoded) > held_out, f"{len(encoded)} stories leave none to train on: {held_out} are held out"
    return np.concatenate(encoded[held_out:]), np.concatenate(encoded[:held_out])


def save_tokens(folder: Path, encoded: list[Ids]) -> tuple[Ids, Ids]:
    """Writes and returns training and held-out tokens."""
    train, valid = split_held_out(encoded)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "tokens.npy", train)
    np.save(folder / "tokens_valid.npy", valid)
    return train, valid


def load_tokens(path: Path) -> Tensor:
    """int64[tokens]"""
    return torch.from_numpy(np.load(path).astype(np.int64))


def rows_of(tokens: Tensor, length: int, count: int) -> Tensor:
    """The first `count` whole rows of `length` tokens: int64[count, length]."""
    whole = len(tokens) // length
    assert whole >= count, f"{len(tokens)} tokens give {whole} rows of {length}, expected {count}"
    return tokens[: count * length].view(count, length)


def sample_rows(tokens: Tensor, length: int, count: int, generator: torch.Generator) -> Tensor:
    """Rows that start anywhere, a story's start or not: int64[count, length]."""
    offsets = torch.randint(0, len(tokens) - length - 1, (count,), generator=generator)
    return torch.stack([tokens[offset : offset + length] for offset in offsets])


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the tokens of a corpus.")
    parser.add_argument("stories", type=Path, help="JSON lines with a field `story`")
    parser.add_argument("target", type=Path, help="folder with tokenizer.json")
    parser.add_argument("out", type=Path, help="folder to write to")
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.target / "tokenizer.json"))
    train, valid = save_tokens(args.out, encode_stories(tokenizer, read_stories(args.stories)))
    print(f"{len(train):,} training tokens, {len(valid):,} held out")


if __name__ == "__main__":
    main()
