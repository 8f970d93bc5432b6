import { type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import type { TokenTable } from '../queryTokens.ts'
import { decodeVarints } from '../varints.ts'
import { expectEqual, type Report } from './Report.ts'

/** The stories of one file, start ≤ story < end; reports those that are absent or do not belong there. */
export function readStoryTokens(
  stories: IndexDatabase,
  { path, start, end }: { readonly path: string; readonly start: number; readonly end: number },
  report: Report,
): ReadonlyMap<number, Uint32Array> {
  const rows = queryRows(stories, 'SELECT story, token_ids FROM story ORDER BY story', [], (row) => {
    const story = row.integer('story')
    return [story, decodeVarints(row.blob('token_ids'), `${path}, story ${story}`)] as const
  })
  for (const [i, [story]] of rows.entries()) expectEqual(report, path, `story ${i}`, story, start + i)
  expectEqual(report, path, 'number of stories', rows.length, end - start)
  return new Map(rows)
}

/** Reports where the stories, token by token, are not the corpus that the summary counts. */
export function verifyCorpus(
  stories: ReadonlyMap<number, Uint32Array>,
  tokens: TokenTable,
  contextLength: number,
  report: Report,
): void {
  const occurrences = new Map<number, number>()
  for (const [story, ids] of stories) {
    if (ids.length === 0 || ids.length > contextLength) {
      report(`stories: story ${story} has ${ids.length} tokens, expected 1 to ${contextLength}`)
    }
    for (const id of ids) occurrences.set(id, (occurrences.get(id) ?? 0) + 1)
  }
  for (const { tokenId, token, occurrences: expected } of tokens.byId.values()) {
    expectEqual(report, 'stories', `number of "${token}" (${tokenId})`, occurrences.get(tokenId) ?? 0, expected)
  }
  for (const tokenId of occurrences.keys()) {
    if (!tokens.byId.has(tokenId)) report(`stories: token ${tokenId} is none of the index`)
  }
}
