import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { createFiringLog } from '../../../core/statistics/createFiringLog.ts'
import { type FiringCounts, readFiringCounts, tokenCountsAt } from '../../../core/statistics/FiringCounts.ts'
import { createRunWriter, type FiringShape, firingKey } from '../../../core/statistics/firingRun.ts'
import { mergeRuns } from '../../../core/statistics/mergeRuns.ts'
import { readRun } from '../../../core/statistics/readRun.ts'
import { createRandomStream } from './randomNumbers.ts'

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const gathered: number[] = []
  for await (const chunk of chunks) for (const byte of chunk) gathered.push(byte)
  return Uint8Array.from(gathered)
}

/** Entries as [subcomponent, token, bin, count, blocks]. */
function entriesOf(counts: FiringCounts): number[][] {
  return [...counts.counts].map((count, i) => {
    const c = counts.starts.findIndex((start, at) => start <= i && i < (counts.starts[at + 1] ?? 0))
    return [c, counts.tokenIds[i] ?? 0, counts.bins[i] ?? 0, count, counts.blocks[i] ?? 0]
  })
}

type Firing = readonly [c: number, tokenId: number, bin: number, block: number]

/** Rows of firings through a log that is added up after `logLength` firings. */
function logged(shape: FiringShape, rows: readonly (readonly Firing[])[], logLength: number) {
  const binCounts = new Uint32Array(shape.C * shape.levelCount)
  const blockCounts = new Uint32Array(shape.C * 16)
  const runs: Uint8Array<ArrayBuffer>[] = []
  const log = createFiringLog({
    modules: [{ shape, binCounts, blockCounts, activeLevel: 1 }],
    logLength,
    onRun: (_, bytes) => runs.push(bytes),
  })
  for (const row of rows) {
    const subcomponents = Uint32Array.from(row, ([c]) => c)
    const bins = Uint8Array.from(row, ([, , bin]) => bin)
    log.modules[0]?.addRow(row[0]?.[1] ?? 0, row[0]?.[3] ?? 0, subcomponents, bins, row.length)
  }
  log.finish()
  return { binCounts, blockCounts, runs }
}

/** The same counted with a map. */
function tallied(rows: readonly (readonly Firing[])[], shape: FiringShape): number[][] {
  const entries = new Map<number, number[]>()
  for (const [c, tokenId, bin, block] of rows.flat()) {
    const key = firingKey(shape, c, tokenId, bin)
    const [, , , count = 0, blocks = 0] = entries.get(key) ?? []
    entries.set(key, [c, tokenId, bin, count + 1, blocks | (1 << block)])
  }
  return [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry)
}

/** Some rows of random firings, few enough keys that most come back. */
function randomRows(
  shape: FiringShape,
  subcomponents: readonly number[],
  tokens: readonly number[],
  count: number,
): Firing[][] {
  const next = createRandomStream(7)
  return Array.from({ length: count }, () => {
    const tokenId = tokens[next(tokens.length)] ?? 0
    const block = next(16)
    const fires = subcomponents.filter(() => next(3) === 0)
    return fires.map((c): Firing => [c, tokenId, 1 + next(shape.levelCount), block])
  })
}

