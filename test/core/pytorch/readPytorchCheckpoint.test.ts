import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { readPytorchCheckpoint } from '../../../core/pytorch/readPytorchCheckpoint.ts'
import {
  call,
  checkpoint,
  checkpointBytes,
  dictionary,
  finished,
  global,
  integer,
  join,
  long,
  orderedDict,
  tensor,
  text,
  tuple,
  zip,
} from './buildCheckpoint.ts'

const readAsset = (name: string): Uint8Array => readFileSync(new URL(name, import.meta.url))
const expectedSchema = v.record(v.string(), v.object({ shape: v.array(v.number()), values: v.array(v.number()) }))
const orderedDictClass = global('collections', 'OrderedDict')
/** BUILD with the given state */
const claim = (key: string, value: Uint8Array): Uint8Array => join(dictionary([key, value]), 0x62)
const goodPickle = finished(orderedDict(['a', tensor()]))

async function readOne(file: Parameters<typeof checkpoint>[0]): Promise<Float32Array | undefined> {
  const tensors = await readPytorchCheckpoint(await checkpoint(file))
  return tensors.get('a')?.read()
}

const tensors = await readPytorchCheckpoint(bytesByteSource(readAsset('views.pth'), 'views.pth'))
const expected = v.parse(expectedSchema, JSON.parse(new TextDecoder().decode(readAsset('views.expected.json'))))

describe('a file of torch.save 2.13', () => {
  test('gives its tensors in order', () => {
    expect([...tensors.keys()]).toEqual(Object.keys(expected))
  })

  test.each(Object.entries(expected))('gives %s as contiguous() would', async (key, { shape, values }) => {
    const found = tensors.get(key)
    expect(found?.shape).toEqual(shape)
    expect(await found?.read()).toEqual(Float32Array.from(values))
  })

  test('tells the storage type', () => {
    expect(['plain', 'half', 'bfloat16'].map((key) => tensors.get(key)?.dtype)).toEqual([
      'float32',
      'float16',
      'bfloat16',
    ])
  })
})

describe('a good file built by hand', () => {
  test('reads, stored or deflated', async () => {
    expect(await readOne({ pickle: goodPickle })).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5))
    expect(await readOne({ pickle: goodPickle, isDeflated: true })).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5))
  })

  test('reads a plain dictionary', async () => {
    expect(await readOne({ pickle: finished(dictionary(['a', tensor()])) })).toHaveLength(6)
  })

  test('honours byteorder', async () => {
    // 1.5 = 0x3fc00000
    const storages = { 0: Uint8Array.of(0x3f, 0xc0, 0, 0) }
    const pickle = finished(orderedDict(['a', tensor({ elementCount: 1, shape: [1], strides: [1] })]))
    expect(await readOne({ pickle, storages, byteOrder: 'big' })).toEqual(Float32Array.of(1.5))
    expect(await readOne({ pickle, storages, byteOrder: 'little' })).not.toEqual(Float32Array.of(1.5))
    await expect(readOne({ pickle, storages, byteOrder: 'middle' })).rejects.toMatchObject({
      code: 'format/unsupported',
      message: 'model_7.pth: byteorder is "middle", expected "little" or "big"',
    })
  })

  test('reads a storage only when asked for', async () => {
    const elementCount = 100_000
    const pickle = finished(orderedDict(['a', tensor({ elementCount, shape: [elementCount], strides: [1] })]))
    const source = await checkpoint({ pickle, storages: { 0: new Uint8Array(4 * elementCount) } })
    let bytesRead = 0
    const counting = {
      ...source,
      slice: (start: number, end: number) => {
        bytesRead += end - start
        return source.slice(start, end)
      },
    }
    const found = await readPytorchCheckpoint(counting)
    expect(bytesRead).toBeLessThan(100_000)
    await found.get('a')?.read()
    expect(bytesRead).toBeGreaterThan(400_000)
  })
})

