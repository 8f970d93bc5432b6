import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EvaluateOptions } from './evaluate.ts'
import { addThreadsOption } from './storyOptions.ts'
import type { Terminal } from './Terminal.ts'

export function registerEvaluate(program: Command, terminal: Terminal): void {
  const command = program
    .command('evaluate')
    .description('Measures on held-out stories how true a bundle is, and writes it into its manifest.')
    .requiredOption('--bundle <dir>', 'the run bundle')
    .requiredOption('--stories <files...>', '.jsonl, .txt or .parquet files, also gzipped, or folders of them')
    .option('--reference <dir>', 'a bundle of the same run whole and in f32, to compare causal importances with')
    .option('--field <name>', "field or column of the stories' text", 'story')
    .addOption(
      new Option('--separator <kind>', 'what stands between the stories of .txt files (default: looked for)').choices([
        'blank-line',
        'endoftext',
      ]),
    )
    .option('--limit-positions <n>', 'end before the story that would go beyond n positions', readCount, 20_000)
    .option(
      '--threshold <t>',
      "a subcomponent is active where its causal importance is strictly greater (default: the index's, else 0.01)",
      readShare,
    )
  addThreadsOption(command).action(async (options: EvaluateOptions) => {
    const { evaluate } = await import('./evaluate.ts')
    await evaluate(options, terminal)
  })
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a number of at least 1.')
}

function readShare(text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+(e-\d+)?$/i.test(text) && value >= 0 && value < 1) return value
  throw new InvalidArgumentError('Expected a number from 0 to below 1.')
}