describe('a log of firings', () => {
  const shape = { C: 5000, vocabularySize: 50, levelCount: 20 }
  // Bins above 15 and gaps above 4,095 do not fit a word.
  const rows = randomRows(shape, [0, 1, 2, 7, 4200, 4999], [0, 3, 49], 400)

  test.each([1, 10, 100, 2 ** 22])('added up every %d firings it merges to the counts of a map', async (logLength) => {
    const { runs, binCounts, blockCounts } = logged(shape, rows, logLength)
    if (logLength <= 100) expect(runs.length).toBeGreaterThan(5)
    const merged = await joined(
      mergeRuns(
        runs.map((bytes, i) => bytesByteSource(bytes, `run ${i}`)),
        shape,
      ),
    )
    const entries = entriesOf(await readFiringCounts(bytesByteSource(merged, 'merged'), shape))
    expect(entries).toEqual(tallied(rows, shape))
    const inBin = rows.flat().filter(([c, , bin]) => c === 4200 && bin === 17).length
    expect(binCounts[4200 * 20 + 16]).toBe(inBin)
    const active = rows.flat().filter(([c, , bin, block]) => c === 4999 && bin > 1 && block === 5).length
    expect(blockCounts[4999 * 16 + 5]).toBe(active)
  })

  test('of few bytes it adds up the longest module whenever they are used up', async () => {
    // The least is four pieces of 32,768 words; rows of 6,000 firings in two modules use them up after some 20.
    const wide = { C: 6000, vocabularySize: 5, levelCount: 3 }
    const runs: Uint8Array<ArrayBuffer>[][] = [[], []]
    const module = () => ({
      shape: wide,
      binCounts: new Uint32Array(3 * 6000),
      blockCounts: new Uint32Array(16 * 6000),
      activeLevel: 0,
    })
    const log = createFiringLog({
      modules: [module(), module()],
      logBytes: 1,
      onRun: (index, bytes) => runs[index]?.push(bytes),
    })
    const all = Uint32Array.from({ length: 6000 }, (_, c) => c)
    for (let row = 0; row < 60; row++) {
      const bins = all.map((c) => 1 + ((c + row) % 3))
      log.modules[0]?.addRow(row % 5, 0, all, Uint8Array.from(bins), 6000)
      if (row % 3 === 0) log.modules[1]?.addRow(row % 5, 1, all, Uint8Array.from(bins), 6000)
    }
    log.finish()
    expect(runs[0]?.length).toBeGreaterThan(2)
    for (const [index, block, rows] of [
      [0, 0, 60],
      [1, 1, 20],
    ] as const) {
      const sources = (runs[index] ?? []).map((bytes, i) => bytesByteSource(bytes, `run ${i}`))
      const merged = await joined(mergeRuns(sources, wide))
      const { counts, blocks } = await readFiringCounts(bytesByteSource(merged, 'merged'), wide)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows * 6000)
      expect(new Set(blocks)).toEqual(new Set([1 << block]))
    }
  })

  test('keys beyond 32 bits are told apart', async () => {
    // 2²⁰ × 50,257 × 10 is some 2³⁹.
    const large = { C: 2 ** 20, vocabularySize: 50_257, levelCount: 10 }
    const far = randomRows(large, [0, 85_460, 2 ** 20 - 1], [0, 1, 50_256], 200)
    const { runs } = logged(large, far, 50)
    const merged = await joined(
      mergeRuns(
        runs.map((bytes, i) => bytesByteSource(bytes, `run ${i}`)),
        large,
      ),
    )
    expect(entriesOf(await readFiringCounts(bytesByteSource(merged, 'merged'), large))).toEqual(tallied(far, large))
  })

  test('modules too large for a key are refused', () => {
    const wide = { C: 2 ** 20 + 1, vocabularySize: 10, levelCount: 1 }
    expect(() => logged(wide, [], 10)).toThrow('1048577 subcomponents, 10 tokens, 1 levels, at most')
  })
})

test('the tokens at a level are those of the bins above it', async () => {
  const shape = { C: 2, vocabularySize: 9, levelCount: 3 }
  const writer = createRunWriter(shape)
  for (const [tokenId, bin, count] of [
    [4, 1, 5],
    [4, 2, 2],
    [4, 3, 1],
    [8, 2, 7],
  ] as const) {
    writer.add(firingKey(shape, 1, tokenId, bin), count, 1)
  }
  writer.end()
  const counts = await readFiringCounts(bytesByteSource(writer.take(), 'run'), shape)
  expect(tokenCountsAt(counts, 0, 0).counts).toHaveLength(0)
  expect(tokenCountsAt(counts, 1, 0)).toEqual({ tokenIds: Uint32Array.of(4, 8), counts: Uint32Array.of(8, 7) })
  expect(tokenCountsAt(counts, 1, 1)).toEqual({ tokenIds: Uint32Array.of(4, 8), counts: Uint32Array.of(3, 7) })
  expect(tokenCountsAt(counts, 1, 2)).toEqual({ tokenIds: Uint32Array.of(4), counts: Uint32Array.of(1) })
})

