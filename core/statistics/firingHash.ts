/**
 * The hash by which firings are sampled: of seed, story, position and address, uniform over 32 bits, the same on every
 * machine and however the stories were split among workers. Address and position hash on their own, so that the inner
 * loop of a harvest mixes two numbers a firing.
 */
export function firingHash(positionHash: number, addressHash: number): number {
  return mix32(positionHash ^ addressHash)
}

/** Part of the hash that belongs to position `position` of story `story`. */
export function positionHash(seed: number, story: number, position: number): number {
  return mix32(mix32(mix32(seed + GOLDEN_RATIO) ^ story) + Math.imul(position, GOLDEN_RATIO))
}

/** Part of the hash that belongs to subcomponent `subcomponent` of the module at `modulePath`. */
export function addressHash(modulePath: string, subcomponent: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < modulePath.length; i++) hash = Math.imul(hash ^ modulePath.charCodeAt(i), 0x01000193)
  return mix32(mix32(hash) ^ Math.imul(subcomponent + 1, GOLDEN_RATIO))
}

/** Hash of a whole story, by which example stories are chosen. */
export function storyHash(seed: number, story: number): number {
  return mix32(mix32(seed + GOLDEN_RATIO) ^ story)
}

/** 2³² over the golden ratio: spreads consecutive integers over 32 bits. */
const GOLDEN_RATIO = 0x9e3779b9

/** Finaliser of MurmurHash3 (fmix32, A. Appleby, public domain): a bijection of the 32-bit integers. */
function mix32(value: number): number {
  let x = value | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