describe('a pickle', () => {
  const place = 'model_7.pth, data.pkl'
  const expected = 'expected a state dict of float32, float16 or bfloat16 tensors'
  test.each([
    [
      'that calls os.system',
      finished(orderedDict(['a', call(global('os', 'system'), text('true'))])),
      'format/unsupported',
      `${place}: names the global os.system, ${expected}`,
    ],
    [
      'that names a global by STACK_GLOBAL',
      finished(join(text('builtins'), text('eval'), 0x93)),
      'format/unsupported',
      `${place}: names the global builtins.eval, ${expected}`,
    ],
    [
      'that names an extension',
      finished(join(0x82, 7)),
      'format/unsupported',
      `${place}: names extension 7, ${expected}`,
    ],
    [
      'of whole numbers',
      finished(orderedDict(['a', tensor({ storageClass: 'LongStorage' })])),
      'format/unsupported',
      `${place}: names the global torch.LongStorage, ${expected}`,
    ],
    [
      'that calls a storage class',
      finished(call(global('torch', 'FloatStorage'))),
      'format/malformed',
      `${place}: torch.FloatStorage is called`,
    ],
    ['of text', finished(text('hello')), 'format/unsupported', `${place}: holds "hello", expected a state dict`],
    [
      'of a state dict inside a dictionary',
      finished(dictionary(['model', orderedDict(['a', tensor()])])),
      'format/unsupported',
      `${place}: "model" is a dictionary, expected a tensor`,
    ],
    [
      'with a key given twice',
      finished(orderedDict(['a', tensor()], ['a', tensor()])),
      'format/malformed',
      `${place}: key "a" is given twice`,
    ],
    [
      'with a negative offset',
      finished(orderedDict(['a', tensor({ offset: integer(-1) })])),
      'format/malformed',
      `${place}: a tensor's offset is -1`,
    ],
    [
      'with strides of another length than the shape',
      finished(orderedDict(['a', tensor({ strides: [1] })])),
      'format/malformed',
      `${place}: a tensor of 2 axes has strides a list of 1`,
    ],
    [
      'with a negative size in a list that claims all is well',
      // A list with APPEND -2, then BUILD {'every': OrderedDict}, in the place of the shape.
      finished(orderedDict(['a', tensor({ shape: join(0x5d, integer(-2), 0x61, claim('every', orderedDictClass)) })])),
      'format/malformed',
      `${place}: a tensor's shape is a list of 1`,
    ],
    [
      'with a list that has the prototype of a tensor',
      finished(orderedDict(['a', join(0x5d, claim('__proto__', tensor()))])),
      'format/unsupported',
      `${place}: "a" is a list of 0, expected a tensor`,
    ],
    [
      'with a persistent id that is no storage',
      finished(join(tuple(text('storage'), text('torch.FloatStorage'), text('0')), 0x51)),
      'format/malformed',
      `${place}: a persistent id is no storage`,
    ],
    [
      'with a number of 9 bytes',
      finished(join(0x8b, 9, 0, 0, 0, new Uint8Array(9))),
      'format/too-large',
      `${place}: holds a number or bytes of length 9, expected at most 8`,
    ],
    [
      'that ends within a text',
      finished(text('hello')).subarray(0, 9),
      'format/malformed',
      `${place}: is no readable pickle (Expected 3 more bytes. The file might be corrupted. Unexpected end of file.)`,
    ],
    [
      'that never stops',
      goodPickle.subarray(0, -1),
      'format/malformed',
      `${place}: is no readable pickle (Unexpected end of file.)`,
    ],
    [
      'of an unknown opcode',
      Uint8Array.of(0x80, 2, 0xff),
      'format/malformed',
      `${place}: is no readable pickle (Unsupported opcode '255'.)`,
    ],
  ])('%s is refused', async (_, pickle, code, message) => {
    await expect(readPytorchCheckpoint(await checkpoint({ pickle }))).rejects.toMatchObject({ code, message })
  })

  test('cannot change a tensor once it is rebuilt', async () => {
    // BUILD with the state {'offset': 4} on the tensor.
    const pickle = finished(orderedDict(['a', join(tensor(), dictionary(['offset', integer(4)]), 0x62)]))
    await expect(readPytorchCheckpoint(await checkpoint({ pickle }))).rejects.toMatchObject({
      code: 'format/malformed',
      message: expect.stringContaining("Cannot assign to read only property 'offset'"),
    })
  })

  test('that gives a list a length it does not have is refused without going through it', async () => {
    // BUILD with the state {'length': 2^32 - 1} on an empty list.
    const list = join(0x5d, dictionary(['length', long(2n ** 32n - 1n)]), 0x62)
    const pickle = finished(orderedDict(['a', tensor({ shape: list })]))
    await expect(readPytorchCheckpoint(await checkpoint({ pickle }))).rejects.toMatchObject({
      code: 'format/malformed',
      message: "model_7.pth, data.pkl: a tensor's shape is a list of 4294967295",
    })
  })

  test('of lists within lists is refused without unfolding them', async () => {
    // Each DUP TUPLE2 doubles what the value stands for: 2^60 elements in 120 opcodes.
    const doubling = join(...Array.from({ length: 60 }, () => Uint8Array.of(0x32, 0x86)))
    const pickle = finished(join(text('x'), doubling))
    await expect(readPytorchCheckpoint(await checkpoint({ pickle }))).rejects.toThrow(
      'data.pkl: holds a list of 2, expected a state dict',
    )
  })
})

