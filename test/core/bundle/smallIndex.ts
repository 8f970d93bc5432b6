import initSqlJs from 'sql.js'
import type { SqlEngine, WritableDatabase } from '../../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { buildIndex } from '../../../core/bundle/writing/buildIndex.ts'
import type { IndexFile } from '../../../core/bundle/writing/IndexFile.ts'
import type { IndexSource } from '../../../core/bundle/writing/IndexSource.ts'
import { type Activity, createActivity } from '../../../core/statistics/formerActivity.ts'
import { countTokens, createModuleCounter } from '../../../core/statistics/addStoryActivity.ts'
import { harvestedModuleOf } from '../../../core/statistics/formerHarvestedModule.ts'

/*
 * A corpus small enough to count by hand: N = 8 positions, threshold 0.25, two modules. "CI" has a row a position.
 *
 *   story 0   ids  0 1 2 1     a cat sat cat       T: a 2, cat 3, sat 1, [EOS] 2, ##s 0
 *   story 1   ids  1 3         cat [EOS]
 *   story 2   ids  0 3         a [EOS]
 *
 * first.q_proj, C = 3:        0: cat 3                    F 3, one token
 *                             1: a 2, cat 1, [EOS] 1      F 4, three tokens
 *                             2: dead (0.25 is not above 0.25)
 * second.up_proj, C = 2:      0: cat 3                    F 3
 *                             1: [EOS] 2, a 1             F 3
 */
const TOKENS = ['a', 'cat', 'sat', '[EOS]', '##s', null]
const STORIES = [
  {
    ids: [0, 1, 2, 1],
    first: [
      [0, 0.5, 0],
      [1, 0.5, 0.25],
      [0, 0, 0],
      [1, 0, 0.25],
    ],
    second: [
      [0, 0.75],
      [0.5, 0],
      [0, 0],
      [0.5, 0],
    ],
  },
  {
    ids: [1, 3],
    first: [
      [0.5, 0, 0],
      [0, 1, 0],
    ],
    second: [
      [0.5, 0],
      [0, 1],
    ],
  },
  {
    ids: [0, 3],
    first: [
      [0, 0.5, 0],
      [0.125, 0, 0],
    ],
    second: [
      [0, 0],
      [0, 1],
    ],
  },
] as const

export const SMALL_THRESHOLD = 0.25
export const FIRST = 'first.q_proj'
export const SECOND = 'second.up_proj'

export async function openEngine(): Promise<SqlEngine> {
  return initSqlJs()
}

/** The activity of the stories above; inner activations are twice the CI. */
export function smallActivity(): Activity {
  const activity = createActivity({
    vocabularySize: TOKENS.length,
    threshold: SMALL_THRESHOLD,
    exampleSeed: 5,
    examplesPerSubcomponent: 2,
    windowRadius: 1,
    modules: [
      { path: FIRST, C: 3 },
      { path: SECOND, C: 2 },
    ],
  })
  const counters = activity.modules.map((_, i) => createModuleCounter(activity, i))
  for (const [story, { ids, first, second }] of STORIES.entries()) {
    countTokens(activity, ids)
    for (const [i, rows] of [first, second].entries()) {
      const causalImportances = Float32Array.from(rows.flat())
      counters[i]?.({ story, ids, causalImportances, innerActivations: causalImportances.map((ci) => 2 * ci) })
    }
  }
  return activity
}

export function smallSource(): IndexSource {
  const activity = smallActivity()
  const readActivity = (i: number) => async () => {
    const module = activity.modules[i]
    if (module === undefined) throw new Error(`no module ${i}`)
    return harvestedModuleOf(module)
  }
  return {
    positionCount: activity.positionCount,
    tokens: TOKENS,
    occurrences: activity.occurrences,
    stories: STORIES.map(({ ids }) => Uint32Array.from(ids)),
    exampleStories: [{ story: 1, text: 'cat' }],
    windowRadius: 1,
    modules: [
      { path: FIRST, layer: 0, kind: 'q_proj', C: 3, writeNorms: [1, 2, 3], readActivity: readActivity(0) },
      { path: SECOND, layer: 1, kind: 'up_proj', C: 2, writeNorms: [0.5, 1.5], readActivity: readActivity(1) },
    ],
  }
}

/** The small index's files by path. */
export async function buildSmallIndex(engine: SqlEngine): Promise<ReadonlyMap<string, IndexFile>> {
  const files = new Map<string, IndexFile>()
  for await (const file of buildIndex(engine, smallSource())) files.set(file.path, file)
  return files
}

/** The file at `path` of the small index, opened. */
export async function openSmallIndex(path: string): Promise<WritableDatabase> {
  const engine = await openEngine()
  const file = (await buildSmallIndex(engine)).get(path)
  if (file === undefined) throw new Error(`no file ${path}`)
  return openIndexFile(engine, file.bytes, path)
}
