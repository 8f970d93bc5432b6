import { describe, expect, test } from 'vitest'
import { readCoFirings } from '../../../core/spd-harvest/readCoFirings.ts'
import { readModuleActivity } from '../../../core/spd-harvest/readModuleActivity.ts'
import { readTokenStats } from '../../../core/spd-harvest/readTokenStats.ts'
import { joinSpdHarvest } from '../../../core/spd-harvest/SpdHarvest.ts'
import { CI_UNIT } from '../../../core/statistics/Activity.ts'
import { CORRELATIONS, contexts, KEYS, MODULES, record, TOKEN_STATS, VOCABULARY } from './smallHarvest.ts'

async function open(stats: object = {}, correlations: object = {}, context = contexts()) {
  const read = await readTokenStats(await record({ ...TOKEN_STATS, ...stats }), MODULES, VOCABULARY)
  return joinSpdHarvest(read, await readCoFirings(await record({ ...CORRELATIONS, ...correlations }), read), context)
}

const options = { writeNorms: [1, 1], hasText: () => true }
const readFirst = async (...parts: Parameters<typeof open>) =>
  readModuleActivity(await open(...parts), { ...options, moduleId: 0 })
const readSecond = async (...parts: Parameters<typeof open>) =>
  readModuleActivity(await open(...parts), { ...options, moduleId: 1 })

describe('the activity of a module', () => {
  test('has the token counts of its subcomponents, without zeros', async () => {
    expect((await readFirst()).tokenCounts).toEqual([
      { tokenIds: Uint32Array.of(0, 1), counts: Uint32Array.of(4, 1) },
      { tokenIds: Uint32Array.of(), counts: Uint32Array.of() },
    ])
  })

  test('has mean CI and examples where something fires', async () => {
    const { ciSums, examples } = await readFirst()
    // Mean 0.25 over 10 positions; of a:1, which is dead, the harvest says nothing.
    expect(ciSums).toEqual(Float64Array.of(2.5 / CI_UNIT, Number.NaN))
    expect(Array.isArray(examples) && examples.map((windows) => windows.length)).toEqual([1, 0])
  })

  test('knows the mean CI of dead subcomponents where the threshold is 0', async () => {
    expect((await readFirst({}, {}, contexts(0))).ciSums[1]).toBe(0)
  })

  test('has the partners of its subcomponents, most firings together first', async () => {
    expect((await readFirst()).coFirings).toEqual([
      [
        { moduleId: 1, subcomponent: 1, count: 4 },
        { moduleId: 1, subcomponent: 0, count: 1 },
      ],
      [],
    ])
    expect((await readSecond()).coFirings).toEqual([
      [
        { moduleId: 1, subcomponent: 1, count: 2 },
        { moduleId: 0, subcomponent: 0, count: 1 },
      ],
      [
        { moduleId: 0, subcomponent: 0, count: 4 },
        { moduleId: 1, subcomponent: 0, count: 2 },
      ],
    ])
  })

  test('has the output tokens of its subcomponents, most mass first', async () => {
    expect((await readFirst()).outputTokens).toEqual([
      [
        { tokenId: 1, mass: 2.5 },
        { tokenId: 0, mass: 2 },
        { tokenId: 2, mass: 0.5 },
      ],
      [],
    ])
  })

  test('leaves out output tokens the tokenizer has no text for', async () => {
    const activity = await readModuleActivity(await open(), { ...options, moduleId: 0, hasText: (id) => id !== 1 })
    expect(activity.outputTokens?.[0]?.map(({ tokenId }) => tokenId)).toEqual([0, 2])
  })

  test('is that of the bundle, whatever the order of the harvest', async () => {
    const turn = <T>([a0, a1, b0, b1]: readonly T[]) => [b0, b1, a0, a1] as T[]
    const stats = {
      component_keys: turn(KEYS),
      input_counts: turn(TOKEN_STATS.input_counts),
      output_counts: turn(TOKEN_STATS.output_counts),
      firing_counts: turn(TOKEN_STATS.firing_counts),
    }
    const correlations = {
      component_keys: turn(KEYS),
      count_i: turn(CORRELATIONS.count_i),
      count_ij: turn(CORRELATIONS.count_ij.map(turn)),
    }
    expect(await readFirst(stats, correlations)).toEqual(await readFirst())
    expect(await readSecond(stats, correlations)).toEqual(await readSecond())
  })
})

const changed = <T>(rows: readonly (readonly T[])[], row: number, column: number, value: T) =>
  rows.map((values, r) => values.map((found, c) => (r === row && c === column ? value : found)))

