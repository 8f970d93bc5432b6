import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_ACTIVE, DEFAULT_C } from '../core/synthesis/planModules.ts'
import { SEED_REPORT_C } from '../core/synthesis/seedReportShares.ts'
import { addThreadsOption } from './storyOptions.ts'
import type { SynthesizeOptions } from './synthesizeOptions.ts'
import type { Terminal } from './Terminal.ts'

export function registerSynthesize(program: Command, terminal: Terminal): void {
  const command = program
    .command('synthesize')
    .description(
      'Makes a run at random, and stories to match: a stand-in for a real one, called synthetic in its files.',
    )
    .requiredOption('--out <dir>', 'the run; a synthetic run that is there already is replaced')
    .option('--seed <n>', 'the same seed makes the same run', readSeed, 0)
  addThreadsOption(addCorpusOptions(addTargetOptions(addModuleOptions(command)))).action(
    async (options: SynthesizeOptions) => {
      const { synthesize } = await import('./synthesize.ts')
      await synthesize(options, terminal)
    },
  )
}

function addModuleOptions(command: Command): Command {
  const preset = new Option('--preset <name>', `C ${SEED_REPORT_C} and the active shares of the seed report's table 1`)
  const active = new Option('--active <share>', `share of each module that is active (default: ${DEFAULT_ACTIVE})`)
  const activePerModule = new Option('--active-per-module <file>', '.json {module: share} or .csv module,active')
  const ciKind = new Option('--ci-kind <kind>', 'kind of the CI functions')
  return command
    .addOption(preset.choices(['seed-report']))
    .option('--c <n>', `subcomponents of a module (default: ${DEFAULT_C})`, readCount)
    .option('--c-per-kind <json>', 'the same by kind, e.g. \'{"q_proj": 64}\'; the others have those of --c')
    .addOption(active.argParser(readShare).conflicts(['preset', 'activePerModule']))
    .addOption(activePerModule.conflicts('preset'))
    .addOption(ciKind.choices(['mlp', 'vector_mlp', 'shared_mlp']).default('mlp'))
    .option('--hidden <widths>', 'hidden widths of the CI functions, e.g. 16,8, or "none"', readWidths, [12])
    .option('--threshold <t>', 'a subcomponent is active where its causal importance is greater', readShare, 0.01)
    .option('--calibration-positions <n>', 'positions by which firing is set, at most', readCount, 32_768)
}

/** The defaults are the sizes of SimpleStories-1.25M. */
function addTargetOptions(command: Command): Command {
  return command
    .option('--layers <n>', 'of the target model', readCount, 4)
    .option('--width <n>', 'of its residual stream', readCount, 128)
    .option('--heads <n>', 'of its attention', readCount, 4)
    .option('--kv-heads <n>', 'of its keys and values', readCount, 2)
    .option('--mlp-width <n>', 'hidden units of its MLPs', readCount, 341)
    .option('--vocabulary <n>', 'tokens', readCount, 4096)
    .option('--context <n>', 'longest story, in tokens', readCount, 512)
}

function addCorpusOptions(command: Command): Command {
  return command
    .option('--stories <n>', 'stories of the corpus', readCount, 2000)
    .option('--story-length <n>', 'tokens of a story, on average', readCount, 200)
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number from 1 to 999,999,999.')
}

function readSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number of at most nine digits.')
}

function readShare(text: string): number {
  const share = Number(text)
  if (text.trim() !== '' && share >= 0 && share <= 1) return share
  throw new InvalidArgumentError('Expected a number from 0 to 1.')
}

function readWidths(text: string): readonly number[] {
  if (text === 'none') return []
  if (/^[1-9]\d{0,5}(,[1-9]\d{0,5})*$/.test(text)) return text.split(',').map(Number)
  throw new InvalidArgumentError('Expected widths by commas, or "none".')
}
