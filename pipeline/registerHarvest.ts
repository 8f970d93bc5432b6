import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import type { HarvestOptions } from './harvest.ts'
import type { Terminal } from './Terminal.ts'

export function registerHarvest(program: Command, terminal: Terminal): void {
  program
    .command('harvest')
    .description('Runs every story of a corpus through a run and counts which subcomponents fire on which tokens.')
    .requiredOption('--bundle <dir>', 'the run bundle')
    .requiredOption('--stories <files...>', '.jsonl, .txt or .parquet files, also gzipped, or folders of them')
    .requiredOption('--out <dir>', 'the harvest, for `index`; a harvest that is there already is replaced')
    .option('--field <name>', "field or column of the stories' text", 'story')
    .option(
      '--threshold <t>',
      'a subcomponent is active where its causal importance is strictly greater',
      readShare,
      0.01,
    )
    .option('--limit-positions <n>', 'end before the story that would go beyond n positions', readCount)
    .option(
      '--threads <n>',
      'worker threads, each with its own counts (default: one a core)',
      readCount,
      availableParallelism(),
    )
    .option('--seed <n>', 'seed of the hash by which examples are sampled', readSeed, 0)
    .action(async (options: HarvestOptions) => {
      const { harvest } = await import('./harvest.ts')
      await harvest(options, terminal)
    })
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a number of at least 1.')
}

function readSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number of at most nine digits.')
}

function readShare(text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+(e-\d+)?$/i.test(text) && value >= 0 && value < 1) return value
  throw new InvalidArgumentError('Expected a number from 0 to below 1.')
}
