import { describe, expect, test } from 'vitest'
import { setLastLayer, takeSubcomponents } from '../../../core/synthesis/CiNumbers.ts'
import { ciWeightShapes, drawCiFunction } from '../../../core/synthesis/drawCiFunction.ts'

const sizes = { hidden: [4, 2], C: 3, dIn: 5 }

describe('the shapes of CI functions', () => {
  test('are those of a checkpoint', () => {
    expect(ciWeightShapes({ ...sizes, kind: 'mlp' })).toEqual([
      [3, 1, 4],
      [3, 4, 2],
      [3, 2, 1],
    ])
    expect(ciWeightShapes({ ...sizes, kind: 'vector_mlp', hidden: [] })).toEqual([[3, 5, 1]])
    expect(ciWeightShapes({ ...sizes, kind: 'shared_mlp' })).toEqual([
      [5, 4],
      [4, 2],
      [2, 3],
    ])
  })
})

describe('takeSubcomponents', () => {
  test('takes rows of every layer where each subcomponent has its own', () => {
    const all = drawCiFunction(0, 'm', { ...sizes, kind: 'vector_mlp' }, 1)
    const taken = takeSubcomponents(all, [2, 0])
    const [first] = taken.layers
    expect(taken.layers.map(({ shape }) => shape)).toEqual([
      [2, 5, 4],
      [2, 4, 2],
      [2, 2, 1],
    ])
    expect(first?.W.subarray(0, 20)).toEqual(all.layers[0]?.W.subarray(40, 60))
    expect(first?.b.subarray(4, 8)).toEqual(all.layers[0]?.b.subarray(0, 4))
  })

  test('takes columns of the last layer alone where they share the others', () => {
    const all = drawCiFunction(0, 'm', { ...sizes, kind: 'shared_mlp' }, 1)
    const taken = takeSubcomponents(all, [2, 0])
    const W = all.layers[2]?.W
    expect(taken.layers.slice(0, 2)).toEqual(all.layers.slice(0, 2))
    expect(taken.layers[2]?.shape).toEqual([2, 2])
    expect([...(taken.layers[2]?.W ?? [])]).toEqual([W?.[2], W?.[0], W?.[5], W?.[3]])
  })
})

describe('setLastLayer', () => {
  test.each([
    // W [C, 2, 1]: those of subcomponent 1 lie together. W [2, C]: they are a column.
    ['vector_mlp', [2, 3]],
    ['shared_mlp', [1, 4]],
  ] as const)('multiplies the weights of one subcomponent of kind %s and sets its bias', (kind, places) => {
    const before = drawCiFunction(0, 'm', { ...sizes, kind }, 1).layers[2]
    const numbers = drawCiFunction(0, 'm', { ...sizes, kind }, 1)
    setLastLayer(numbers, 1, -3, 0.5)
    const after = numbers.layers[2]
    const changed = [...(before?.W.keys() ?? [])].filter((i) => before?.W[i] !== after?.W[i])
    expect(changed).toEqual(places)
    for (const place of places) expect(after?.W[place]).toBeCloseTo(-3 * (before?.W[place] ?? 0), 6)
    expect([...(after?.b ?? [])].map(Math.abs)).toEqual([0, 0.5, 0])
  })
})