describe('a tensor', () => {
  test.each([
    [
      'larger than its storage',
      tensor({ shape: [3, 3] }),
      'format/malformed',
      'model_7.pth: "a": shape [3, 3], strides [3, 1] and offset 0 reach element 9 of a storage of 6',
    ],
    [
      'that starts too late',
      tensor({ offset: integer(1) }),
      'format/malformed',
      'model_7.pth: "a": shape [2, 3], strides [3, 1] and offset 1 reach element 7 of a storage of 6',
    ],
    [
      'with an offset beyond all storages',
      tensor({ offset: long(2n ** 52n) }),
      'format/malformed',
      `model_7.pth: "a": shape [2, 3], strides [3, 1] and offset ${2 ** 52} reach element ${2 ** 52 + 6} of a storage of 6`,
    ],
    [
      'whose strides overflow',
      tensor({ strides: [2 ** 31 - 1, 1] }),
      'format/malformed',
      `model_7.pth: "a": shape [2, 3], strides [2147483647, 1] and offset 0 reach element ${2 ** 31 - 1 + 3} of a storage of 6`,
    ],
    [
      'of more elements than fit in memory',
      tensor({ shape: [2 ** 30, 2], strides: [0, 0] }),
      'format/too-large',
      `model_7.pth: "a" has ${2 ** 31} elements, expected at most ${2 ** 29}`,
    ],
    [
      'of nine axes',
      tensor({ shape: Array(9).fill(1), strides: Array(9).fill(1) }),
      'format/too-large',
      'model_7.pth: "a" has 9 axes, expected at most 8',
    ],
    [
      'whose storage is missing',
      tensor({ storage: '1' }),
      'format/malformed',
      'model_7.pth: "a": storage 1 has no bytes, expected 24 (6 float32)',
    ],
    [
      'whose storage is shorter than it says',
      tensor({ elementCount: 7 }),
      'format/malformed',
      'model_7.pth: "a": storage 0 has 24 bytes, expected 28 (7 float32)',
    ],
  ])('%s is refused', async (_, tensorPickle, code, message) => {
    const file = await checkpoint({ pickle: finished(orderedDict(['a', tensorPickle])) })
    await expect(readPytorchCheckpoint(file)).rejects.toMatchObject({ code, message })
  })
})

describe('a zip', () => {
  const open = (bytes: Uint8Array): Promise<unknown> => readPytorchCheckpoint(bytesByteSource(bytes, 'model_7.pth'))

  test('cut off at its end is refused', async () => {
    const bytes = await checkpointBytes({ pickle: goodPickle })
    await expect(open(bytes.subarray(0, -30))).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'model_7.pth: zip directory cannot be read (End of central directory not found)',
    })
  })

  test('without data.pkl is refused', async () => {
    await expect(open(await zip([['model_7/other', Uint8Array.of(1)]]))).rejects.toMatchObject({
      code: 'format/unsupported',
      message: 'model_7.pth: zip holds 0 files data.pkl, expected the one of torch.save',
    })
  })

  test('with two files data.pkl is refused', async () => {
    const two = await zip([
      ['a/data.pkl', goodPickle],
      ['b/data.pkl', goodPickle],
    ])
    await expect(open(two)).rejects.toThrow('model_7.pth: zip holds 2 files data.pkl, expected the one of torch.save')
  })

  test('with a name twice is refused', async () => {
    const bytes = await zip([
      ['m/data.pkl', goodPickle],
      ['m/data.pkx', goodPickle],
    ])
    const renamed = Uint8Array.from(bytes, (byte) => (byte === 0x78 ? 0x6c : byte))
    await expect(open(renamed)).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'model_7.pth: zip holds m/data.pkl twice',
    })
  })

  test('with a pickle larger than any run needs is refused', async () => {
    await expect(open(await checkpointBytes({ pickle: new Uint8Array(2 ** 22 + 1) }))).rejects.toMatchObject({
      code: 'format/too-large',
      message: 'model_7.pth: data.pkl has 4194305 bytes, expected at most 4194304',
    })
  })

  test.each([
    // The pickle says so many elements of four bytes, the directory their bytes; 1000 elements are there.
    ['longer', 999, [0x9c, 0x0f, 0, 0]],
    ['shorter', 1001, [0xa4, 0x0f, 0, 0]],
  ])('whose deflated file is %s than its directory says is refused', async (_, elementCount, size) => {
    const pickle = finished(orderedDict(['a', tensor({ elementCount, shape: [elementCount], strides: [1] })]))
    const bytes = await checkpointBytes({ pickle, storages: { 0: new Uint8Array(4000) }, isDeflated: true })
    const forged = replaceAll(bytes, Uint8Array.of(0xa0, 0x0f, 0, 0), Uint8Array.from(size))
    const found = await readPytorchCheckpoint(bytesByteSource(forged, 'model_7.pth'))
    await expect(found.get('a')?.read()).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'model_7.pth: model_7/data/0 cannot be read (Invalid uncompressed size)',
    })
  })
})

function replaceAll(bytes: Uint8Array, found: Uint8Array, replacement: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  for (let start = 0; start + found.length <= copy.length; start++) {
    if (found.every((byte, i) => copy[start + i] === byte)) copy.set(replacement, start)
  }
  return copy
}
