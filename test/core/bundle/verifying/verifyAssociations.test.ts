import { expect, test } from 'vitest'
import type { WritableDatabase } from '../../../../core/bundle/IndexDatabase.ts'
import type { SpdHarvestCorpus } from '../../../../core/bundle/manifest.ts'
import { readIndexFacts } from '../../../../core/bundle/verifying/readIndexFacts.ts'
import { verifyDetail } from '../../../../core/bundle/verifying/verifyDetail.ts'
import { verifySummary } from '../../../../core/bundle/verifying/verifySummary.ts'
import { harvestSource, openFiles } from '../smallHarvestIndex.ts'
import { FIRST, SMALL_THRESHOLD } from '../smallIndex.ts'

const CORPUS: SpdHarvestCorpus = {
  source: 'spd-harvest',
  sources: [],
  wandb_path: null,
  positions: 8,
  distinct_tokens: 4,
  threshold: SMALL_THRESHOLD,
}
const DETAIL = { path: 'd.sqlite', module: FIRST, start: 0, end: 3 }

/** What verify says of the small index of a harvest once `sql` has been run in one of its files. */
async function differencesAfter(file: 'summary' | 'detail', sql: string): Promise<string[]> {
  const files: Record<'summary' | 'detail', WritableDatabase> = await openFiles(harvestSource())
  files[file].run(sql)
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
  verifyDetail(files.detail, DETAIL, facts, () => null, report)
  return differences
}

test('the index of a harvest without stories has no differences', async () => {
  expect(await differencesAfter('detail', 'SELECT 1')).toEqual([])
})

// The partners of 0:1 are 0:0, twice, and 1:1, once: x'0001000101010100'.
test.each([
  [
    'a partner that fires less often',
    'detail',
    "UPDATE co_firing SET partners = x'0001000101010103'",
    'd.sqlite, first.q_proj:1: fires 4 times with second.up_proj:1, expected 1 to 3',
  ],
  [
    'a partner that is none of the run',
    'detail',
    "UPDATE co_firing SET partners = x'0001000101010700'",
    'd.sqlite, first.q_proj:1: fires with second.up_proj:7, which is none of the run',
  ],
  [
    'a partner of a module that is none',
    'detail',
    "UPDATE co_firing SET partners = x'0001000107010100'",
    'd.sqlite, first.q_proj:1: fires with module 7:1, which is none of the run',
  ],
  [
    'itself as a partner',
    'detail',
    "UPDATE co_firing SET partners = x'0001010101010100'",
    'd.sqlite, first.q_proj:1: fires with itself',
  ],
  [
    'partners of a dead subcomponent',
    'detail',
    'UPDATE co_firing SET subcomponent = 2',
    'd.sqlite: co_firing has first.q_proj:2, which is dead',
  ],
  [
    'more probability than firings',
    'detail',
    'UPDATE output_token SET mass = 5 WHERE token_id = 0',
    'd.sqlite, first.q_proj:1: output token "a" has mass 5, expected more than 0 and at most 4',
  ],
  [
    'an output token that is none',
    'detail',
    'UPDATE output_token SET token_id = 5 WHERE token_id = 0',
    'd.sqlite, first.q_proj:1: has output token 5, which is none of the index',
  ],
  [
    'a story where none is known',
    'detail',
    'UPDATE example SET story = 0 WHERE subcomponent = 1',
    'd.sqlite, first.q_proj:1, example 1: story is 0, expected null',
  ],
  [
    'no mean CI of a subcomponent that fires',
    'summary',
    'UPDATE subcomponent SET mean_ci = NULL WHERE module_id = 0 AND subcomponent = 0',
    'summary, first.q_proj:0: mean_ci is unknown, expected a number',
  ],
] as const)('%s is a difference', async (_, file, sql, difference) => {
  expect(await differencesAfter(file, sql)).toEqual([difference])
})
