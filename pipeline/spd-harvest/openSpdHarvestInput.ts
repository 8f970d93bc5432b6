import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { SpdHarvestCorpus } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { readModuleActivity } from '../../core/spd-harvest/readModuleActivity.ts'
import type { IndexInput } from '../IndexInput.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { readBundleSource } from '../node/readBundleSource.ts'
import { type OpenedSpdHarvest, openSpdHarvest } from './openSpdHarvest.ts'

/** Opens the spd package's harvest in `folder` for the index of `bundle`; each module is read when its turn comes. */
export async function openSpdHarvestInput(bundle: BundleFolder, folder: string): Promise<IndexInput> {
  const { tokens, modules } = await readBundleSource(bundle)
  const harvest = await openSpdHarvest(folder, modules, tokens.length)
  const { positionCount, occurrences, outputTotals } = harvest.stats
  try {
    assertTokens(tokens, occurrences, folder)
    const corpus = await describeCorpus(harvest)
    const hasText = (tokenId: number): boolean => tokens[tokenId] !== null
    return {
      corpus,
      source: {
        positionCount,
        threshold: corpus.threshold,
        tokens,
        occurrences: Uint32Array.from(occurrences),
        outputTotals,
        stories: [],
        exampleStories: [],
        windowRadius: 0,
        modules: modules.map((module, moduleId) => ({
          ...module,
          readActivity: () => readModuleActivity(harvest, { moduleId, writeNorms: module.writeNorms, hasText }),
        })),
      },
      close: harvest.close,
    }
  } catch (error) {
    await harvest.close()
    throw error
  }
}

/** Refuses a harvest with tokens that the bundle's tokenizer lacks. */
function assertTokens(tokens: readonly (string | null)[], occurrences: Float64Array, folder: string): void {
  const stray = tokens.findIndex((token, id) => token === null && (occurrences[id] ?? 0) > 0)
  if (stray === -1) return
  throw new AtlasError('tokenizer/vocabulary', `${folder}: token ${stray} occurs, and the bundle's tokenizer lacks it`)
}

async function describeCorpus({ files, stats, contexts }: OpenedSpdHarvest): Promise<SpdHarvestCorpus> {
  const contextFile = files.layout === 'jsonl' ? files.components : files.database
  const paths = [contextFile, files.tokenStats, ...(files.coFirings === null ? [] : [files.coFirings])]
  return {
    source: 'spd-harvest',
    sources: await Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: (await stat(path)).size }))),
    wandb_path: contexts.wandbPath,
    positions: stats.positionCount,
    distinct_tokens: stats.occurrences.reduce((count, occurrence) => count + (occurrence > 0 ? 1 : 0), 0),
    threshold: contexts.threshold,
  }
}
