/** Writes stories of the grammar as JSON lines: `npx tsx training/makeCorpus.ts COUNT SEED OUT.jsonl`. */
import { fileURLToPath } from 'node:url'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { createStoryteller } from '../core/storyteller/createStoryteller.ts'
import { createTerminal } from '../pipeline/node/createTerminal.ts'
import { type RegisterCommand, runCommands } from '../pipeline/runCommands.ts'
import { readGrammarFolder } from './readGrammarFolder.ts'
import { writeCorpus } from './writeCorpus.ts'

const GRAMMAR = fileURLToPath(new URL('grammar', import.meta.url))

const registerMakeCorpus: RegisterCommand = (program, { onProgress }) => {
  program
    .name('makeCorpus')
    .description('Writes stories of the grammar in training/grammar as JSON lines.')
    .argument('<count>', 'number of stories', readInteger('count', 1, 10_000_000))
    .argument(
      '<seed>',
      'seed of the corpus; the bundled models were trained on 526',
      readInteger('seed', 0, 2 ** 32 - 1),
    )
    .argument('<out>', 'file to write, e.g. stories.jsonl')
    .action(async (count: number, seed: number, out: string) => {
      await writeCorpus(createStoryteller(await readGrammarFolder(GRAMMAR), seed), count, out, onProgress)
    })
}

function readInteger(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new AtlasError('arguments/invalid', `${name} is "${text}", expected an integer from ${least} to ${most}`)
  }
}

process.exitCode = await runCommands([registerMakeCorpus], process.argv.slice(2), createTerminal())
