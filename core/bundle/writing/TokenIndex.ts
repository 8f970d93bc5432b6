import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import { TOKENS_SCHEMA } from '../detailSchema.ts'
import { concatenate } from '../gunzip.ts'
import type { SqlEngine } from '../IndexDatabase.ts'
import { encodeVarints } from '../varints.ts'
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
  ) {}

  /** Adds the next module: its counts at the run's threshold. */
  addModule(tokenCounts: readonly TokenCounts[]): void {
    const moduleId = this.#modules.length
    this.#modules.push(turnRound(moduleId, tokenCounts, this.vocabularySize))
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
      const tokens: { token_id: number; subcomponents: Uint8Array; active: Uint8Array }[] = []
      let byteLength = 0
      let end = start
      for (; end < this.vocabularySize; end++) {
        const subcomponents = this.#subcomponentsOf(end)
        const active = subcomponents.length === 0 && !this.#isActive(end) ? new Uint8Array(0) : this.#activeOf(end)
        byteLength += subcomponents.length + active.length
        if (end > start && byteLength > MAX_FILE_BYTES) break
        tokens.push({ token_id: end, subcomponents, active })
      }
      const bytes = writeIndexFile(engine, TOKENS_SCHEMA, (writer) => {
        writer.insert(
          'token_subcomponents',
          tokens.flatMap(({ token_id, subcomponents }) =>
            subcomponents.length > 0 ? [{ token_id, subcomponents }] : [],
          ),
        )
        writer.insert(
          'token_module',
          tokens.flatMap(({ token_id, active }) => (active.length > 0 ? [{ token_id, active }] : [])),
        )
      })
      yield { path: `index/tokens-${start}.sqlite`, bytes, content: { kind: 'tokens', start, end } }
      start = end
    }
  }

  #subcomponentsOf(tokenId: number): Uint8Array {
    const parts = this.#modules.map(({ bytes, starts }) => bytes.subarray(starts[tokenId], starts[tokenId + 1]))
    return concatenate(
      parts,
      parts.reduce((sum, part) => sum + part.length, 0),
    )
  }

  #isActive(tokenId: number): boolean {
    return this.#active.some((levels) => levels.some((active) => (active[tokenId] ?? 0) > 0))
  }

  #activeOf(tokenId: number): Uint8Array {
    return encodeVarints(this.#active.flatMap((levels) => levels.map((active) => active[tokenId] ?? 0)))
  }
}

/** Each token's part of a module: module_id, how many subcomponents, the distances of their numbers, their counts less 1. */
function turnRound(
  moduleId: number,
  tokenCounts: readonly TokenCounts[],
  vocabularySize: number,
): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
  const ends = new Uint32Array(vocabularySize + 1)
  for (const { tokenIds } of tokenCounts) for (const id of tokenIds) ends[id + 1] = (ends[id + 1] ?? 0) + 1
  for (let id = 0; id < vocabularySize; id++) ends[id + 1] = (ends[id + 1] ?? 0) + (ends[id] ?? 0)
  const next = ends.slice(0, vocabularySize)
  const numbers = new Uint32Array(ends[vocabularySize] ?? 0)
  const counts = new Uint32Array(numbers.length)
  for (const [c, { tokenIds, counts: m }] of tokenCounts.entries()) {
    for (let i = 0; i < tokenIds.length; i++) {
      const slot = next[tokenIds[i] ?? 0] ?? 0
      next[tokenIds[i] ?? 0] = slot + 1
      numbers[slot] = c
      counts[slot] = m[i] ?? 0
    }
  }
  const blobs = Array.from({ length: vocabularySize }, (_, id) => {
    const [start = 0, end = 0] = [ends[id], ends[id + 1]]
    if (start === end) return new Uint8Array(0)
    const distances = numbers.slice(start, end).map((c, i) => c - (i === 0 ? -1 : (numbers[start + i - 1] ?? 0)) - 1)
    return encodeVarints([moduleId, end - start, ...distances, ...counts.slice(start, end).map((count) => count - 1)])
  })
  const starts = new Uint32Array(vocabularySize + 1)
  for (const [id, blob] of blobs.entries()) starts[id + 1] = (starts[id] ?? 0) + blob.length
  return { bytes: concatenate(blobs, starts[vocabularySize] ?? 0), starts }
}
