import { type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import { queryTokenModules, queryTokenSubcomponents } from '../queryTokenSubcomponents.ts'
import { CountDigests } from './CountDigests.ts'
import type { IndexFacts } from './IndexFacts.ts'
import { expectEqual, type Report } from './Report.ts'

/** Gathers what the files of tokens say, and compares it with the files of detail and of the levels. */
export interface TokenFilesCheck {
  /** Takes in the tokens start ≤ id < end of a file. */
  addFile(
    tokens: IndexDatabase,
    file: { readonly path: string; readonly start: number; readonly end: number },
    report: Report,
  ): void
  /**
   * Reports where the tokens' counts are not those of detail, and where the numbers of subcomponents they activate do not
   * add up to the unique tokens of `levels`, the facts at each level, ascending; null of what could not be read.
   */
  finish(details: CountDigests | null, levels: readonly (IndexFacts | null)[], report: Report): void
}

/** A check of an index with `runLevel` the index of its own threshold among `levelCount`. */
export function createTokenFilesCheck(facts: IndexFacts, runLevel: number, levelCount: number): TokenFilesCheck {
  const digests = new CountDigests()
  const moduleCount = facts.modules.length
  const byRank = facts.modules.map(({ subcomponents }) => numbersByRank(subcomponents))
  const activeSums = facts.modules.map(() => new Float64Array(levelCount))
  const addToken = (tokens: IndexDatabase, path: string, tokenId: number, report: Report): void => {
    const counted = new Uint32Array(moduleCount)
    for (const { count, ...address } of queryTokenSubcomponents(tokens, tokenId, byRank)) {
      counted[address.moduleId] = (counted[address.moduleId] ?? 0) + 1
      digests.add(address, { tokenIds: Uint32Array.of(tokenId), counts: Uint32Array.of(count) })
    }
    for (const [moduleId, active] of queryTokenModules(tokens, tokenId, { moduleCount, levelCount }).entries()) {
      const place = `${path}, token ${tokenId}, ${facts.modules[moduleId]?.path}`
      expectEqual(report, place, 'the number of subcomponents', active[runLevel] ?? 0, counted[moduleId] ?? 0)
      for (const [level, count] of active.entries()) {
        const sums = activeSums[moduleId]
        if (sums !== undefined) sums[level] = (sums[level] ?? 0) + count
        const below = active[level - 1] ?? Number.POSITIVE_INFINITY
        if (count > below) report(`${place}: activates ${count} at level ${level}, expected at most the ${below} below`)
      }
    }
  }
  return {
    addFile: (tokens, { path, start, end }, report) => {
      const sql = 'SELECT count(*) AS n FROM token_subcomponents'
      const [rows = 0] = queryRows(tokens, sql, [], (row) => row.integer('n'))
      if (rows > 1) report(`${path}: the number of rows of token_subcomponents is ${rows}, expected at most 1`)
      for (let tokenId = start; tokenId < end; tokenId++) addToken(tokens, path, tokenId, report)
    },
    finish: (details, levels, report) => {
      if (details !== null) compareDigests(digests, details, facts, report)
      for (const [level, known] of levels.entries()) {
        for (const [moduleId, { path, subcomponents }] of (known?.modules ?? []).entries()) {
          const expected = [...subcomponents.values()].reduce((sum, { uniqueTokens }) => sum + uniqueTokens, 0)
          const found = activeSums[moduleId]?.[level] ?? 0
          expectEqual(report, 'tokens', `the sum of subcomponents of ${path} at level ${level}`, found, expected)
        }
      }
    },
  }
}

function numbersByRank(subcomponents: IndexFacts['modules'][number]['subcomponents']): number[] {
  const numbers: number[] = []
  for (const { rank, subcomponent } of subcomponents.values()) if (rank !== null) numbers[rank - 1] = subcomponent
  return numbers
}

function compareDigests(tokens: CountDigests, details: CountDigests, { modules }: IndexFacts, report: Report): void {
  for (const address of tokens.addresses) {
    if (details.of(address) !== null) continue
    report(`tokens: activate ${modules[address.moduleId]?.path}:${address.subcomponent}, which detail has no counts of`)
  }
  for (const address of details.addresses) {
    const found = tokens.of(address)
    const expected = details.of(address)
    const place = `tokens, ${modules[address.moduleId]?.path}:${address.subcomponent}`
    expectEqual(report, place, 'the sum of the counts', found?.firings ?? 0, expected?.firings ?? 0)
    expectEqual(report, place, 'the number of tokens', found?.uniqueTokens ?? 0, expected?.uniqueTokens ?? 0)
    if (found !== null && found.hash !== expected?.hash) report(`${place}: the counts are not those of detail`)
  }
}
