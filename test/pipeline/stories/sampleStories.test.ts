import { describe, expect, test } from 'vitest'
import type { Story } from '../../../pipeline/stories/Story.ts'
import { sampleStories } from '../../../pipeline/stories/sampleStories.ts'

/** Numbered stories of one source. */
function makeStories(source: string, count: number): Story[] {
  return Array.from({ length: count }, (_, index) => ({ text: '', source, index, place: `${source}:${index + 1}` }))
}

async function* stream(stories: readonly Story[]): AsyncGenerator<Story> {
  yield* stories
}

async function samplePlaces(stories: readonly Story[], count: number, seed: number): Promise<readonly string[]> {
  return (await sampleStories(stream(stories), { count, seed })).stories.map(({ place }) => place)
}

const corpus = [...makeStories('a.jsonl', 600), ...makeStories('b.jsonl', 400)]

describe('a sample of stories', () => {
  test('is the same for the same seed, another for another, and says what was drawn from', async () => {
    const sample = await sampleStories(stream(corpus), { count: 50, seed: 7 })
    expect(sample).toMatchObject({ seed: 7, count: 50, population: 1000 })
    expect(sample.stories.length).toBe(50)
    expect(await sampleStories(stream(corpus), { count: 50, seed: 7 })).toEqual(sample)
    expect((await sampleStories(stream(corpus), { count: 50, seed: 8 })).stories).not.toEqual(sample.stories)
  })

  test('is this one, on every machine', async () => {
    // The five smallest hashes as a second implementation, in Python, has them.
    expect(await samplePlaces(corpus, 5, 7)).toEqual([
      'a.jsonl:599',
      'b.jsonl:142',
      'b.jsonl:277',
      'b.jsonl:353',
      'b.jsonl:354',
    ])
  })

  test('keeps the order of the corpus', async () => {
    const places = await samplePlaces(corpus, 100, 3)
    const order = corpus.map(({ place }) => place).filter((place) => places.includes(place))
    expect(places).toEqual(order)
  })

  test('holds the same stories in whatever order they are read', async () => {
    const inOrder = await samplePlaces(corpus, 100, 3)
    expect([...(await samplePlaces([...corpus].reverse(), 100, 3))].sort()).toEqual([...inOrder].sort())
  })

  test('of a smaller size lies within one of a larger size', async () => {
    const larger = new Set(await samplePlaces(corpus, 200, 11))
    const smaller = await samplePlaces(corpus, 100, 11)
    expect(smaller.filter((place) => !larger.has(place))).toEqual([])
  })

  test('is the whole corpus where that has no more stories', async () => {
    for (const count of [1000, 5000]) {
      const sample = await sampleStories(stream(corpus), { count, seed: 1 })
      expect(sample.stories).toEqual(corpus)
      expect(sample).toMatchObject({ count, population: 1000 })
    }
    expect(await samplePlaces([], 10, 1)).toEqual([])
  })

  test('takes each story equally often, over 400 seeds', async () => {
    const drawn = new Map<string, number>()
    for (let seed = 0; seed < 400; seed++) {
      for (const place of await samplePlaces(corpus, 100, seed)) drawn.set(place, (drawn.get(place) ?? 0) + 1)
    }
    // Each of 1000 stories is drawn with p = 0.1: 40 times expected. Draws without replacement vary by a factor 1 − p
    // less than a multinomial's, so Σ (n − 40)² / 40 has mean 0.9 · 999 = 899 and standard deviation 0.9 · √(2 · 999) = 40.
    const counts = corpus.map(({ place }) => drawn.get(place) ?? 0)
    const chiSquare = counts.reduce((sum, n) => sum + (n - 40) ** 2 / 40, 0)
    expect(chiSquare).toBeGreaterThan(899 - 4 * 40)
    expect(chiSquare).toBeLessThan(899 + 4 * 40)
    // By source: 400 · 100 draws, of which the second file has 0.4 with standard deviation √(400 · 100 · 0.4 · 0.6 · 0.9) = 93.
    const second = counts.slice(600).reduce((sum, n) => sum + n, 0)
    expect(Math.abs(second - 16_000)).toBeLessThan(4 * 93)
  })

  test('takes neighbours together as often as chance does, over 400 seeds', async () => {
    const one = makeStories('a.jsonl', 1000)
    let pairs = 0
    for (let seed = 0; seed < 400; seed++) {
      const indices = (await sampleStories(stream(one), { count: 100, seed })).stories.map(({ index }) => index)
      pairs += indices.filter((index, i) => indices[i + 1] === index + 1).length
    }
    // 999 pairs of neighbours, each with probability 100 · 99 / (1000 · 999): 9.9 a seed, 3960 in all, nearly Poisson.
    expect(Math.abs(pairs - 3960)).toBeLessThan(4 * Math.sqrt(3960))
  })

  test.each([
    [{ count: 0, seed: 1 }, 'sample size is 0, expected an integer from 1'],
    [{ count: 1.5, seed: 1 }, 'sample size is 1.5, expected an integer from 1'],
    [{ count: 1, seed: -1 }, 'seed is -1, expected an integer from 0'],
    [{ count: 1, seed: Number.NaN }, 'seed is NaN, expected an integer from 0'],
  ])('of %j is refused', async (options, message) => {
    const error = expect.objectContaining({ code: 'arguments/invalid', message })
    await expect(sampleStories(stream(corpus), options)).rejects.toThrow(error)
  })
})
