import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { createFiringLog, type FiringLog } from '../../../core/statistics/createFiringLog.ts'
import { type FiringCounts, readFiringCounts, tokenCountsAt } from '../../../core/statistics/FiringCounts.ts'
import { binBitsOf, createRunWriter, type FiringShape, firingKey } from '../../../core/statistics/firingRun.ts'
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

/** Rows of firings through a log that is added up after `logBytes`, `batchRows` rows a batch. */
function logged(shape: FiringShape, rows: readonly (readonly Firing[])[], logBytes: number, batchRows = 7) {
  const runs: Uint8Array<ArrayBuffer>[] = []
  const subcomponents = Uint32Array.from(new Set(rows.flat().map(([c]) => c))).sort()
  const log = createFiringLog({ modules: [{ shape, subcomponents }], logBytes, onRun: (_, bytes) => runs.push(bytes) })
  for (let start = 0; start < rows.length; start += batchRows) {
    const batch = rows.slice(start, start + batchRows)
    const [rowCount, tokenIds] = [batch.length, Uint32Array.from(batch, ([first]) => first?.[1] ?? 0)]
    log.startBatch({ rowCount, tokenIds, blocks: Uint8Array.from(batch, ([first]) => first?.[3] ?? 0) })
    addBatch(log, shape, [...subcomponents], batch)
  }
  log.finish()
  return runs
}

/** Adds a batch to the log's only module, column by column. */
function addBatch(
  log: FiringLog,
  shape: FiringShape,
  columns: readonly number[],
  batch: readonly (readonly Firing[])[],
) {
  const ofColumns = columns.map((column) =>
    batch.flatMap((row, r) => row.filter(([c]) => c === column).map(([, , bin]) => (r << binBitsOf(shape)) | bin)),
  )
  const firings = Uint32Array.from(ofColumns.flat())
  log.modules[0]?.add(
    firings,
    firings.length,
    Uint32Array.from(ofColumns, ({ length }) => length),
  )
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

async function mergedEntries(runs: readonly Uint8Array<ArrayBuffer>[], shape: FiringShape): Promise<number[][]> {
  const sources = runs.map((bytes, i) => bytesByteSource(bytes, `run ${i}`))
  const merged = await joined(mergeRuns(sources, shape))
  return entriesOf(await readFiringCounts(bytesByteSource(merged, 'merged'), shape))
}

describe('a log of firings', () => {
  const shape = { C: 5000, vocabularySize: 50, levelCount: 20 }
  const rows = randomRows(shape, [0, 1, 2, 7, 4200, 4999], [0, 3, 49], 400)

  test.each([
    [1, 1],
    [1, 7],
    [300, 7],
    [2 ** 20, 7],
    [2 ** 20, 400],
  ])('added up after %d bytes, %d rows a batch, it merges to the counts of a map', async (logBytes, batchRows) => {
    const runs = logged(shape, rows, logBytes, batchRows)
    if (logBytes <= 300) expect(runs.length).toBeGreaterThan(5)
    else expect(runs).toHaveLength(1)
    expect(await mergedEntries(runs, shape)).toEqual(tallied(rows, shape))
  })

  test('rows and bins that do not fit two bytes take four', async () => {
    // 5 bits of bin leave 11 of row.
    const many = randomRows(shape, [3, 4], [0, 3, 49], 2 ** 11 + 5)
    const runs = logged(shape, many, 2 ** 20, many.length)
    expect(await mergedEntries(runs, shape)).toEqual(tallied(many, shape))
  })

  test('keys beyond 32 bits are told apart', async () => {
    // 2²⁰ × 50,257 × 10 is some 2³⁹.
    const large = { C: 2 ** 20, vocabularySize: 50_257, levelCount: 10 }
    const far = randomRows(large, [0, 85_460, 2 ** 20 - 1], [0, 1, 31, 32, 50_256], 200)
    expect(await mergedEntries(logged(large, far, 500), large)).toEqual(tallied(far, large))
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
