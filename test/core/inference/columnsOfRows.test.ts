import { expect, test } from 'vitest'
import { columnsOfRows } from '../../../core/inference/columnsOfRows.ts'
import { layOutBatch } from '../../../core/statistics/BatchLayout.ts'
import { plainSettings } from './plainSettings.ts'

// Rows 0 and 1 are of story 0, row 2 of story 1, whose second row is padding.
const layout = layOutBatch(
  [
    { story: 0, ids: [1, 2] },
    { story: 1, ids: [3] },
  ],
  { ...plainSettings, sampleShare: 1 },
)
const innerActivations = Float32Array.of(1, 2, 3, /**/ 4, 5, 6, /**/ 7, 8, 9, /**/ 10, 11, 12)

test('what is above 0 comes column by column, padding left out', () => {
  const causalImportances = Float32Array.of(0, 0.5, 1, /**/ 0.25, 0, 1, /**/ 0, 0, 0.75, /**/ 1, 1, Number.NaN)
  expect(columnsOfRows({ causalImportances, innerActivations }, layout, 3)).toEqual({
    columns: Uint32Array.of(0, 1, 2),
    starts: Uint32Array.of(0, 1, 2, 5),
    rows: Uint32Array.of(1, 0, 0, 1, 2),
    causalImportances: Float32Array.of(0.25, 0.5, 1, 1, 0.75),
    innerActivations: Float32Array.of(4, 2, 3, 6, 9),
    sampledActivations: Float32Array.of(1, 4, 7, /**/ 2, 5, 8, /**/ 3, 6, 9),
  })
})

test('NaN in a row of a story is refused', () => {
  const causalImportances = Float32Array.of(0, 0, 0, /**/ 0, 0, 0, /**/ 0, Number.NaN, 0, /**/ 0, 0, 0)
  expect(() => columnsOfRows({ causalImportances, innerActivations }, layout, 3)).toThrow(
    'causal importances: NaN at row 2, column 1',
  )
})
