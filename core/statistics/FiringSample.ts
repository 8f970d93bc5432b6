/**
 * A choice of each subcomponent's firings in one module: those with the k smallest keys, so that it does not depend on
 * how the work was split. Keys are hashes (firingHash) for a uniform sample, or `strengthKey` for the strongest. Plain
 * arrays, C subcomponents × k slots × W window bytes; a subcomponent's slots are held in ascending order of
 * (key, story, position).
 */
export interface FiringSample {
  /** k, the firings kept of a subcomponent. */
  readonly capacity: number
  /** W = 2 · radius + 1 positions around a firing. */
  readonly windowLength: number
  /** uint8[C]: slots in use. */
  readonly sizes: Uint8Array
  /** uint32[C]: a firing whose key is greater is not kept. */
  readonly bounds: Uint32Array
  /** uint32[C, k] */
  readonly keys: Uint32Array
  /** uint32[C, k]: index in the corpus. */
  readonly stories: Uint32Array
  /** uint32[C, k] */
  readonly positions: Uint32Array
  /** float32[C, k] */
  readonly causalImportances: Float32Array
  /** float32[C, k] */
  readonly innerActivations: Float32Array
  /** uint8[C, k, W]: ciByte of the positions around the firing, which stands in the middle; 0 beyond the story's ends. */
  readonly windows: Uint8Array
}

/** One firing of a sample. */
export interface SampledFiring {
  readonly key: number
  readonly story: number
  readonly position: number
  readonly causalImportance: number
  readonly innerActivation: number
  /** uint8[W] */
  readonly window: Uint8Array
}

/** An empty sample of `capacity` (at most 255) firings for each of `C` subcomponents, windows reaching `radius` positions each way. */
export function createFiringSample(C: number, capacity: number, radius: number): FiringSample {
  const windowLength = 2 * radius + 1
  return {
    capacity,
    windowLength,
    sizes: new Uint8Array(C),
    bounds: new Uint32Array(C).fill(0xffffffff),
    keys: new Uint32Array(C * capacity),
    stories: new Uint32Array(C * capacity),
    positions: new Uint32Array(C * capacity),
    causalImportances: new Float32Array(C * capacity),
    innerActivations: new Float32Array(C * capacity),
    windows: new Uint8Array(C * capacity * windowLength),
  }
}

/** Keeps `firing` of subcomponent `c` if it is among the k smallest offered so far. */
export function offerFiring(sample: FiringSample, c: number, firing: SampledFiring): void {
  const { capacity, sizes, bounds } = sample
  const size = sizes[c] ?? 0
  const first = c * capacity
  let slot = first + size
  while (slot > first && precedes(firing, sample, slot - 1)) slot--
  if (slot === first + capacity) return
  const end = first + Math.min(size + 1, capacity)
  openSlot(sample, slot, end)
  sample.keys[slot] = firing.key
  sample.stories[slot] = firing.story
  sample.positions[slot] = firing.position
  sample.causalImportances[slot] = firing.causalImportance
  sample.innerActivations[slot] = firing.innerActivation
  sample.windows.set(firing.window, slot * sample.windowLength)
  sizes[c] = end - first
  if (end - first === capacity) bounds[c] = sample.keys[end - 1] ?? 0
}

/** The firings kept of subcomponent `c`, smallest key first. */
export function sampledFirings(sample: FiringSample, c: number): SampledFiring[] {
  const first = c * sample.capacity
  return Array.from({ length: sample.sizes[c] ?? 0 }, (_, i) => ({
    key: sample.keys[first + i] ?? 0,
    story: sample.stories[first + i] ?? 0,
    position: sample.positions[first + i] ?? 0,
    causalImportance: sample.causalImportances[first + i] ?? 0,
    innerActivation: sample.innerActivations[first + i] ?? 0,
    window: sample.windows.slice((first + i) * sample.windowLength, (first + i + 1) * sample.windowLength),
  }))
}

/** Whether `firing` comes before the one in `slot`: by key, then story, then position. */
function precedes(firing: SampledFiring, sample: FiringSample, slot: number): boolean {
  const key = sample.keys[slot] ?? 0
  if (firing.key !== key) return firing.key < key
  const story = sample.stories[slot] ?? 0
  if (firing.story !== story) return firing.story < story
  return firing.position < (sample.positions[slot] ?? 0)
}

/** Moves the slots from `slot` on by one, so that what stood last before `end` falls out. */
function openSlot(sample: FiringSample, slot: number, end: number): void {
  const { keys, stories, positions, causalImportances, innerActivations, windows, windowLength: W } = sample
  for (let i = end - 1; i > slot; i--) {
    keys[i] = keys[i - 1] ?? 0
    stories[i] = stories[i - 1] ?? 0
    positions[i] = positions[i - 1] ?? 0
    causalImportances[i] = causalImportances[i - 1] ?? 0
    innerActivations[i] = innerActivations[i - 1] ?? 0
  }
  windows.copyWithin((slot + 1) * W, slot * W, (end - 1) * W)
}

/** Key by which the firing of greatest |h| comes first, from the bits of h in float32. */
export function strengthKey(bits: number): number {
  return (0xffffffff - (bits & 0x7fffffff)) >>> 0
}
