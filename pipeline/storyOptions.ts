import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { createTokenizer } from '../core/tokenizer/createTokenizer.ts'
import type { BundleFolder } from './node/openBundleFolder.ts'

/** How a command is told its one story. */
export interface StoryOptions {
  readonly text?: string
  readonly ids?: string
}

export function addStoryOptions(command: Command): Command {
  return command
    .option('--text <text>', 'the story; encoded with the [EOS] the tokenizer ends stories with')
    .option('--ids <json>', "the story's token ids, e.g. '[1, 2]'")
}

export function addThreadsOption(command: Command): Command {
  return command.option('--threads <n>', 'threads of ONNX Runtime (default: it chooses)', readThreads)
}

/** The story's token ids; exactly one of text and ids is given. */
export async function readStory({ text, ids }: StoryOptions, bundle: BundleFolder): Promise<readonly number[]> {
  if ((text === undefined) === (ids === undefined)) {
    throw new AtlasError('arguments/invalid', 'story: expected one of --text and --ids')
  }
  if (ids !== undefined) return readIds(ids)
  const tokenizer = new TextDecoder().decode(await bundle.read(bundle.manifest.tokenizer))
  return createTokenizer(tokenizer, bundle.manifest.tokenizer).encode(text ?? '').ids
}

function readIds(json: string): readonly number[] {
  const isIds = /^\s*\[\s*(\d+\s*(,\s*\d+\s*)*)?\]\s*$/.test(json)
  if (!isIds) throw new AtlasError('arguments/invalid', `--ids ${json}: expected a list of token ids, e.g. [1, 2]`)
  const digits = json.match(/\d+/g) ?? []
  return digits.map(Number)
}

function readThreads(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a number of at least 1.')
}
