import type { WritableDatabase } from '../../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { buildIndex } from '../../../core/bundle/writing/buildIndex.ts'
import type { IndexSource, SourceActivity } from '../../../core/bundle/writing/IndexSource.ts'
import { openEngine, smallSource } from './smallIndex.ts'

/** The small index as of a harvest without stories: F of 0:1 is 4, of 0:0 is 3, of 1:1 is 3; N is 8. */
export function harvestSource(): IndexSource {
  const source = smallSource()
  const readWithout = async (read: () => Promise<SourceActivity>, moduleId: number): Promise<SourceActivity> => {
    const { tokenCounts, ciSums } = await read()
    const window = (tokenId: number) => ({
      tokenIds: [1, tokenId],
      ciBytes: Uint8Array.of(0, 128),
      firing: 1,
      causalImportance: 0.5,
      innerActivation: null,
    })
    return {
      tokenCounts,
      ciSums: ciSums.map((sum, c) => (tokenCounts[c]?.counts.length === 0 ? Number.NaN : sum)),
      examples: tokenCounts.map(({ tokenIds }) => [...tokenIds.subarray(0, 1)].map(window)),
      outputTokens: tokenCounts.map((_, c) =>
        moduleId === 0 && c === 1
          ? [
              { tokenId: 0, mass: 0.5 },
              { tokenId: 3, mass: 1 },
            ]
          : [],
      ),
      coFirings: tokenCounts.map((_, c) =>
        moduleId === 0 && c === 1
          ? [
              { moduleId: 1, subcomponent: 1, count: 1 },
              { moduleId: 0, subcomponent: 0, count: 2 },
            ]
          : [],
      ),
    }
  }
  return {
    ...source,
    stories: [],
    exampleStories: [],
    outputTotals: Float64Array.of(2, 3, 1, 1.5, 0.25, 0.25),
    modules: source.modules.map((module, i) => ({
      ...module,
      readActivity: () => readWithout(module.readActivity, i),
    })),
  }
}

/** The summary of an index and the detail of its first module. */
export async function openFiles(source: IndexSource): Promise<{ summary: WritableDatabase; detail: WritableDatabase }> {
  const engine = await openEngine()
  const files = new Map<string, Uint8Array>()
  for await (const { path, bytes } of buildIndex(engine, source)) files.set(path, bytes)
  const open = (path: string) => openIndexFile(engine, files.get(path) ?? new Uint8Array(), path)
  return { summary: open('index/summary.sqlite'), detail: open('index/detail-0-0.sqlite') }
}
