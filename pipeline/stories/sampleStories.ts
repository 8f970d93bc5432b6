import { createHash } from 'node:crypto'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { storyHash } from '../../core/statistics/firingHash.ts'
import type { Story } from './Story.ts'

/** A sample of a corpus' stories, with what the manifest says about it. */
export interface StorySample {
  /** In the order they were read. */
  readonly stories: readonly Story[]
  readonly seed: number
  /** Stories asked for; there are fewer where the corpus has fewer. */
  readonly count: number
  /** Stories drawn from. */
  readonly population: number
}

/** Which stories to draw. */
export interface SampleOptions {
  /** At least 1. */
  readonly count: number
  /** An integer from 0. */
  readonly seed: number
}

interface Candidate {
  readonly story: Story
  /** Number of the story among all read. */
  readonly order: number
  /** Uniform over 32 bits, and no two stories of a source have the same. */
  readonly hash: number
}

/**
 * A uniform sample of `count` stories without replacement: those with the smallest hash of seed, source and index, in
 * whatever order they are read. Memory is that of the sample.
 */
export async function sampleStories(
  stories: AsyncIterable<Story>,
  { count, seed }: SampleOptions,
): Promise<StorySample> {
  assertInteger('sample size', count, 1)
  assertInteger('seed', seed, 0)
  const hashOf = createStoryHash(seed)
  const kept: Candidate[] = []
  let population = 0
  for await (const story of stories) {
    offer(kept, { story, order: population++, hash: hashOf(story) }, count)
  }
  kept.sort((a, b) => a.order - b.order)
  return { stories: kept.map(({ story }) => story), seed, count, population }
}

function assertInteger(subject: string, found: number, least: number): void {
  if (Number.isSafeInteger(found) && found >= least) return
  throw new AtlasError('arguments/invalid', `${subject} is ${found}, expected an integer from ${least}`)
}

function createStoryHash(seed: number): (story: Story) => number {
  const keys = new Map<string, number>()
  return ({ source, index }) => {
    let key = keys.get(source)
    if (key === undefined) {
      key = createHash('sha256').update(`${seed}\n${source}`).digest().readUInt32LE(0)
      keys.set(source, key)
    }
    return storyHash(key, index)
  }
}

/** Keeps the `count` candidates that come first in `heap`, whose root is the last of them. */
function offer(heap: Candidate[], candidate: Candidate, count: number): void {
  if (heap.length < count) {
    heap.push(candidate)
    siftUp(heap, heap.length - 1)
  } else if (heap[0] !== undefined && comesBefore(candidate, heap[0])) {
    heap[0] = candidate
    siftDown(heap)
  }
}

function siftUp(heap: Candidate[], start: number): void {
  for (let at = start; at > 0; ) {
    const parent = (at - 1) >> 1
    if (!isBefore(heap, parent, at)) return
    swap(heap, parent, at)
    at = parent
  }
}

function siftDown(heap: Candidate[]): void {
  for (let at = 0; ; ) {
    const left = 2 * at + 1
    const child = isBefore(heap, left, left + 1) ? left + 1 : left
    if (!isBefore(heap, at, child)) return
    swap(heap, at, child)
    at = child
  }
}

/** Whether both places are taken and the first one's candidate comes before the second one's. */
function isBefore(heap: readonly Candidate[], i: number, j: number): boolean {
  const [a, b] = [heap[i], heap[j]]
  return a !== undefined && b !== undefined && comesBefore(a, b)
}

function swap(heap: Candidate[], i: number, j: number): void {
  const [a, b] = [heap[i], heap[j]]
  if (a === undefined || b === undefined) return
  heap[i] = b
  heap[j] = a
}

/** Two equal hashes, of different sources, go by their names. */
function comesBefore(a: Candidate, b: Candidate): boolean {
  return a.hash < b.hash || (a.hash === b.hash && a.story.source < b.story.source)
}
