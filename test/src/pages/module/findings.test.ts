import { expect, test } from 'vitest'
import type { ModuleRow } from '../../../../core/bundle/queryModules.ts'
import { breadthFinding, describeEmptyTable } from '../../../../src/pages/module/findings.ts'
import { readTableState, TABLE_PRESETS } from '../../../../src/pages/module/tableState.ts'

const module = (active: number, single: number) =>
  ({ active, classCounts: { truly_monosemantic: single } }) as ModuleRow

test.each([
  // 3 672 of 3 894 tokens are 94.3 %.
  [module(131, 82), 'The broadest subcomponent fires on 94.3\u00a0% of the tokens seen; 82 of 131 fire on just one'],
  [module(35, 0), 'The broadest subcomponent fires on 94.3\u00a0% of the tokens seen; none fires on just one'],
  [module(1, 0), 'The one active subcomponent fires on 94.3\u00a0% of the tokens seen'],
  [module(0, 0), 'No subcomponent of this module is active'],
])('the title of a module figure is made of its numbers', (row, title) => {
  expect(breadthFinding(row, 3672, 3894)).toBe(title)
})

const empty = (search: string) =>
  describeEmptyTable(readTableState(new URLSearchParams(search), TABLE_PRESETS.active), 'l0.q')

test.each([
  ['class=polysemantic', 'No subcomponent of l0.q is polysemantic.'],
  ['class=moderate,polysemantic', 'No subcomponent of l0.q is moderate or polysemantic.'],
  [
    'band=rare&q=mia',
    'No subcomponent of l0.q is active and is rare and has “mia” among its ten most frequent tokens.',
  ],
  ['class=', 'No class is chosen.'],
])('an empty table of %s says why', (search, sentence) => {
  expect(empty(search)).toBe(sentence)
})
