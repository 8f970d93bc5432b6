import { describe, expect, test } from 'vitest'
import { type PytorchRecord, readPytorchRecord } from '../../../core/pytorch/readPytorchRecord.ts'
import {
  call,
  checkpoint,
  dictionary,
  finished,
  global,
  integer,
  join,
  list,
  long,
  type Pickled,
  tensor,
  text,
} from './buildCheckpoint.ts'

type Entries = readonly (readonly [string, Pickled])[]

const bytesOf = (array: BigInt64Array | Float32Array | Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
const counts = bytesOf(BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 2n ** 40n + 5n))

async function open(entries: Entries, storage = counts): Promise<PytorchRecord> {
  return readPytorchRecord(await checkpoint({ pickle: finished(dictionary(...entries)), storages: { 0: storage } }))
}

const longTensor = tensor({ storageClass: 'LongStorage' })

describe('a record', () => {
  test('gives its numbers and texts by name', async () => {
    const record = await open([
      ['n', integer(7)],
      ['large', long(2n ** 40n)],
      ['keys', list(text('a:0'), text('a:1'))],
    ])
    expect([record.count('n'), record.count('large')]).toEqual([7, 2 ** 40])
    expect(record.texts('keys')).toEqual(['a:0', 'a:1'])
  })

  test.each([
    ['LongStorage', counts, [2, 3, 4, 2 ** 40 + 5]],
    ['DoubleStorage', bytesOf(Float64Array.of(0, 1, 0.1, -3, 4, 5)), [0.1, -3, 4, 5]],
    ['FloatStorage', bytesOf(Float32Array.of(0, 1, 0.5, -3, 4, 5)), [0.5, -3, 4, 5]],
    ['IntStorage', bytesOf(Int32Array.of(0, 1, 2, -3, 4, 5)), [2, -3, 4, 5]],
  ])('reads rows of %s exactly', async (storageClass, storage, expected) => {
    const record = await open([['x', tensor({ storageClass, shape: [3, 2], strides: [2, 1] })]], storage)
    const rows = await record.tensor('x', [3, 2]).readRows(1, 3)
    expect(rows).toEqual(Float64Array.from(expected))
  })

  test('reads a tensor that starts within its storage', async () => {
    const record = await open([
      ['x', tensor({ storageClass: 'LongStorage', offset: integer(2), shape: [2], strides: [1] })],
    ])
    expect(await record.tensor('x', [2]).readRows(0, 2)).toEqual(Float64Array.of(2, 3))
  })

  test('reads big-endian numbers', async () => {
    const storage = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2)
    const pickle = finished(
      dictionary(['x', tensor({ storageClass: 'LongStorage', elementCount: 1, shape: [1], strides: [1] })]),
    )
    const record = await readPytorchRecord(await checkpoint({ pickle, storages: { 0: storage }, byteOrder: 'big' }))
    expect(await record.tensor('x', [1]).readRows(0, 1)).toEqual(Float64Array.of(258))
  })

  test('reads only the rows asked for', async () => {
    const elementCount = 100_000
    const pickle = finished(
      dictionary(['x', tensor({ storageClass: 'LongStorage', elementCount, shape: [1000, 100], strides: [100, 1] })]),
    )
    const source = await checkpoint({ pickle, storages: { 0: new Uint8Array(8 * elementCount) } })
    let bytesRead = 0
    const counting = {
      ...source,
      slice: (start: number, end: number) => {
        bytesRead += end - start
        return source.slice(start, end)
      },
    }
    const record = await readPytorchRecord(counting)
    bytesRead = 0
    await record.tensor('x', [1000, 100]).readRows(500, 502)
    // Two rows of 100 int64 and the local header of 30 bytes.
    expect(bytesRead).toBe(2 * 100 * 8 + 30)
  })
})

