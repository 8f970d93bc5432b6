import { expect, test } from 'vitest'
import { placeModuleRows } from '../../../src/charts/moduleRows.ts'

const module = (path: string, layer: number | null) => ({ path, layer, kind: 'x' })

test('rows are 19 px apart, 4 more before the MLP and 10 more before the next layer', () => {
  const { rows, layers, height } = placeModuleRows([
    module('h.0.attn.c_attn', 0),
    module('h.0.attn.c_proj', 0),
    module('h.0.mlp.c_fc', 0),
    module('h.1.attn.c_attn', 1),
  ])
  // 0, 19, 19 + 19 + 4 = 42, 42 + 19 + 10 = 71; a bar is 12 high.
  expect(rows.map(({ top }) => top)).toEqual([0, 19, 42, 71])
  expect(rows.map(({ middle }) => middle)).toEqual([6, 25, 48, 77])
  expect(layers).toEqual([
    { layer: 0, top: 0, bottom: 54 },
    { layer: 1, top: 71, bottom: 83 },
  ])
  expect(height).toBe(83)
})

test('no modules take no height', () => {
  expect(placeModuleRows([])).toEqual({ rows: [], layers: [], height: 0 })
})
