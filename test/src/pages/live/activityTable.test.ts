import { describe, expect, it } from 'vitest'
import { activityTable, effectCeiling } from '../../../../src/pages/live/activityTable.ts'

describe('activityTable', () => {
  const story = { tokens: ['leo', '##n'], activeCounts: Uint16Array.of(1, 2, 30, 40) }
  const modules = [{ path: 'a' }, { path: 'b' }]

  it('has a row a token and a column a module', () => {
    expect(activityTable(modules, story, null)).toEqual({
      columns: ['position', 'token', 'a', 'b'],
      rows: [
        [0, 'leo', 1, 30],
        [1, '##n', 2, 40],
      ],
    })
  })

  it('adds KL where something is ablated', () => {
    const table = activityTable(modules, story, { kl: Float32Array.of(0.5, 0.25) })
    expect(table.columns.at(-1)).toBe('kl_nats')
    expect(table.rows.map((row) => row.at(-1))).toEqual([0.5, 0.25])
  })
})

describe('effectCeiling', () => {
  it('is the next of 1, 2, 5, 10 and so on, at least 0.001', () => {
    const of = (...values: number[]) => effectCeiling(Float32Array.from(values))
    expect([of(0.081), of(0.3, 0.1), of(0.2), of(9.9), of(0.0007), of()]).toEqual([0.1, 0.5, 0.2, 10, 0.001, 0.001])
  })
})
