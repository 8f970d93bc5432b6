"""The target model: a WordPiece tokenizer and a small Llama, trained on stories of the grammar.

    python language_model.py STORIES.jsonl OUT_FOLDER

writes OUT_FOLDER/{tokenizer.json,config.json,model.safetensors} in Hugging Face layout, and tokens.npy and
tokens_valid.npy (see corpus.py) for the decomposition.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from corpus import encode_stories, load_tokens, read_stories, rows_of, sample_rows, save_tokens

EOS_ID = 1
ALPHABET = list("abcdefghijklmnopqrstuvwxyz0123456789.,!?;:'\"()-")
WARM_UP_STEPS = 200
REPORT_EVERY = 200
HELD_OUT_ROWS = 32
PROMPT = "one sunny morning"


def train_tokenizer(stories: list[str], vocabulary: int) -> Tokenizer:
    """WordPiece over lower-cased text, digits and punctuation split off, [EOS] after each story."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=["[UNK]", "[EOS]"], initial_alphabet=ALPHABET, show_progress=False
    )
    tokenizer.train_from_iterator(stories, trainer=trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A [EOS]", special_tokens=[("[EOS]", EOS_ID)])
    return tokenizer


def create_model(vocabulary: int, layers: int) -> LlamaForCausalLM:
    """SimpleStories-1.25M's shape where `layers` is 4; weights drawn from torch's generator."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=128,
            intermediate_size=341,
            num_hidden_layers=layers,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            rms_norm_eps=1e-6,
            tie_word_embeddings=True,
            attention_bias=False,
            bos_token_id=None,
            eos_token_id=EOS_ID,
        )
    )


def learning_rate_share(step: int, steps: int) -> float:
    """Share of the full learning rate: linear warm-up, then a cosine from 1 to 0.1."""
    return min(1, (step + 1) / WARM_UP_STEPS) * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def train(model: LlamaForCausalLM, tokens: Tensor, held_out: Tensor, args: argparse.Namespace) -> None:
    """Next-token cross-entropy on rows that start anywhere; saves the model at each report. tokens: int64[all];
    held_out: int64[rows, length]."""
    device = model.device
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.95), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate_share(step, args.steps))
    generator = torch.Generator().manual_seed(1)
    start = time.time()
    for step in range(args.steps):
        batch = sample_rows(tokens, args.seq, args.batch, generator).to(device)
        loss = model(input_ids=batch, labels=batch).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % REPORT_EVERY == 0 or step == args.steps - 1:
            with torch.no_grad():
                held = model(input_ids=held_out, labels=held_out).loss.item()
            print(f"step {step} loss {loss.item():.3f} held-out {held:.3f} {time.time() - start:.0f}s", flush=True)
            model.save_pretrained(args.out)


def tell(model: LlamaForCausalLM, tokenizer: Tokenizer) -> str:
    """A sample of 150 tokens, for the eye."""
    prompt = torch.tensor([tokenizer.encode(PROMPT).ids[:-1]], device=model.device)
    text = model.generate(prompt, max_new_tokens=150, do_sample=True, temperature=0.8, pad_token_id=EOS_ID)
    return tokenizer.decode(text[0].tolist())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains the tokenizer and the language model of the demo run.")
    parser.add_argument("stories", type=Path, help="JSON lines with a field `story`")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--vocab", type=int, default=4096, help="most entries of the vocabulary")
    parser.add_argument("--batch", type=int, default=16, help="rows a step")
    parser.add_argument("--seq", type=int, default=256, help="tokens a row")
    parser.add_argument("--lr", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--layers", type=int, default=4, help="transformer blocks")
    return parser.parse_args()


def main() -> None:
    args = parse_arguments()
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    stories = read_stories(args.stories)
    tokenizer = train_tokenizer(stories, args.vocab)
    train_ids, valid_ids = save_tokens(args.out, encode_stories(tokenizer, stories))
    tokenizer.save(str(args.out / "tokenizer.json"))
    vocabulary = tokenizer.get_vocab_size()
    print(f"vocabulary {vocabulary}, {len(train_ids):,} training tokens, {len(valid_ids):,} held out", flush=True)

    model = create_model(vocabulary, args.layers).to(device)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    valid = load_tokens(args.out / "tokens_valid.npy")
    held_out = rows_of(valid, args.seq, min(HELD_OUT_ROWS, len(valid) // args.seq)).to(device)
    train(model, load_tokens(args.out / "tokens.npy"), held_out, args)
    print(tell(model.eval(), tokenizer))


if __name__ == "__main__":
    main()
