/** Writes the grammar as the one file a bundle carries: `npx tsx training/buildGrammar.ts OUT/stories/grammar.json`. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { createStoryteller } from '../core/storyteller/createStoryteller.ts'
import { writeGrammar } from '../core/storyteller/readGrammar.ts'
import { createTerminal } from '../pipeline/node/createTerminal.ts'
import { writeFileAtomically } from '../pipeline/node/files.ts'
import { type RegisterCommand, runCommands } from '../pipeline/runCommands.ts'
import { readGrammarFolder } from './readGrammarFolder.ts'

const GRAMMAR = fileURLToPath(new URL('grammar', import.meta.url))
/** Any seed will do: only the checks on the way matter. */
const CHECK_SEED = 0

const registerBuildGrammar: RegisterCommand = (program, { print }) => {
  program
    .name('buildGrammar')
    .description('Checks the grammar in training/grammar and writes it as one JSON file.')
    .argument('<out>', 'file to write, e.g. stories/grammar.json')
    .action(async (out: string) => {
      const grammar = await readGrammarFolder(GRAMMAR)
      createStoryteller(grammar, CHECK_SEED)
      const json = writeGrammar(grammar)
      await writeFileAtomically(out, json)
      const words = grammar.lexicon.reduce((sum, category) => sum + category.words.length, 0)
      print(`${grammar.skeletons.length} skeletons, ${grammar.lexicon.length} categories, ${words} words: `)
      print(`${Buffer.byteLength(json)} bytes, ${gzipSync(json).length} gzipped\n`)
    })
}

process.exitCode = await runCommands([registerBuildGrammar], process.argv.slice(2), createTerminal())
