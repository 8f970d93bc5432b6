import type { IndexDatabase } from '../IndexDatabase.ts'
import type { Manifest } from '../manifest.ts'
import { queryLevels } from '../queryLevels.ts'
import type { IndexFacts } from './IndexFacts.ts'
import { expectEqual, type Report } from './Report.ts'

/** Reports levels of the summary that are not those of the manifest's corpus and files. */
export function verifyLevelList(summary: IndexDatabase, { corpus, index }: Manifest, report: Report): void {
  if (corpus === null) return
  const found = queryLevels(summary).join(', ')
  const expected = corpus.source === 'stories' ? corpus.levels : [corpus.threshold]
  expectEqual(report, 'summary', 'its levels', found, expected.join(', '))
  const files = [...(index?.levels.map(({ threshold }) => threshold) ?? []), corpus.threshold].sort((a, b) => a - b)
  expectEqual(report, 'manifest.json', 'the levels of the index', files.join(', '), expected.join(', '))
}

/** Reports subcomponents that have more firings or unique tokens at the higher threshold than at the lower. */
export function verifyMonotone(lower: IndexFacts, higher: IndexFacts, report: Report): void {
  for (const [moduleId, { path, subcomponents }] of higher.modules.entries()) {
    for (const [c, above] of subcomponents) {
      const below = lower.modules[moduleId]?.subcomponents.get(c)
      if (below === undefined) continue
      const place = `${path}:${c} at threshold ${higher.threshold}`
      const compare = (column: string, found: number, most: number): void => {
        if (found > most)
          report(`${place}: ${column} is ${found}, expected at most ${most}, that at ${lower.threshold}`)
      }
      compare('activation_count', above.activationCount, below.activationCount)
      compare('unique_tokens', above.uniqueTokens, below.uniqueTokens)
    }
  }
}
