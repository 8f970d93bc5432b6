import initSqlJs from 'sql.js'
import type { SqlEngine, WritableDatabase } from '../../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { openLevelFile } from '../../../core/bundle/openLevelFile.ts'
import { buildIndex } from '../../../core/bundle/writing/buildIndex.ts'
import type { IndexFile } from '../../../core/bundle/writing/IndexFile.ts'
import type { IndexSource } from '../../../core/bundle/writing/IndexSource.ts'
import { categoryIndex, TOKEN_CATEGORIES, type TokenCategory } from '../../../core/categories/tokenCategories.ts'
import { CI_UNIT } from '../../../core/statistics/Activity.ts'
import { ACTIVATION_BINS, activationBin } from '../../../core/statistics/activationBin.ts'
import { ciByte } from '../../../core/statistics/ciByte.ts'
import type { FiringCounts } from '../../../core/statistics/FiringCounts.ts'
import { createFiringSample, offerFiring } from '../../../core/statistics/FiringSample.ts'
import { addressHash, firingHash, positionHash } from '../../../core/statistics/firingHash.ts'
import { CI_STEPS, JACKKNIFE_BLOCKS } from '../../../core/statistics/HarvestSettings.ts'
import { binOf } from '../../../core/statistics/levels.ts'
import type { SampledPositions } from '../../../core/statistics/SampledPositions.ts'

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

export function smallSource(): IndexSource {
  const readActivity = (rows: 'first' | 'second', path: string, C: number) => async () => {
    const { tokenCounts, ciSums, examples } = countModule(rows, path, C)
    return { tokenCounts, ciSums, examples }
  }
  return {
    positionCount: 8,
    threshold: SMALL_THRESHOLD,
    tokens: TOKENS,
    occurrences: Uint32Array.of(2, 3, 1, 2, 0, 0),
    stories: STORIES.map(({ ids }) => Uint32Array.from(ids)),
    exampleStories: [{ story: 1, text: 'cat' }],
    windowRadius: 1,
    modules: [
      {
        path: FIRST,
        layer: 0,
        kind: 'q_proj',
        C: 3,
        writeNorms: [1, 2, 3],
        readActivity: readActivity('first', FIRST, 3),
      },
      {
        path: SECOND,
        layer: 1,
        kind: 'up_proj',
        C: 2,
        writeNorms: [0.5, 1.5],
        readActivity: readActivity('second', SECOND, 2),
      },
    ],
  }
}

/** Thresholds at which the full source has counts. */
export const FULL_LEVELS = [0.2, SMALL_THRESHOLD, 0.5]

/** The small source with all that a harvest of stories has: story s is jackknife block s, stories 0 and 2 are sampled. */
export function fullSource(): IndexSource {
  const source = smallSource()
  const categoryCounts = new Uint32Array(TOKENS.length * TOKEN_CATEGORIES.length)
  const tag = (tokenId: number, category: TokenCategory, count: number): void => {
    categoryCounts[tokenId * TOKEN_CATEGORIES.length + categoryIndex(category)] = count
  }
  tag(0, 'DET', 2)
  tag(1, 'NOUN', 2)
  tag(1, 'VERB', 1)
  tag(2, 'VERB', 1)
  tag(3, 'special', 2)
  return {
    ...source,
    levels: FULL_LEVELS,
    categoryCounts,
    storiesByPosition: Uint32Array.of(3, 3, 1, 1, 0),
    blockPositions: Float64Array.from({ length: 16 }, (_, block) => STORIES[block]?.ids.length ?? 0),
    sample: { drawn: 7, positions: sampledPositions() },
    modules: source.modules.map((module, i) => ({
      ...module,
      readActivity: async () => countModule(i === 0 ? 'first' : 'second', module.path, module.C),
    })),
  }
}

/** Stories 0 and 2; the model expects "cat" with 0.5 and "sat" with 0.25 everywhere. */
function sampledPositions(): SampledPositions {
  const rows = [0, 2].flatMap((story) => STORIES[story]?.ids.map((id, position) => ({ story, position, id })) ?? [])
  const activeOf = (key: 'first' | 'second') => {
    const lists = rows.map(({ story, position }) =>
      (STORIES[story]?.[key][position] ?? []).flatMap((ci, c) => (ci > SMALL_THRESHOLD ? [c] : [])),
    )
    return { starts: startsOf(lists), subcomponents: Uint32Array.from(lists.flat()) }
  }
  const outputs = rows.map(() => [1, 2])
  return {
    rowCount: rows.length,
    stories: Uint32Array.from(rows, ({ story }) => story),
    positions: Uint32Array.from(rows, ({ position }) => position),
    tokenIds: Uint32Array.from(rows, ({ id }) => id),
    outputs: {
      starts: startsOf(outputs),
      tokenIds: Uint32Array.from(outputs.flat()),
      probabilities: Uint32Array.from(rows.flatMap(() => [2 ** 23, 2 ** 22])),
    },
    modules: [activeOf('first'), activeOf('second')],
  }
}

function startsOf(lists: readonly (readonly unknown[])[]): Uint32Array {
  const starts = new Uint32Array(lists.length + 1)
  for (const [i, list] of lists.entries()) starts[i + 1] = (starts[i] ?? 0) + list.length
  return starts
}

