import { expect, test } from 'vitest'
import type { Evaluation, Manifest, ManifestModule } from '../../../core/bundle/manifest.ts'
import { describeCiError, describeDropped, describeReduction } from '../../../src/clients/describeReduction.ts'

type Reduced = Parameters<typeof describeReduction>[0]

const whole = { target: 'f32', v: 'f32', u: 'f32', ci: 'f32' } as const
const module = (c: number, kept: number | null): ManifestModule => ({
  ...{ path: 'l.0.mlp.up', layer: 0, kind: 'up', role: 'linear', d_in: 4, d_out: 4, c, faithfulness: null },
  kept: kept === null ? null : { count: kept, bits: '' },
})
const evaluation: Evaluation = {
  sources: [],
  stories: 80,
  positions: 20_000,
  threshold: 0.01,
  ci_error: { max: 0.0312, mean: 0.0000124, flip_share: 0.0012, dropped_firings: 7 },
  ci_masked_kl: 0.7,
  module_ci_masked_kl: [0.1, 0.2],
}
const prunedBy: Manifest['pruned_by'] = { source: 'index', threshold: 0.01, positions: 8_000_000, stories: 25_000 }

const reduced: Reduced = {
  modules: [module(100_000, 40_000), module(12_000, null)],
  precision: { target: 'f16', v: 'f16', u: 'f16', ci: 'i8' },
  pruned_by: prunedBy,
  evaluation,
}
const plain = (text: string | null): string | undefined => text?.replace(/[\u00a0\u202f]/g, ' ').replace(/\u2212/g, '-')

test('what is dropped is told with its reason, and that addresses stay', () => {
  expect(plain(describeDropped(reduced))).toBe(
    '60 000 of 112 000 subcomponents are left out of the graphs: none fired at CI > 0.01 in 8 000 000 positions of 25 000 stories. Addresses are unchanged.',
  )
  const harvest = { ...reduced, pruned_by: { ...prunedBy, source: 'harvest', stories: null } as const }
  expect(plain(describeDropped(harvest))).toContain('in 8 000 000 positions of the harvest.')
  expect(describeDropped({ ...reduced, pruned_by: null })).toBeNull()
})

test('the error of CI is told with its greatest, its mean, flips and lost firings', () => {
  expect(plain(describeCiError(reduced))).toBe(
    'CI is off by 0.0312 at most and 1.2e-5 on average; 0.120 % of the firing decisions (CI > 0.01) flip; 7 firings of what is left out are lost',
  )
  const exact = { max: 0, mean: 0, flip_share: 0, dropped_firings: 0 }
  expect(plain(describeCiError({ ...reduced, evaluation: { ...evaluation, ci_error: exact } }))).toBe(
    'CI is off by 0 at most and 0 on average; none of the firing decisions (CI > 0.01) flip',
  )
  expect(describeCiError({ ...reduced, evaluation: { ...evaluation, ci_error: null } })).toBeNull()
})

test('one line tells dropping, precision and their error', () => {
  expect(plain(describeReduction(reduced))).toMatch(
    /^60 000 of 112 000 subcomponents are left out; weights: target model 16, V 16, U 16, CI functions 8 bits; computed in 32\. CI is off by 0\.0312 .* lost\.$/,
  )
  const rounded = { ...reduced, modules: [module(10, null)], precision: { ...whole, u: 'f16' } as const }
  expect(plain(describeReduction({ ...rounded, evaluation: null }))).toMatch(
    /^Weights: .*\. How far that moves CI was not measured\.$/,
  )
})

test('a whole bundle in 32 bits needs no line', () => {
  expect(describeReduction({ ...reduced, modules: [module(10, null)], precision: whole })).toBeNull()
})
