import { countSlack, meanSlack } from '../../statistics/countSlack.ts'
import type { IndexDatabase } from '../IndexDatabase.ts'
import type { Manifest } from '../manifest.ts'
import { queryModules } from '../queryModules.ts'
import { querySample } from '../querySample.ts'
import { querySubcomponentRows } from '../querySubcomponent.ts'
import { createTokenTable, queryTokens } from '../queryTokens.ts'
import { queryTopTokens, SUMMARY_TOP_TOKENS } from '../queryTopTokens.ts'
import type { IndexFacts } from './IndexFacts.ts'

/** Far above what single causal importances lose to float32. */
const FLOAT32_SLACK = 1e-6

/** Everything the summary, or the file of the level at `threshold`, says of modules, subcomponents and tokens. */
export function readIndexFacts(
  summary: IndexDatabase,
  corpus: NonNullable<Manifest['corpus']>,
  threshold = corpus.threshold,
): IndexFacts {
  const rows = querySubcomponentRows(summary)
  const topTokens = queryTopTokens(summary, rows, SUMMARY_TOP_TOKENS)
  const all = rows.map((row, i) => ({ ...row, topTokens: topTokens[i] ?? [] }))
  const tokens = createTokenTable(queryTokens(summary))
  return {
    tokens,
    modules: queryModules(summary).map(({ moduleId, module }) => ({
      path: module,
      subcomponents: new Map(all.filter((row) => row.moduleId === moduleId).map((row) => [row.subcomponent, row])),
    })),
    threshold,
    sample: querySample(summary),
    ...(corpus.source === 'stories'
      ? {
          positionCount: tokens.positionCount,
          storyCount: corpus.stories,
          countSlack: () => 0,
          meanSlack: () => FLOAT32_SLACK,
        }
      : {
          positionCount: corpus.positions,
          storyCount: null,
          countSlack,
          meanSlack: (mean: number) => FLOAT32_SLACK + meanSlack(mean),
        }),
  }
}