describe('a run', () => {
  const shape = { C: 3, vocabularySize: 10, levelCount: 2 }
  const HEADER = [0x53, 0x50, 0x44, 0x52, 2, 3, 10, 2]
  const read = async (bytes: readonly number[]) =>
    readFiringCounts(bytesByteSource(Uint8Array.from(bytes), 'counts-0.bin'), shape)

  test('is bytes anyone can write', async () => {
    // Key 5 = (0 · 10 + 2) · 2 + 1: subcomponent 0, token 2, bin 2; once, in block 9. Then key 25, thrice in blocks 0 and 1.
    const counts = await read([...HEADER, 6, 1, 9, 20, 3, 3, 0, 2])
    expect(entriesOf(counts)).toEqual([
      [0, 2, 2, 1, 512],
      [1, 2, 2, 3, 3],
    ])
  })

  test.each([
    ['no run', [1, 2, 3, 4, 5], 'not a run of firing counts'],
    ['nothing', [], 'cut off after 0 entries'],
    [
      'another shape',
      [...HEADER.slice(0, 7), 3, 0, 0],
      'run of 3 × 10 × 3 subcomponents, tokens and levels, not 3 × 10 × 2',
    ],
    ['no end', [...HEADER, 6, 1, 9], 'cut off after 1 entries'],
    ['half an entry', [...HEADER, 6, 1], 'cut off after 0 entries'],
    ['a key beyond the last', [...HEADER, 61, 1, 0, 0, 1], 'entry 0 lies beyond 60 keys'],
    ['a count of 0', [...HEADER, 1, 0, 1, 0, 1], 'entry 0 has count 0'],
    ['more blocks than firings', [...HEADER, 1, 2, 7, 0, 1], 'entry 0 has blocks 7 for count 2'],
    ['no blocks', [...HEADER, 1, 2, 0, 0, 1], 'entry 0 has blocks 0 for count 2'],
    ['a block beyond 15', [...HEADER, 1, 1, 17, 0, 1], 'entry 0 has blocks 17 for count 1'],
    ['another number of entries', [...HEADER, 1, 1, 0, 0, 2], '1 entries, expected 2'],
    ['bytes after the end', [...HEADER, 1, 1, 0, 0, 1, 0], '1 bytes after its end'],
    ['an endless number', [...HEADER, ...new Array<number>(20).fill(255)], 'has a number of more than 56 bits'],
  ])('with %s is refused by name', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'format/malformed' })
    await expect(read(bytes)).rejects.toThrow(`counts-0.bin: `)
    await expect(read(bytes)).rejects.toThrow(message)
  })

  test('read in small stripes gives the same entries', async () => {
    const writer = createRunWriter({ C: 100, vocabularySize: 1000, levelCount: 10 })
    for (let key = 0; key < 999_999; key += 37) writer.add(key, 1 + (key % 300), 1 << (key % 16))
    writer.end()
    const bytes = writer.take()
    const keysBy = async (stripeBytes: number): Promise<number[]> => {
      const keys: number[] = []
      const source = bytesByteSource(bytes, 'run')
      for await (const stripe of readRun(source, { C: 100, vocabularySize: 1000, levelCount: 10 }, stripeBytes)) {
        keys.push(...stripe.keys.subarray(0, stripe.length))
      }
      return keys
    }
    const small = await keysBy(1)
    expect(small).toHaveLength(27_027)
    expect(small).toEqual(await keysBy(2 ** 20))
  })

  test('out of order is never written', () => {
    const writer = createRunWriter(shape)
    writer.add(5, 1, 1)
    expect(() => writer.add(5, 1, 1)).toThrow('run: key 5 after 5 with count 1')
  })
})
