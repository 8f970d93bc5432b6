import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { readSafetensors } from '../../../core/safetensors/readSafetensors.ts'

/** A file of the given header and data. */
function file(header: string | object, data: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const open = (bytes: Uint8Array): ReturnType<typeof readSafetensors> =>
  readSafetensors(bytesByteSource(bytes, 'm.safetensors'))

const a = { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] }
const b = { dtype: 'F16', shape: [1], data_offsets: [8, 10] }
// 1.5 = 0x3fc00000, -2 = 0xc0000000; float16 1 = 0x3c00; bfloat16 1 = 0x3f80
const dataOfA = [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]

describe('a good file', () => {
  test('gives tensors of each float type', async () => {
    const c = { dtype: 'BF16', shape: [], data_offsets: [10, 12] }
    const tensors = await open(file({ __metadata__: { by: 'hand' }, a, b, c }, [...dataOfA, 0, 0x3c, 0x80, 0x3f]))
    expect([...tensors.keys()]).toEqual(['a', 'b', 'c'])
    expect(await tensors.get('a')?.read()).toEqual(Float32Array.of(1.5, -2))
    expect(await tensors.get('b')?.read()).toEqual(Float32Array.of(1))
    expect(await tensors.get('c')?.read()).toEqual(Float32Array.of(1))
    expect(tensors.get('a')).toMatchObject({ key: 'a', shape: [1, 2], dtype: 'float32' })
    expect(tensors.get('c')).toMatchObject({ shape: [], dtype: 'bfloat16' })
  })

  test('may list tensors in another order than their data, and empty ones', async () => {
    const empty = { dtype: 'F32', shape: [0, 3], data_offsets: [8, 8] }
    const tensors = await open(file({ b, empty, a }, [...dataOfA, 0, 0x3c]))
    expect([...tensors.keys()]).toEqual(['b', 'empty', 'a'])
    expect(await tensors.get('empty')?.read()).toEqual(new Float32Array(0))
  })
})

describe('a file', () => {
  const lengthOnly = (length: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(length).buffer)
  test.each([
    ['too short for a header', new Uint8Array(7), 'format/malformed', 'has 7 bytes, expected a safetensors header'],
    [
      'with a huge header length',
      lengthOnly(2n ** 63n),
      'format/too-large',
      'header has 9223372036854775808 bytes, expected at most 16777216',
    ],
    [
      'shorter than its header',
      lengthOnly(100n),
      'format/malformed',
      'header has 100 bytes, the file 0 after its length',
    ],
    ['whose header is not JSON', file('{"a": '), 'format/malformed', 'header is not JSON'],
    ['whose header is a list', file('[]'), 'format/malformed', 'header is not a JSON object'],
    [
      'of whole numbers',
      file({ a: { ...a, dtype: 'I32' } }, dataOfA),
      'format/unsupported',
      '"a" has dtype I32, expected F32, F16, BF16',
    ],
    [
      'with a shape larger than its bytes',
      file({ a: { ...a, shape: [3, 1] } }, dataOfA),
      'format/malformed',
      '"a" of shape [3, 1] and dtype F32 needs 12 bytes, data_offsets give 8',
    ],
    [
      'with a shape larger than memory',
      file({ a: { ...a, shape: [2 ** 30, 2] } }, dataOfA),
      'format/too-large',
      '"a" has 2147483648 elements, expected at most 536870912',
    ],
    [
      'with a negative size',
      file({ a: { ...a, shape: [-1, -2] } }, dataOfA),
      'format/malformed',
      '"a", shape.0: Invalid value: Expected >=0 but received -1',
    ],
    [
      'with nine axes',
      file({ a: { ...a, shape: Array(9).fill(1) } }, dataOfA),
      'format/malformed',
      '"a", shape: Invalid length: Expected <=8 but received 9',
    ],
    [
      'with a field nobody knows',
      file({ a: { ...a, strides: [1] } }, dataOfA),
      'format/malformed',
      '"a", strides: Invalid key: Expected never but received "strides"',
    ],
    [
      'with offsets that run backwards',
      file({ a: { ...a, data_offsets: [8, 0] } }, dataOfA),
      'format/malformed',
      '"a" of shape [1, 2] and dtype F32 needs 8 bytes, data_offsets give -8',
    ],
    [
      'with overlapping tensors',
      file({ a, b: { ...b, data_offsets: [6, 8] } }, dataOfA),
      'format/malformed',
      '"b" starts at byte 6 of the data, expected 8',
    ],
    [
      'with tensors beyond its end',
      file({ a, b }, dataOfA),
      'format/malformed',
      'tensors take 10 bytes, the file holds 8',
    ],
    [
      'with bytes of no tensor',
      file({ a }, [...dataOfA, 0]),
      'format/malformed',
      'tensors take 8 bytes, the file holds 9',
    ],
    [
      'with a name twice',
      file(`{"a": ${JSON.stringify(a)}, "a": ${JSON.stringify({ ...b, data_offsets: [8, 10] })}}`, [
        ...dataOfA,
        0,
        0x3c,
      ]),
      'format/malformed',
      '"a" starts at byte 8 of the data, expected 0',
    ],
    [
      'with metadata that are no texts',
      file({ __metadata__: { step: 3 } }),
      'format/malformed',
      '__metadata__, step: Invalid type: Expected string but received 3',
    ],
  ])('%s is refused', async (_, bytes, code, message) => {
    await expect(open(bytes)).rejects.toMatchObject({ code, message: `m.safetensors: ${message}` })
  })
})