/** Everything a harvest keeps of a module, counted by the definitions. */
function countModule(key: 'first' | 'second', path: string, C: number) {
  const all = STORIES.flatMap(({ ids, ...modules }, story) =>
    ids.flatMap((tokenId, position) =>
      (modules[key][position] ?? []).map((ci, c) => ({ story, position, tokenId, c, ci, h: 2 * ci })),
    ),
  )
  const firings = all.filter(({ ci }) => ci > SMALL_THRESHOLD)
  const sampled = createFiringSample(C, 2, 1)
  const strongest = createFiringSample(C, 1, 1)
  const blockCounts = new Uint32Array(C * JACKKNIFE_BLOCKS)
  const ci = new Uint32Array(C * CI_STEPS)
  const activation = new Uint32Array(C * ACTIVATION_BINS)
  const sampledActivation = new Uint32Array(C * ACTIVATION_BINS)
  const add = (counts: Uint32Array | Float64Array, at: number): void => {
    counts[at] = (counts[at] ?? 0) + 1
  }
  for (const firing of firings) {
    const { story, position, c } = firing
    const window = Uint8Array.from([-1, 0, 1], (offset) => {
      const near = all.find((one) => one.story === story && one.c === c && one.position === position + offset)
      return ciByte(near?.ci ?? 0, SMALL_THRESHOLD)
    })
    const hash = firingHash(positionHash(5, story, position), addressHash(path, c))
    const kept = { story, position, causalImportance: firing.ci, innerActivation: firing.h, window }
    offerFiring(sampled, c, { key: hash, ...kept })
    offerFiring(strongest, c, { key: 100 - 10 * firing.h, ...kept })
    add(blockCounts, c * JACKKNIFE_BLOCKS + story)
    add(ci, c * CI_STEPS + Math.min(CI_STEPS - 1, Math.floor(firing.ci * CI_STEPS)))
    add(activation, c * ACTIVATION_BINS + activationBin(firing.h))
  }
  const l0ByPosition = new Float64Array(5 * FULL_LEVELS.length)
  for (const { position, c, ci: value, h, story } of all) {
    if (story !== 1) add(sampledActivation, c * ACTIVATION_BINS + activationBin(h))
    const bin = binOf(value, FULL_LEVELS)
    if (bin > 0) add(l0ByPosition, position * FULL_LEVELS.length + bin - 1)
  }
  return {
    tokenCounts: Array.from({ length: C }, (_, c) => {
      const ids = firings.filter((firing) => firing.c === c).map(({ tokenId }) => tokenId)
      const tokenIds = [...new Set(ids)].sort((a, b) => a - b)
      const counts = tokenIds.map((id) => ids.filter((other) => other === id).length)
      return { tokenIds: Uint32Array.from(tokenIds), counts: Uint32Array.from(counts) }
    }),
    ciSums: Float64Array.from({ length: C }, (_, c) =>
      all.filter((one) => one.c === c).reduce((sum, one) => sum + one.ci / CI_UNIT, 0),
    ),
    examples: sampled,
    strongest,
    blockCounts,
    histograms: { ci, activation, sampledActivation },
    l0ByPosition,
    firingCounts: firingCountsOf(all, C),
  }
}

function firingCountsOf(
  all: readonly { readonly c: number; readonly tokenId: number; readonly ci: number; readonly story: number }[],
  C: number,
): FiringCounts {
  const entries = new Map<string, { c: number; tokenId: number; bin: number; count: number; blocks: number }>()
  for (const { c, tokenId, ci, story } of all) {
    const bin = binOf(ci, FULL_LEVELS)
    if (bin === 0) continue
    const entry = entries.get(`${c} ${tokenId} ${bin}`) ?? { c, tokenId, bin, count: 0, blocks: 0 }
    entries.set(`${c} ${tokenId} ${bin}`, { ...entry, count: entry.count + 1, blocks: entry.blocks | (1 << story) })
  }
  const sorted = [...entries.values()].sort((a, b) => a.c - b.c || a.tokenId - b.tokenId || a.bin - b.bin)
  return {
    starts: startsOf(Array.from({ length: C }, (_, c) => sorted.filter((entry) => entry.c === c))),
    tokenIds: Uint32Array.from(sorted, ({ tokenId }) => tokenId),
    bins: Uint8Array.from(sorted, ({ bin }) => bin),
    counts: Uint32Array.from(sorted, ({ count }) => count),
    blocks: Uint16Array.from(sorted, ({ blocks }) => blocks),
  }
}

/** The small index's files by path, or those of another source. */
export async function buildSmallIndex(
  engine: SqlEngine,
  source: IndexSource = smallSource(),
): Promise<ReadonlyMap<string, IndexFile>> {
  const files = new Map<string, IndexFile>()
  for await (const file of buildIndex(engine, source)) files.set(file.path, file)
  return files
}

/** The file at `path` of the small index, or of another source's, opened. */
export async function openSmallIndex(path: string, source: IndexSource = smallSource()): Promise<WritableDatabase> {
  const engine = await openEngine()
  const file = (await buildSmallIndex(engine, source)).get(path)
  if (file === undefined) throw new Error(`no file ${path}`)
  return openIndexFile(engine, file.bytes, path)
}

let fullFiles: Promise<ReadonlyMap<string, IndexFile>> | undefined

/** The file at `path` of the full source's index, which is made once, opened anew. */
export async function openFullIndex(path: string): Promise<WritableDatabase> {
  return openIndexFile(await openEngine(), await fullBytes(path), path)
}

/** The file of the level at `threshold` of the full source's index, opened over its summary. */
export async function openFullLevel(threshold: number): Promise<WritableDatabase> {
  const path = `index/level-${threshold}.sqlite`
  const summary = await openFullIndex('index/summary.sqlite')
  return openLevelFile(await openEngine(), await fullBytes(path), path, summary)
}

async function fullBytes(path: string): Promise<Uint8Array> {
  fullFiles ??= buildSmallIndex(await openEngine(), fullSource())
  const file = (await fullFiles).get(path)
  if (file === undefined) throw new Error(`no file ${path}`)
  return file.bytes
}
