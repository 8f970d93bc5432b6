import { expect, test } from 'vitest'
import { columnsOfRows } from '../../../core/inference/columnsOfRows.ts'
import { CI_UNIT, createActivity } from '../../../core/statistics/Activity.ts'
import { addInto } from '../../../core/statistics/addInto.ts'
import { countTokens, layOutBatch } from '../../../core/statistics/BatchLayout.ts'
import { createFiringLog } from '../../../core/statistics/createFiringLog.ts'
import { createModuleCounter } from '../../../core/statistics/createModuleCounter.ts'
import { sampledFirings } from '../../../core/statistics/FiringSample.ts'
import { mergeCorpusActivity } from '../../../core/statistics/mergeActivity.ts'

const settings = {
  vocabularySize: 6,
  contextLength: 4,
  threshold: 0.25,
  levels: [0.1, 0.25, 0.5],
  seed: 1,
  examplesPerSubcomponent: 2,
  strongestPerSubcomponent: 1,
  windowRadius: 1,
  sampleShare: 1,
  partStories: 8,
  categoryCount: 0,
  modules: [{ path: 'h.0.mlp.c_fc', C: 5 }],
}

/** A counter of a module whose graph holds subcomponents 1 and 4 of five. */
function openCounter() {
  const activity = createActivity(settings)
  const [module] = activity.modules
  if (module === undefined) throw new Error('no module')
  const shape = { C: 5, vocabularySize: 6, levelCount: 3 }
  const subcomponents = Uint32Array.of(1, 4)
  const log = createFiringLog({ modules: [{ shape, subcomponents }], onRun: () => undefined })
  const [moduleLog] = log.modules
  if (moduleLog === undefined) throw new Error('no log')
  const counter = createModuleCounter({ activity, index: 0, subcomponents, log: moduleLog })
  const add = (stories: readonly number[][], ci: readonly number[], h: readonly number[]) => {
    const layout = layOutBatch(
      stories.map((ids, story) => ({ story, ids })),
      settings,
    )
    countTokens(activity.corpus, layout)
    log.startBatch(layout)
    const outputs = { causalImportances: Float32Array.from(ci), innerActivations: Float32Array.from(h) }
    counter.add(layout, columnsOfRows(outputs, layout, 2))
    return counter.finish(layout)
  }
  return { activity, module, add }
}

// Story 0 has three positions, story 1 one, and two rows of padding that must not be counted.
const CI = [1, 0, /**/ 0.5, 0.25, /**/ 0.125, 0, /**/ 0, 0.75, /**/ 1, 1, /**/ 1, 1]
const H = [-4, 0, /**/ 2, 1, /**/ 3, 0, /**/ 0, -8, /**/ 9, 9, /**/ 9, 9]

test('columns are counted as the subcomponents they are of, padding not at all', () => {
  const { activity, module, add } = openCounter()
  const active = add([[5, 2, 5], [3]], CI, H)
  expect(activity.corpus).toMatchObject({ storyCount: 2, positionCount: 4, sampledPositionCount: 4 })
  expect([...activity.corpus.occurrences]).toEqual([0, 0, 1, 1, 0, 2])
  expect([...activity.corpus.storiesByPosition]).toEqual([2, 1, 1, 0])
  expect([...module.ciSums].map((sum) => sum * CI_UNIT)).toEqual([0, 1.625, 0, 0, 1])
  // 0.5 and 0.25 exceed the levels below them only: bin 2 and bin 1.
  expect([...module.binCounts.subarray(3, 6)]).toEqual([1, 1, 1])
  expect([...module.binCounts.subarray(12)]).toEqual([1, 0, 1])
  // Positions 0, 1 and 2; 0 has subcomponent 1 of story 0 and 4 of story 1, both in bin 3.
  expect([...module.l0ByPosition]).toEqual([0, 0, 2, 1, 1, 0, 1, 0, 0, 0, 0, 0])
  expect([...active.starts]).toEqual([0, 1, 2, 2, 3])
  expect([...active.subcomponents]).toEqual([1, 1, 4])
  const strongest = sampledFirings(module.strongest, 1)
  expect(strongest).toMatchObject([{ story: 0, position: 0, innerActivation: -4, causalImportance: 1 }])
  // Before the story 0, then CI 1 and 0.5: 1 + 254, 1 + 127.
  expect([...(strongest[0]?.window ?? [])]).toEqual([0, 255, 128])
})

test('an inner activation that is no number is refused where it fires or is sampled', () => {
  const { add } = openCounter()
  expect(() => add([[5]], [1, 0], [Number.NaN, 0])).toThrow('h.0.mlp.c_fc:1: inner activation is not a finite number')
  expect(() => add([[5]], [0, 0], [0, Number.POSITIVE_INFINITY])).toThrow('h.0.mlp.c_fc:4: inner activation')
})

test('sums that are no longer exact are refused', () => {
  const counts = Uint32Array.of(2 ** 32 - 2)
  addInto(counts, Uint32Array.of(1), 'firings')
  expect([...counts]).toEqual([2 ** 32 - 1])
  expect(() => addInto(counts, Uint32Array.of(1), 'firings')).toThrow(
    'firings: a sum of 4294967296, exact below 4294967296',
  )
  const sums = Float64Array.of(2 ** 53 - 1)
  expect(() => addInto(sums, Float64Array.of(1), 'causal importances')).toThrow('exact below 9007199254740992')
  const { corpus } = createActivity(settings)
  corpus.positionCount = 2 ** 32 - 1
  const { activity } = openCounter()
  activity.corpus.positionCount = 1
  expect(() => mergeCorpusActivity(corpus, activity.corpus)).toThrow(
    'corpus: 4294967296 positions, fewer than 4294967296',
  )
})

test('a token outside the vocabulary and a story beyond the context are our mistakes', () => {
  expect(() => layOutBatch([{ story: 0, ids: [6] }], settings)).toThrow('token 6 lies outside the vocabulary')
  expect(() => layOutBatch([{ story: 3, ids: [1, 1, 1, 1, 1] }], settings)).toThrow('story 3 has 5 tokens')
})
