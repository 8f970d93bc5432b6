import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Grammar } from '../core/storyteller/Grammar.ts'
import { parseLexicon } from '../core/storyteller/parseLexicon.ts'
import { parseSkeletons } from '../core/storyteller/parseSkeletons.ts'
import { readText } from '../pipeline/node/files.ts'

/** Reads `lexicon.txt` and, in the order of their names, `skeletons/*.txt` from a folder such as training/grammar. */
export async function readGrammarFolder(folder: string): Promise<Grammar> {
  const lexicon = parseLexicon(await readText(join(folder, 'lexicon.txt')), 'lexicon.txt')
  const names = (await readdir(join(folder, 'skeletons'))).filter((name) => name.endsWith('.txt')).sort()
  const files = await Promise.all(
    names.map(async (name) => parseSkeletons(await readText(join(folder, 'skeletons', name)), name)),
  )
  return { lexicon, skeletons: files.flat() }
}
