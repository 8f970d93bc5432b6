import { describe, expect, it } from 'vitest'
import { roundToFloat16 } from '../../../core/bytes/roundToFloat16.ts'
import { createWeightReader } from '../../../core/graph/createWeightReader.ts'
import { GraphBuilder } from '../../../core/onnx/GraphBuilder.ts'

/** U [3, 2] in two parts of two files, float16; b [2] in float32; the graph's file names are those of `pieces`. */
function buildGraph(bytesOfB = 8) {
  const g = new GraphBuilder('weights')
  const first = g.externalWeight('U/m#0', 'float16', [2, 2], { path: 'a.bin', byteOffset: 4, byteLength: 8 })
  g.externalWeight('U/m#1', 'float16', [1, 2], { path: 'b.bin', byteOffset: 0, byteLength: 4 })
  g.externalWeight('b', 'float32', [2], { path: 'b.bin', byteOffset: 4, byteLength: bytesOfB })
  g.output('out', first, [2, 2])
  const a = new Uint8Array(12)
  a.set(new Uint8Array(roundToFloat16(Float32Array.of(1, -2, 0.5, 4)).buffer), 4)
  const b = new Uint8Array(12)
  b.set(new Uint8Array(roundToFloat16(Float32Array.of(3, 8)).buffer))
  b.set(new Uint8Array(Float32Array.of(0.1, -7).buffer), 4)
  const pieces = new Map([
    ['a.bin', a],
    ['b.bin', b],
  ])
  return createWeightReader(g.write(), (path) => pieces.get(path) ?? new Uint8Array())
}

describe('createWeightReader', () => {
  it('joins a weight that lies in parts, widened to float32', () => {
    const { shape, numbers } = buildGraph()('U/m')
    expect(shape).toEqual([3, 2])
    expect(Array.from(numbers)).toEqual([1, -2, 0.5, 4, 3, 8])
  })

  it('reads float32 as it is', () => {
    const { shape, numbers } = buildGraph()('b')
    expect(shape).toEqual([2])
    expect(Array.from(numbers)).toEqual([Math.fround(0.1), -7])
  })

  it('refuses a weight the graph does not have', () => {
    expect(() => buildGraph()('U')).toThrow(
      expect.objectContaining({ code: 'format/malformed', message: 'graph: no weight U' }),
    )
  })

  it('refuses a weight whose bytes do not make its shape', () => {
    expect(() => buildGraph(12)('b')).toThrow('b: 12 bytes at 4, its shape needs 8')
  })
})
