import { AtlasError } from '../../core/errors/AtlasError.ts'

/** One of `count` shares of a harvest's parts: those whose number leaves `index` when divided by `count`. */
export interface Shard {
  /** From 0. */
  readonly index: number
  readonly count: number
}

/** Most shards a harvest is split into: a cluster's job arrays end there. */
const MAX_SHARDS = 100_000

/** The shard that `text` names, e.g. "0/8" to "7/8". */
export function readShard(text: string): Shard {
  const [, index, count] = /^(\d{1,6})\/([1-9]\d{0,5})$/.exec(text) ?? []
  const shard = { index: Number(index), count: Number(count) }
  if (shard.index < shard.count && shard.count <= MAX_SHARDS) return shard
  throw new AtlasError('arguments/invalid', `--shard ${text}: expected i/n with i from 0 to n - 1, e.g. 0/8`)
}

/** The parts of `shard` among `partCount`; all where there is none. */
export function partsOfShard(shard: Shard | null, partCount: number): number[] {
  const parts: number[] = []
  for (let part = shard?.index ?? 0; part < partCount; part += shard?.count ?? 1) parts.push(part)
  return parts
}
