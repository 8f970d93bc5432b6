import { rankByCount } from '../../statistics/rankByCount.ts'
import { type TokenCounts, totalCount } from '../../statistics/TokenCounts.ts'
import { encodeTokens, type TokenInModule } from '../columns/tokenColumns.ts'
import { TOKENS_SCHEMA } from '../detailSchema.ts'
import { concatenate } from '../gunzip.ts'
import type { SqlEngine } from '../IndexDatabase.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import type { IndexFile } from './IndexFile.ts'
import { writeIndexFile } from './writeIndexFile.ts'

/** Most bytes of blobs in a file of tokens, which gzip makes some 300 KB at most; one larger token has a file of its own. */
const MAX_FILE_BYTES = 384 * 1024

/**
 * The counts of all modules turned round, by token. Memory: some 2.5 bytes for every (subcomponent, token) that occurs,
 * and 4 · vocabulary · modules · (levels + 1).
 */
export class TokenIndex {
  readonly #modules: { readonly bytes: Uint8Array; readonly starts: Uint32Array }[] = []
  /** uint32[vocabulary], for each module, for each level. */
  readonly #active: Uint32Array[][] = []

  constructor(
    private readonly vocabularySize: number,
    private readonly levelCount: number,
    /** Index of the run's threshold among the levels. */
    private readonly runLevel: number,
  ) {}

  /** Adds the next module: its counts at the run's threshold. */
  addModule(tokenCounts: readonly TokenCounts[]): void {
    this.#modules.push(turnRound(tokenCounts, this.vocabularySize))
    this.#active.push(Array.from({ length: this.levelCount }, () => new Uint32Array(this.vocabularySize)))
  }

  /** Adds the counts of the module added last at one level. */
  addLevel(level: number, tokenCounts: readonly TokenCounts[]): void {
    const active = this.#active.at(-1)?.[level]
    for (const { tokenIds } of tokenCounts) {
      for (const id of tokenIds) if (active !== undefined) active[id] = (active[id] ?? 0) + 1
    }
  }

  /** Subcomponents of the module added last that each token activates at `level`: uint32[vocabulary]. */
  activeAt(level: number): Uint32Array {
    return this.#active.at(-1)?.[level] ?? new Uint32Array(this.vocabularySize)
  }

  /** The files, which together hold every token. */
  *files(engine: SqlEngine): Generator<IndexFile> {
    for (let start = 0; start < this.vocabularySize; ) {
      const tokenIds: number[] = []
      let byteLength = 0
      let end = start
      for (; end < this.vocabularySize; end++) {
        if (!this.#isActive(end)) continue
        byteLength += this.#byteLengthOf(end)
        if (tokenIds.length > 0 && byteLength > MAX_FILE_BYTES) break
        tokenIds.push(end)
      }
      const row = encodeTokens({
        levelCount: this.levelCount,
        runLevel: this.runLevel,
        tokenIds: Uint32Array.from(tokenIds),
        tokens: tokenIds.map((tokenId) => this.#modulesOf(tokenId)),
      })
      const bytes = writeIndexFile(engine, TOKENS_SCHEMA, (writer) =>
        writer.insert('token_subcomponents', tokenIds.length > 0 ? [{ ...row }] : []),
      )
      yield { path: `index/tokens-${start}.sqlite`, bytes, content: { kind: 'tokens', start, end } }
      start = end
    }
  }

  #isActive(tokenId: number): boolean {
    return this.#active.some((levels) => levels.some((active) => (active[tokenId] ?? 0) > 0))
  }

  #byteLengthOf(tokenId: number): number {
    const numbers = this.#active.length * this.levelCount
    return this.#modules.reduce((sum, { starts }) => sum + (starts[tokenId + 1] ?? 0) - (starts[tokenId] ?? 0), numbers)
  }

  #modulesOf(tokenId: number): TokenInModule[] {
    return this.#modules.map(({ bytes, starts }, moduleId) => {
      const numbers = decodeVarints(bytes.subarray(starts[tokenId], starts[tokenId + 1]), 'token index')
      const length = numbers.length / 2
      return {
        active: this.#active[moduleId]?.map((active) => active[tokenId] ?? 0) ?? [],
        ranks: numbers.slice(0, length),
        counts: numbers.slice(length),
      }
    })
  }
}

/** Each token's part of a module: the activity ranks, from 0, of the subcomponents it activates, then their counts. */
function turnRound(
  tokenCounts: readonly TokenCounts[],
  vocabularySize: number,
): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
  const ends = new Uint32Array(vocabularySize + 1)
  for (const { tokenIds } of tokenCounts) for (const id of tokenIds) ends[id + 1] = (ends[id + 1] ?? 0) + 1
  for (let id = 0; id < vocabularySize; id++) ends[id + 1] = (ends[id + 1] ?? 0) + (ends[id] ?? 0)
  const next = ends.slice(0, vocabularySize)
  const numbers = new Uint32Array(ends[vocabularySize] ?? 0)
  const counts = new Uint32Array(numbers.length)
  for (const [rank, c] of rankByCount(tokenCounts.map(totalCount)).entries()) {
    const { tokenIds, counts: m } = tokenCounts[c] ?? NO_COUNTS
    for (let i = 0; i < tokenIds.length; i++) {
      const slot = next[tokenIds[i] ?? 0] ?? 0
      next[tokenIds[i] ?? 0] = slot + 1
      numbers[slot] = rank
      counts[slot] = m[i] ?? 0
    }
  }
  const blobs = Array.from({ length: vocabularySize }, (_, id) => {
    const [start = 0, end = 0] = [ends[id], ends[id + 1]]
    return encodeVarints([...numbers.subarray(start, end), ...counts.subarray(start, end)])
  })
  const starts = new Uint32Array(vocabularySize + 1)
  for (const [id, blob] of blobs.entries()) starts[id + 1] = (starts[id] ?? 0) + blob.length
  return { bytes: concatenate(blobs, starts[vocabularySize] ?? 0), starts }
}

const NO_COUNTS: TokenCounts = { tokenIds: new Uint32Array(0), counts: new Uint32Array(0) }
