import { rm } from 'node:fs/promises'
import { checkParts } from './harvest/checkParts.ts'
import { HARVEST_JSON } from './harvest/harvestFolder.ts'
import { mergeParts } from './harvest/mergeParts.ts'
import { assertReplaceable, removePartials, replaceFolder } from './node/replaceFolder.ts'
import { reached } from './stories/readFileChunks.ts'
import type { Terminal } from './Terminal.ts'

export interface MergeOptions {
  /** Folders of parts, which together hold each part of one harvest once. */
  readonly parts: readonly string[]
  readonly out: string
  /** Whether the folders' parts are removed once they are merged. */
  readonly removeParts?: boolean
}

/** Adds the parts of a harvest up and writes the harvest into `options.out`, whole or not at all. */
export async function merge(
  { parts, out, removeParts = false }: MergeOptions,
  { tell, onProgress }: Pick<Terminal, 'tell' | 'onProgress'>,
): Promise<void> {
  await assertReplaceable(out, HARVEST_JSON, '--out')
  await removePartials(out)
  const checked = await checkParts(parts, tell, onProgress)
  await replaceFolder(out, async (folder) => {
    const corpus = await mergeParts(checked, folder, onProgress)
    tell(
      `${out}: ${corpus.stories} stories (${corpus.stories_cut} cut at ${corpus.context_length}), ` +
        `${corpus.positions} positions, of ${checked.folders.length} parts`,
    )
  })
  if (removeParts) for (const folder of checked.folders) await reached(rm(folder, { recursive: true }), folder)
}