describe('a harvest is refused', () => {
  const name = 'model_7.pth'
  test.each([
    [
      'of another vocabulary',
      { vocab_size: 4 },
      {},
      'arguments/invalid',
      `${name}: has a vocabulary of 4, the bundle's has 3`,
    ],
    [
      'whose occurrences do not add up',
      { n_tokens: 11 },
      {},
      'format/malformed',
      `${name}: the sum of "input_totals" is 10, expected "n_tokens", 11`,
    ],
    [
      'with a broken count',
      { input_totals: [4.5, 3.5, 2] },
      {},
      'format/malformed',
      `${name}: "input_totals": holds 4.5, expected counts below 2^32`,
    ],
    [
      'with a negative mass',
      { output_totals: [5, -4, 1] },
      {},
      'format/malformed',
      `${name}: "output_totals": holds -4, expected sums of probabilities`,
    ],
    [
      'of no positions',
      { n_tokens: 0, input_totals: [0, 0, 0] },
      {},
      'format/malformed',
      `${name}: "n_tokens" is 0, expected at least 1`,
    ],
    [
      'whose co-firings have keys of another order',
      {},
      { component_keys: ['b:0', 'b:1', 'a:0', 'a:1'] },
      'format/malformed',
      `${name}: has 4 subcomponents, a not where those of the token statistics`,
    ],
    [
      'whose co-firings are of other positions',
      {},
      { count_total: 11 },
      'format/malformed',
      `${name}: "count_total" is 11, expected that of the token statistics, 10`,
    ],
    [
      'whose co-firings are of other firings',
      {},
      { count_i: [5, 0, 2, 7] },
      'format/malformed',
      `${name}: "count_i" of b:1 is 7, expected that of the token statistics, 8`,
    ],
    [
      'whose co-firings are not square',
      {},
      { count_ij: CORRELATIONS.count_ij.slice(1) },
      'format/malformed',
      `${name}: "count_ij" has shape [3, 4], expected [4, 4]`,
    ],
  ])('%s', async (_, stats, correlations, code, message) => {
    await expect(open(stats, correlations)).rejects.toMatchObject({ code, message })
  })

  test.each([
    [
      'whose counts do not add up',
      { input_counts: changed(TOKEN_STATS.input_counts, 0, 0, 3) },
      {},
      `the sum of ${name}: "input_counts" of a:0 is 4, expected "firing_counts", 5`,
    ],
    [
      'with more firings on a token than it occurs',
      { input_counts: changed(TOKEN_STATS.input_counts, 0, 0, 5) },
      {},
      `${name}: "input_counts" of a:0 counts token 0 5 times, expected at most its 4`,
    ],
    [
      'with an infinite mass',
      { output_counts: changed(TOKEN_STATS.output_counts, 0, 2, Number.POSITIVE_INFINITY) },
      {},
      `${name}: "output_counts" of a:0: holds Infinity, expected sums of probabilities`,
    ],
    [
      'with a subcomponent that fires with itself less than alone',
      {},
      { count_ij: changed(CORRELATIONS.count_ij, 0, 0, 4) },
      `${name}: "count_ij" of a:0 with itself is 4, expected "count_i", 5`,
    ],
    [
      'with more firings together than alone',
      {},
      { count_ij: changed(CORRELATIONS.count_ij, 0, 3, 6) },
      `${name}: "count_ij" of a:0 holds 6 with row 3, expected at most 5 firings`,
    ],
    [
      'with more probability than there is',
      { output_counts: changed(TOKEN_STATS.output_counts, 0, 2, 1.5) },
      {},
      `${name}: "output_counts" of a:0, token 2: holds 1.5, expected at most its total, 1`,
    ],
  ])('%s', async (_, stats, correlations, message) => {
    await expect(readFirst(stats, correlations)).rejects.toMatchObject({ code: 'format/malformed', message })
  })

  test('that says nothing of a subcomponent that fires', async () => {
    const silent = { ...contexts(), readModule: async () => new Map() }
    await expect(readFirst({}, {}, silent)).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'components.jsonl: a:0 is absent, and fires in the token statistics',
    })
  })

  test('that speaks of a subcomponent that is dead', async () => {
    const lively = {
      ...contexts(),
      readModule: async () => new Map([0, 1].map((c) => [c, { meanCi: 0, windows: [] }])),
    }
    await expect(readFirst({}, {}, lively)).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'components.jsonl: a:1 is there, and never fires in the token statistics',
    })
  })

  test('that speaks of more subcomponents than fire', async () => {
    await expect(open({}, {}, { ...contexts(), subcomponentCount: 4 })).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'components.jsonl: has 4 subcomponents, 3 fire in the token statistics',
    })
  })
})

test('a harvest without co-firings has none', async () => {
  const stats = await readTokenStats(await record(TOKEN_STATS), MODULES, VOCABULARY)
  const activity = await readModuleActivity(joinSpdHarvest(stats, null, contexts()), { ...options, moduleId: 0 })
  expect('coFirings' in activity).toBe(false)
})

test('products rounded to bfloat16 are held to what they can be', async () => {
  // 1000 is 0b1111101000, 1002 one part in 500 more.
  const stats = {
    n_tokens: 3000,
    input_totals: [1000, 1000, 1000],
    input_counts: [
      [1000, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [1000, 1000, 0],
    ],
    firing_counts: [1000, 0, 0, 2000],
    output_counts: changed(TOKEN_STATS.output_counts, 0, 0, 5.01),
  }
  const correlations = {
    count_total: 3000,
    count_i: [1000, 0, 0, 2000],
    count_ij: [
      [1002, 0, 0, 1002],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [1002, 0, 0, 2004],
    ],
  }
  const activity = await readFirst(stats, correlations)
  expect(activity.coFirings?.[0]).toEqual([{ moduleId: 1, subcomponent: 1, count: 1000 }])
  expect(activity.outputTokens?.[0]?.[0]).toEqual({ tokenId: 0, mass: 5 })
})

test('counts beyond what float32 holds may differ a little', async () => {
  const large = 2 ** 25
  const stats = (sum: number) => ({
    n_tokens: 2 * large,
    input_totals: [large, large, 0],
    input_counts: [
      [sum, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
    firing_counts: [large, 0, 0, 0],
  })
  const correlations = {
    count_total: 2 * large,
    count_i: [large, 0, 0, 0],
    count_ij: changed(
      KEYS.map(() => [0, 0, 0, 0]),
      0,
      0,
      large,
    ),
  }
  expect((await readFirst(stats(large - 8), correlations)).tokenCounts[0]?.counts).toEqual(Uint32Array.of(large - 8))
  await expect(readFirst(stats(large - 2 ** 16), correlations)).rejects.toThrow('expected "firing_counts", 33554432')
})
