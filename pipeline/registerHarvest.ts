import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_PART_STORIES, PROVIDERS } from './harvest/HarvestPlan.ts'
import { readShard } from './harvest/shard.ts'
import type { HarvestOptions } from './harvest.ts'
import type { Terminal } from './Terminal.ts'

export function registerHarvest(program: Command, terminal: Terminal): void {
  const command = program
    .command('harvest')
    .description('Runs every story of a corpus through a run and counts which subcomponents fire on which tokens.')
    .requiredOption('--bundle <dir>', 'the run bundle')
    .requiredOption('--out <dir>', 'the harvest, for `index`; a harvest that is there already is replaced')
  addCorpusOptions(command)
  addCountingOptions(command)
  addWorkOptions(command).action(async (options: HarvestOptions) => {
    const { harvest } = await import('./harvest.ts')
    await harvest(options, terminal)
  })
}

function addCorpusOptions(command: Command): Command {
  return command
    .requiredOption('--stories <files...>', '.jsonl, .txt or .parquet files, also gzipped, or folders of them')
    .option('--field <name>', "field or column of the stories' text", 'story')
    .addOption(
      new Option('--separator <kind>', 'what separates the stories of .txt files (default: looked for)').choices([
        'blank-line',
        'endoftext',
      ]),
    )
    .option('--sample <n>', 'draw n stories at random (default: all are taken)', readCount)
    .option('--sample-seed <n>', 'seed by which they are drawn', readSeed, 0)
    .option('--limit-positions <n>', 'end before the story that would go beyond n positions', readCount)
}

function addCountingOptions(command: Command): Command {
  return command
    .option(
      '--threshold <t>',
      'a subcomponent is active where its causal importance is strictly greater',
      readShare,
      0.01,
    )
    .option('--seed <n>', 'seed of the hashes by which examples and positions are sampled', readSeed, 0)
    .option(
      '--sample-share <share>',
      'share of the positions on which co-firing and output tokens are counted, 0 to 1 (default: about 512 stories)',
      readSampleShare,
    )
    .option('--no-categories', 'do not tag words with their part of speech')
}

function addWorkOptions(command: Command): Command {
  return command
    .option('--shard <i/n>', 'run only every nth part, from part i (0 to n - 1); `merge` adds the shards up', readShard)
    .option(
      '--part-stories <n>',
      'stories of a part, the unit of work that is written whole',
      readCount,
      DEFAULT_PART_STORIES,
    )
    .option('--threads <n>', 'cores to use (default: all)', readCount, availableParallelism())
    .addOption(
      new Option('--provider <name>', 'where the matrix products are done').choices([...PROVIDERS]).default('cpu'),
    )
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

function readSampleShare(text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+(e-\d+)?$/i.test(text) && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number from 0 to 1.')
}
