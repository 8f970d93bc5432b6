import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import type { SubcomponentAddress } from '../querySubcomponent.ts'

/** Firings, unique tokens and a sum of hashes of each subcomponent's (token, count), whichever way they come by. */
export class CountDigests {
  readonly #byModule = new Map<number, Map<number, CountDigest>>()

  /** Takes in tokens of a subcomponent, each once. */
  add({ moduleId, subcomponent }: SubcomponentAddress, { tokenIds, counts }: TokenCounts): void {
    const module = this.#byModule.get(moduleId) ?? new Map<number, CountDigest>()
    this.#byModule.set(moduleId, module)
    const digest = module.get(subcomponent) ?? { firings: 0, uniqueTokens: 0, hash: 0 }
    module.set(subcomponent, digest)
    for (const [i, tokenId] of tokenIds.entries()) {
      const count = counts[i] ?? 0
      digest.firings += count
      digest.uniqueTokens += 1
      digest.hash = (digest.hash + hashOf(tokenId, count)) >>> 0
    }
  }

  /** null where the subcomponent has no tokens. */
  of({ moduleId, subcomponent }: SubcomponentAddress): Readonly<CountDigest> | null {
    return this.#byModule.get(moduleId)?.get(subcomponent) ?? null
  }

  /** Every subcomponent that has tokens. */
  get addresses(): SubcomponentAddress[] {
    return [...this.#byModule].flatMap(([moduleId, module]) =>
      [...module.keys()].map((subcomponent) => ({ moduleId, subcomponent })),
    )
  }
}

interface CountDigest {
  firings: number
  uniqueTokens: number
  /** Below 2³². */
  hash: number
}

/** 2³² over the golden ratio, and a constant of MurmurHash3: two odd numbers that spread what they multiply. */
const TOKEN_FACTOR = 0x9e3779b9
const COUNT_FACTOR = 0x85ebca6b

function hashOf(tokenId: number, count: number): number {
  const mixed = Math.imul(tokenId + 1, TOKEN_FACTOR) ^ Math.imul(count, COUNT_FACTOR)
  return Math.imul(mixed ^ (mixed >>> 15), COUNT_FACTOR) >>> 0
}
