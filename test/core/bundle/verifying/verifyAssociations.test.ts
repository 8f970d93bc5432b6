import { expect, test } from 'vitest'
import type { PartnerColumns } from '../../../../core/bundle/columns/partnerColumns.ts'
import type { WritableDatabase } from '../../../../core/bundle/IndexDatabase.ts'
import type { SpdHarvestCorpus } from '../../../../core/bundle/manifest.ts'
import { readIndexFacts } from '../../../../core/bundle/verifying/readIndexFacts.ts'
import { verifyDetail } from '../../../../core/bundle/verifying/verifyDetail.ts'
import { verifySummary } from '../../../../core/bundle/verifying/verifySummary.ts'
import { harvestSource, openFiles } from '../smallHarvestIndex.ts'
import { FIRST, SMALL_THRESHOLD } from '../smallIndex.ts'
import {
  type Change,
  changeOutputTokens,
  changePartners,
  changePassages,
  changeRow,
  changeVarints,
  replaced,
  reportingFailures,
  sql,
} from './changeColumns.ts'

const CORPUS: SpdHarvestCorpus = {
  source: 'spd-harvest',
  sources: [],
  wandb_path: null,
  positions: 8,
  distinct_tokens: 4,
  threshold: SMALL_THRESHOLD,
}
const DETAIL = { path: 'd.sqlite', module: FIRST, start: 0, end: 3 }

/** What verify says of the small index of a harvest after `change` of one of its files. */
async function differencesAfter(file: 'summary' | 'detail', change: Change): Promise<string[]> {
  const files: Record<'summary' | 'detail', WritableDatabase> = await openFiles(harvestSource())
  change(files[file])
  const differences: string[] = []
  const report = (difference: string) => differences.push(difference)
  const facts = readIndexFacts(files.summary, CORPUS)
  verifySummary(
    files.summary,
    {
      corpus: CORPUS,
      target_model: { vocabulary_size: 6 },
      modules: [
        { path: FIRST, layer: 0, kind: 'q_proj', c: 3 },
        { path: 'second.up_proj', layer: 1, kind: 'up_proj', c: 2 },
      ],
      // Of a manifest, verifySummary reads no more.
    } as unknown as Parameters<typeof verifySummary>[1],
    facts,
    report,
  )
  reportingFailures(report, () => verifyDetail(files.detail, DETAIL, facts, () => null, report))
  return differences
}

test('the index of a harvest without stories has no differences', async () => {
  expect(await differencesAfter('detail', () => undefined)).toEqual([])
})

/** Changes partner `place` of 0:1, whose partners are 0:0, twice, and 1:1 (number 4 of the run), once. */
function changePartner(place: number, change: { readonly number?: number; readonly count?: number }): Change {
  return changePartners((all) => replaced(all, 1, (own) => replaced(own, place, (found) => ({ ...found, ...change }))))
}

/** Changes output token `place` of 0:1, whose output tokens are "a", of rank 1, and [EOS], of rank 2. */
function changeOutputToken(place: number, change: { readonly tokenId?: number; readonly mass?: number }): Change {
  return changeOutputTokens((all) =>
    replaced(all, 1, (own) => replaced(own, place, (found) => ({ ...found, ...change }))),
  )
}

test.each([
  [
    'a partner that fires less often',
    'detail',
    changePartner(1, { count: 4 }),
    ['d.sqlite, first.q_proj:1: fires 4 times with second.up_proj:1, expected 1 to 3'],
  ],
  [
    'a partner that is none of the run',
    'detail',
    changePartner(1, { number: 10 }),
    ['d.sqlite, first.q_proj:1: fires with second.up_proj:7, which is none of the run'],
  ],
  ['itself as a partner', 'detail', changePartner(0, { number: 1 }), ['d.sqlite, first.q_proj:1: fires with itself']],
  [
    'a partner without a count',
    'detail',
    changeRow<PartnerColumns>('co_firing', (row) => ({ ...row, counts: row.counts.subarray(1) })),
    ['co_firing: 1 bytes, expected 2'],
  ],
  [
    'partners of a subcomponent that has no counts',
    'detail',
    changeVarints('co_firing', 'lengths', (lengths) => [...lengths, 0]),
    ['co_firing: 3 lengths, expected 2'],
  ],
  [
    'more probability than firings',
    'detail',
    changeOutputToken(0, { mass: 5 }),
    ['d.sqlite, first.q_proj:1: output token "a" has mass 5, expected more than 0 and at most 4'],
  ],
  [
    'an output token without probability',
    'detail',
    changeOutputToken(0, { mass: 0 }),
    ['d.sqlite, first.q_proj:1: output token "a" has mass 0, expected more than 0 and at most 4'],
  ],
  [
    'an output token that is none',
    'detail',
    changeOutputToken(1, { tokenId: 5 }),
    ['index: token of rank 5, of 5 in the table of tokens'],
  ],
  [
    'a story where none is known',
    'detail',
    changePassages((passages) => passages.map((passage) => ({ ...passage, story: 0 }))),
    [
      'd.sqlite, first.q_proj:0, example 1: story is 0, expected null',
      'd.sqlite, first.q_proj:1, example 1: story is 0, expected null',
    ],
  ],
  [
    'no mean CI of a subcomponent that fires',
    'summary',
    sql('UPDATE subcomponent SET mean_ci = NULL WHERE module_id = 0 AND subcomponent = 0'),
    ['summary, first.q_proj:0: mean_ci is unknown, expected a number'],
  ],
] as const)('%s is a difference', async (_, file, change, differences) => {
  expect(await differencesAfter(file, change)).toEqual(differences)
})
