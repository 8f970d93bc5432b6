import { describe, expect, test } from 'vitest'
import { WeightPlan } from '../../../core/graph/WeightPlan.ts'
import { writeWeightPieces } from '../../../core/graph/writeWeightPieces.ts'

const ramp = (length: number) => async () => Float32Array.from({ length }, (_, i) => i)

async function pieces(plan: WeightPlan): Promise<[string, number[]][]> {
  const written: [string, number[]][] = []
  for await (const { name, bytes } of writeWeightPieces(plan)) written.push([name, [...new Float32Array(bytes.buffer)]])
  return written
}

describe('WeightPlan', () => {
  test('lays weights side by side, each at a multiple of 64 bytes', () => {
    const plan = new WeightPlan(1000)
    const a = plan.add({ name: 'a', shape: [3], precision: 'f32', load: ramp(3) })
    const b = plan.add({ name: 'b', shape: [2, 2], precision: 'f16', load: ramp(4) })
    expect(a.parts).toEqual([{ name: 'a', startRow: 0, endRow: 3, piece: 0, byteOffset: 0, byteLength: 12 }])
    expect(b.parts).toEqual([{ name: 'b', startRow: 0, endRow: 2, piece: 0, byteOffset: 64, byteLength: 8 }])
    expect(plan.pieceBytes).toEqual([72])
  })

  test('lays a weight out once, however often it is asked for', () => {
    const plan = new WeightPlan(1000)
    const weight = { name: 'a', shape: [3], precision: 'f32', load: ramp(3) } as const
    expect(plan.add(weight)).toBe(plan.add(weight))
    expect(() => plan.add({ ...weight, shape: [4] })).toThrow('a planned as 3 and 4')
  })

  test('begins a piece where one is full, and where it is asked to', () => {
    const plan = new WeightPlan(80)
    plan.add({ name: 'a', shape: [10], precision: 'f32', load: ramp(10) })
    expect(plan.add({ name: 'b', shape: [10], precision: 'f32', load: ramp(10) }).parts[0]?.piece).toBe(1)
    plan.startPiece()
    expect(plan.add({ name: 'c', shape: [1], precision: 'f32', load: ramp(1) }).parts[0]?.piece).toBe(2)
    expect(plan.pieceBytes).toEqual([40, 40, 4])
  })

  test('splits a weight larger than a piece by rows', async () => {
    // Rows of 8 bytes, pieces of 20: two rows a piece, the last has one.
    const plan = new WeightPlan(20)
    const { parts } = plan.add({ name: 'a', shape: [5, 2], precision: 'f32', load: ramp(10) })
    expect(parts.map(({ name, startRow, endRow, piece }) => [name, startRow, endRow, piece])).toEqual([
      ['a#0', 0, 2, 0],
      ['a#1', 2, 4, 1],
      ['a#2', 4, 5, 2],
    ])
    expect(await pieces(plan)).toEqual([
      ['weights-00.bin', [0, 1, 2, 3]],
      ['weights-01.bin', [4, 5, 6, 7]],
      ['weights-02.bin', [8, 9]],
    ])
  })

  test('reads a weight once though it lies in several pieces', async () => {
    let reads = 0
    const load = async () => {
      reads += 1
      return new Float32Array(10)
    }
    const plan = new WeightPlan(20)
    plan.add({ name: 'a', shape: [5, 2], precision: 'f32', load })
    await pieces(plan)
    expect(reads).toBe(1)
  })

  test('refuses a row larger than a piece', () => {
    const plan = new WeightPlan(20)
    expect(() => plan.add({ name: 'a', shape: [2, 6], precision: 'f32', load: ramp(12) })).toThrow(
      'a: a row has 24 bytes, at most 20',
    )
  })
})

describe('writeWeightPieces', () => {
  test('refuses numbers beyond float16', async () => {
    const plan = new WeightPlan()
    plan.add({ name: 'a', shape: [1, 2], precision: 'f16', load: async () => Float32Array.of(1, -65505) })
    await expect(pieces(plan)).rejects.toThrow('a: -65505 is beyond float16, which ends at 65504')
  })

  test('holds that a weight has the numbers planned', async () => {
    const plan = new WeightPlan()
    plan.add({ name: 'a', shape: [2, 2], precision: 'f32', load: ramp(3) })
    await expect(pieces(plan)).rejects.toThrow('a has 3 numbers, planned 2,2')
  })
})
