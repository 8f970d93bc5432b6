import { AtlasError } from '../../errors/AtlasError.ts'
import { invariant } from '../../errors/invariant.ts'

/** Numbers that ascend, each as its distance from the one before it (the first from −1), less 1. */
export function distancesOf(ascending: ArrayLike<number>): Uint32Array {
  const distances = new Uint32Array(ascending.length)
  let before = -1
  for (let i = 0; i < ascending.length; i++) {
    const number = ascending[i] ?? 0
    invariant(number > before, `${number} after ${before}`)
    distances[i] = number - before - 1
    before = number
  }
  return distances
}

/** The numbers that `distancesOf` made `distances` of; `place` names them in messages. Refuses 2³² and more. */
export function ascendingOf(distances: Uint32Array, place: string): Uint32Array {
  let before = -1
  return distances.map((distance) => {
    before += distance + 1
    if (before < 2 ** 32) return before
    throw new AtlasError('bundle/corrupt', `${place}: ${before}, expected less than 2³²`)
  })
}
