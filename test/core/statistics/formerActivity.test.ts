import { expect, test } from 'vitest'
import { countTokens, createModuleCounter } from '../../../core/statistics/addStoryActivity.ts'
import { sampledFirings } from '../../../core/statistics/FiringSample.ts'
import { addressHash, firingHash, positionHash } from '../../../core/statistics/firingHash.ts'
import { type Activity, CI_UNIT, createActivity, mergeActivity } from '../../../core/statistics/formerActivity.ts'
import { tokenCountsOf } from '../../../core/statistics/formerHarvestedModule.ts'

const settings = {
  vocabularySize: 6,
  threshold: 0.25,
  exampleSeed: 1,
  examplesPerSubcomponent: 2,
  windowRadius: 1,
  modules: [{ path: 'h.0.mlp.c_fc', C: 3 }],
}

function activityOf(stories: readonly { story: number; ids: number[]; ci: number[]; h: number[] }[]): Activity {
  const activity = createActivity(settings)
  const count = createModuleCounter(activity, 0)
  for (const { story, ids, ci, h } of stories) {
    countTokens(activity, ids)
    count({ story, ids, causalImportances: Float32Array.from(ci), innerActivations: Float32Array.from(h) })
  }
  return activity
}

// Rows are positions, columns the subcomponents 0, 1, 2; threshold 0.25, all numbers exact in binary.
const first = {
  story: 0,
  ids: [4, 2, 4],
  ci: [1, 0.25, 0, /**/ 0.5, 0.5, 0, /**/ 0.75, 0, 0],
  h: [-1, 0, 0, /**/ 2, 3, 0, /**/ 4, 0, 0],
}
const second = { story: 1, ids: [2], ci: [0.125, 1, 0], h: [0, 5, 0] }

function moduleOf(activity: Activity) {
  const [module] = activity.modules
  if (module === undefined) throw new Error('no module')
  return module
}

test('counts stories, positions and occurrences', () => {
  const activity = activityOf([first, second])
  expect(activity.storyCount).toBe(2)
  expect(activity.positionCount).toBe(4)
  expect([...activity.occurrences]).toEqual([0, 0, 2, 0, 2, 0])
})

test('counts a token where CI is strictly above the threshold', () => {
  const module = moduleOf(activityOf([first, second]))
  // Subcomponent 0 fires on 4, 2, 4 of the first story, not on the second's 0.125.
  expect(tokenCountsOf(module, 0)).toEqual({ tokenIds: Uint32Array.of(2, 4), counts: Uint32Array.of(1, 2) })
  // Subcomponent 1: 0.25 is not above 0.25; 2 fires once in each story.
  expect(tokenCountsOf(module, 1)).toEqual({ tokenIds: Uint32Array.of(2), counts: Uint32Array.of(2) })
  expect(tokenCountsOf(module, 2)).toEqual({ tokenIds: new Uint32Array(0), counts: new Uint32Array(0) })
})

test('sums CI over all positions, not over firings', () => {
  const { ciSums } = moduleOf(activityOf([first, second]))
  // 1 + 0.5 + 0.75 + 0.125; 0.25 + 0.5 + 1; 0
  expect([...ciSums].map((sum) => sum * CI_UNIT)).toEqual([2.375, 1.75, 0])
})

test('an example holds CI, inner activation and the CI around it, centred', () => {
  const examples = sampledFirings(moduleOf(activityOf([first, second])).examples, 1)
  const fromFirst = examples.find(({ story }) => story === 0)
  const fromSecond = examples.find(({ story }) => story === 1)
  // Position 1 of [0.25, 0.5, 0]: 0.25 is not active, 1 + 254 · 0.5 = 128.
  expect(fromFirst).toMatchObject({ position: 1, causalImportance: 0.5, innerActivation: 3 })
  expect([...(fromFirst?.window ?? [])]).toEqual([0, 128, 0])
  // A story of one position: nothing on either side.
  expect(fromSecond).toMatchObject({ position: 0, causalImportance: 1, innerActivation: 5 })
  expect([...(fromSecond?.window ?? [])]).toEqual([0, 255, 0])
})

test('the examples kept are those with the smallest hashes', () => {
  const stories = Array.from({ length: 40 }, (_, story) => ({
    story,
    ids: [1, 1],
    ci: [0, 1, 1, 1, 1, 0],
    h: [0, 1, 2, 3, 4, 0],
  }))
  const kept = sampledFirings(moduleOf(activityOf(stories)).examples, 1).map(({ key }) => key)
  const all = stories.flatMap(({ story }) =>
    [0, 1].map((p) => firingHash(positionHash(1, story, p), addressHash('h.0.mlp.c_fc', 1))),
  )
  expect(kept).toEqual(all.sort((a, b) => a - b).slice(0, 2))
})

test('merged parts equal the whole, however the stories were split', () => {
  const stories = Array.from({ length: 60 }, (_, story) => ({
    story,
    ids: [story % 6, (story * 5) % 6],
    ci: Array.from({ length: 6 }, (_, i) => ((story * 7 + i * 13) % 29) / 28),
    h: Array.from({ length: 6 }, (_, i) => Math.sin(story + i)),
  }))
  const whole = activityOf(stories)
  for (const parts of [2, 3, 7]) {
    const merged = createActivity(settings)
    // Dealt in reverse, so that merging meets stories out of order.
    for (let part = parts - 1; part >= 0; part--) {
      mergeActivity(merged, activityOf(stories.filter(({ story }) => story % parts === part)))
    }
    expect(merged).toEqual(whole)
  }
})

test('activities of different settings do not merge', () => {
  const other = createActivity({ ...settings, threshold: 0.5 })
  expect(() => mergeActivity(activityOf([first]), other)).toThrow('merging activities with different settings')
})

test('a token outside the vocabulary is our mistake', () => {
  expect(() => countTokens(createActivity(settings), [6])).toThrow('token 6 lies outside the vocabulary')
})