describe('a record is refused', () => {
  const place = 'model_7.pth, data.pkl'
  const expected = 'expected a dictionary of float32, float64, int32 or int64 tensors, whole numbers and lists of text'
  test.each([
    [
      'that calls os.system',
      [['x', call(global('os', 'system'), text('true'))]],
      'format/unsupported',
      `${place}: names the global os.system, ${expected}`,
    ],
    [
      'with half-precision numbers',
      [['x', tensor({ storageClass: 'HalfStorage' })]],
      'format/unsupported',
      `${place}: names the global torch.HalfStorage, ${expected}`,
    ],
    ['with a negative number', [['x', integer(-1)]], 'format/unsupported', `${place}: "x" is -1, ${expected}`],
    [
      'with a list that is not of text',
      [['x', list(text('a'), integer(1))]],
      'format/unsupported',
      `${place}: "x" is a list of 2, ${expected}`,
    ],
    [
      'with a list that claims a length',
      [['x', join(list(), dictionary(['length', long(2n ** 32n - 1n)]), 0x62)]],
      'format/unsupported',
      `${place}: "x" is a list of 4294967295, ${expected}`,
    ],
  ] satisfies [string, Entries, string, string][])('%s', async (_, entries, code, message) => {
    await expect(open(entries)).rejects.toMatchObject({ code, message })
  })

  test('that is not a dictionary', async () => {
    const source = await checkpoint({ pickle: finished(text('hello')) })
    await expect(readPytorchRecord(source)).rejects.toMatchObject({
      code: 'format/unsupported',
      message: `${place}: holds "hello", expected a dictionary`,
    })
  })
})

describe('a value is refused', () => {
  test('that is absent or of another type', async () => {
    const record = await open([
      ['x', longTensor],
      ['n', integer(7)],
    ])
    expect(() => record.count('m')).toThrow('model_7.pth: "m" is absent, expected a whole number')
    expect(() => record.count('x')).toThrow('model_7.pth: "x" is a tensor, expected a whole number')
    expect(() => record.texts('n')).toThrow('model_7.pth: "n" is 7, expected a list of text')
    expect(() => record.tensor('n', [1])).toThrow('model_7.pth: "n" is 7, expected a tensor')
  })

  test.each([
    ['of another shape', longTensor, [3, 2], 'format/malformed', 'model_7.pth: "x" has shape [2, 3], expected [3, 2]'],
    [
      'that is not row-major',
      tensor({ storageClass: 'LongStorage', strides: [1, 2] }),
      [2, 3],
      'format/unsupported',
      'model_7.pth: "x" has strides [1, 2], expected [3, 1]',
    ],
    [
      'that reaches beyond its storage',
      tensor({ storageClass: 'LongStorage', offset: integer(1) }),
      [2, 3],
      'format/malformed',
      'model_7.pth: "x": shape [2, 3], strides [3, 1] and offset 1 reach element 7 of a storage of 6',
    ],
    [
      'whose storage is cut off',
      tensor({ storageClass: 'LongStorage', elementCount: 7 }),
      [2, 3],
      'format/malformed',
      'model_7.pth: "x": storage 0 has 48 bytes, expected 56 (7 int64)',
    ],
  ])('as a tensor %s', async (_, pickled, shape, code, message) => {
    const record = await open([['x', pickled]])
    expect(() => record.tensor('x', shape)).toThrow(expect.objectContaining({ code, message }))
  })

  test('as a number that float64 cannot hold', async () => {
    const record = await open([['x', longTensor]], bytesOf(BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 2n ** 53n)))
    const x = record.tensor('x', [2, 3])
    expect(await x.readRows(0, 1)).toEqual(Float64Array.of(0, 1, 2))
    await expect(x.readRows(1, 2)).rejects.toMatchObject({
      code: 'format/too-large',
      message: 'model_7.pth: "x": holds 9007199254740992, expected whole numbers below 2^53',
    })
  })

  test('as rows of a deflated file', async () => {
    const pickle = finished(dictionary(['x', longTensor]))
    const record = await readPytorchRecord(await checkpoint({ pickle, storages: { 0: counts }, isDeflated: true }))
    await expect(record.tensor('x', [2, 3]).readRows(0, 1)).rejects.toMatchObject({
      code: 'format/unsupported',
      message: 'model_7.pth: model_7/data/0 is packed, expected it as it is',
    })
  })
})
