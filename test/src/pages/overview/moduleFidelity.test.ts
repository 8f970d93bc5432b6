import { expect, test } from 'vitest'
import type { Evaluation, ManifestModule } from '../../../../core/bundle/manifest.ts'
import type { ModuleRow } from '../../../../core/bundle/queryModules.ts'
import { fidelityFences, withFidelity } from '../../../../src/pages/overview/moduleFidelity.ts'

// Only what is read: withFidelity looks at a row's path alone.
const row = (module: string) => ({ module }) as ModuleRow
const described = (path: string, faithfulness: number | null): ManifestModule => ({
  ...{ path, layer: 0, kind: 'up', role: 'linear', d_in: 4, d_out: 4, c: 4, kept: null },
  faithfulness,
})
const evaluated = (...kls: number[]): Evaluation => ({
  ...{ sources: [], stories: 1, positions: 1, threshold: 0.01, ci_error: null, ci_masked_kl: 1 },
  module_ci_masked_kl: kls,
})

test('rows take the numbers of their own path, whatever the order', () => {
  const manifest = { modules: [described('a', 0.1), described('b', null)], evaluation: evaluated(1, 2) }
  const rows = withFidelity([row('b'), row('a')], manifest)
  expect(rows.map(({ faithfulness, ciMaskedKl }) => [faithfulness, ciMaskedKl])).toEqual([
    [null, 2],
    [0.1, 1],
  ])
})

test('what was not measured is null, not 0', () => {
  const [first] = withFidelity([row('a')], { modules: [described('a', null)], evaluation: null })
  expect(first).toMatchObject({ faithfulness: null, ciMaskedKl: null })
})

test('fences are of the numbers that are known', () => {
  const paths = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  const modules = paths.map((path, i) => described(path, i < 3 ? i : null))
  const rows = withFidelity(paths.map(row), { modules, evaluation: evaluated(0, 1, 2, 3, 4, 5, 6, 7, 8) })
  // Three numbers are too few; of 0..8 it is 6 + 3 · 4.
  expect(fidelityFences(rows)).toEqual({ faithfulness: null, ciMaskedKl: 18 })
})
