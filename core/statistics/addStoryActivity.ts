import { invariant } from '../errors/invariant.ts'
import { ciByte } from './ciByte.ts'
import { offerFiring } from './FiringSample.ts'
import { addressHash, firingHash, positionHash } from './firingHash.ts'
import { type Activity, type ActivitySettings, CI_UNIT, type ModuleActivity } from './formerActivity.ts'

/** One story's activity in one module. */
export interface StoryActivity {
  /** Index in the corpus. */
  readonly story: number
  /** T token ids. */
  readonly ids: ArrayLike<number>
  /** float32[T, C]: h of the unmasked target model. */
  readonly innerActivations: Float32Array
  /** float32[T, C], or longer: g. */
  readonly causalImportances: Float32Array
}

/** Counts a story's tokens; each of its modules is then added once by a function of `createModuleCounter`. */
export function countTokens(activity: Activity, ids: ArrayLike<number>): void {
  activity.storyCount += 1
  activity.positionCount += ids.length
  for (let p = 0; p < ids.length; p++) {
    const id = ids[p] ?? 0
    invariant(id < activity.occurrences.length, `token ${id} lies outside the vocabulary`)
    activity.occurrences[id] = (activity.occurrences[id] ?? 0) + 1
  }
}

/** A function that adds a story's activity in module `index` to `activity`. */
export function createModuleCounter(activity: Activity, index: number): (story: StoryActivity) => void {
  const { settings } = activity
  const module = activity.modules[index]
  const shape = settings.modules[index]
  invariant(module !== undefined && shape !== undefined, `activity has no module ${index}`)
  const addresses = Uint32Array.from({ length: shape.C }, (_, c) => addressHash(shape.path, c))
  return (story) => addStory(story, module, addresses, settings)
}

/** The loop a harvest lives in: every (position, subcomponent) of every story comes by. */
function addStory(story: StoryActivity, module: ModuleActivity, addresses: Uint32Array, settings: ActivitySettings) {
  const { tokenCounts, ciSums, examples } = module
  const { bounds } = examples
  const { ids, causalImportances } = story
  const { threshold, exampleSeed } = settings
  const C = addresses.length
  const T = ids.length
  for (let p = 0; p < T; p++) {
    const row = (ids[p] ?? 0) * C
    const hashOfPosition = positionHash(exampleSeed, story.story, p)
    for (let c = 0, i = p * C; c < C; c++, i++) {
      const ci = causalImportances[i] ?? 0
      if (ci <= 0) continue
      ciSums[c] = (ciSums[c] ?? 0) + Math.round(ci / CI_UNIT)
      if (ci <= threshold) continue
      tokenCounts[row + c] = (tokenCounts[row + c] ?? 0) + 1
      const hash = firingHash(hashOfPosition, addresses[c] ?? 0)
      if (hash <= (bounds[c] ?? 0)) offer(story, module, settings, { c, position: p, hash })
    }
  }
}

function offer(
  story: StoryActivity,
  { examples }: ModuleActivity,
  settings: ActivitySettings,
  { c, position, hash }: { readonly c: number; readonly position: number; readonly hash: number },
): void {
  const C = examples.sizes.length
  const window = new Uint8Array(examples.windowLength)
  for (let w = 0; w < window.length; w++) {
    const p = position - settings.windowRadius + w
    if (p < 0 || p >= story.ids.length) continue
    window[w] = ciByte(story.causalImportances[p * C + c] ?? 0, settings.threshold)
  }
  offerFiring(examples, c, {
    key: hash,
    story: story.story,
    position,
    causalImportance: story.causalImportances[position * C + c] ?? 0,
    innerActivation: story.innerActivations[position * C + c] ?? 0,
    window,
  })
}
