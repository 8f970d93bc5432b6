import { expect, test } from 'vitest'
import { addressHash, firingHash, positionHash, storyHash } from '../../../core/statistics/firingHash.ts'

test('is pinned: an index made today samples the same firings tomorrow', () => {
  expect(positionHash(7, 3, 11)).toBe(432451271)
  expect(addressHash('model.layers.0.mlp.up_proj', 5)).toBe(1367745740)
  expect(firingHash(432451271, 1367745740)).toBe(702725592)
  expect(storyHash(7, 3)).toBe(2405328001)
})

test('depends on seed, story, position, module and subcomponent', () => {
  const hashes = [
    firingHash(positionHash(1, 2, 3), addressHash('a', 4)),
    firingHash(positionHash(2, 2, 3), addressHash('a', 4)),
    firingHash(positionHash(1, 3, 3), addressHash('a', 4)),
    firingHash(positionHash(1, 2, 4), addressHash('a', 4)),
    firingHash(positionHash(1, 2, 3), addressHash('b', 4)),
    firingHash(positionHash(1, 2, 3), addressHash('a', 5)),
  ]
  expect(new Set(hashes).size).toBe(6)
})

test('is uniform: each of 16 equal ranges holds a sixteenth of the firings', () => {
  // 64 subcomponents × 40 stories × 50 positions = 128 000 firings, 8 000 expected a range, standard deviation 87.
  const ranges = new Array<number>(16).fill(0)
  for (let c = 0; c < 64; c++) {
    const address = addressHash('model.layers.1.self_attn.q_proj', c)
    for (let story = 0; story < 40; story++) {
      for (let p = 0; p < 50; p++) {
        const range = firingHash(positionHash(0, story, p), address) >>> 28
        ranges[range] = (ranges[range] ?? 0) + 1
      }
    }
  }
  for (const count of ranges) expect(Math.abs(count - 8000)).toBeLessThan(5 * 87)
})
