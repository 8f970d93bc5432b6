import { expect, test } from 'vitest'
import type { ModuleRow } from '../../../../core/bundle/queryModules.ts'
import { activityFinding, breadthFinding, classFinding } from '../../../../src/pages/overview/findings.ts'

interface Given {
  readonly module: string
  readonly layer?: number | null
  readonly c?: number
  readonly dead?: number
  readonly classCounts?: Partial<ModuleRow['classCounts']>
  readonly median?: number | null
}

function row({ module, layer = 0, c = 100, dead = 0, classCounts = {}, median = null }: Given): ModuleRow {
  const counts = { truly_monosemantic: 0, highly_specialised: 0, specialised: 0, moderate: 0, polysemantic: 0 }
  return {
    ...{ moduleId: 0, module, layer, kind: '', c, dead, active: c - dead, rare: 0, frequent: c - dead, meanL0: 0 },
    classCounts: { ...counts, ...classCounts },
    medianUniqueTokens: median,
    bimodality: null,
    standardErrors: {
      ...{ dead: null, rare: null, frequent: null, medianUniqueTokens: null, meanL0: null, bimodality: null },
      classes: {
        truly_monosemantic: null,
        highly_specialised: null,
        specialised: null,
        moderate: null,
        polysemantic: null,
      },
    },
  }
}

test('figure 1 names the part of a layer where most are dead and the one where fewest are', () => {
  const modules = [
    row({ module: 'l.0.self_attn.q', dead: 97 }),
    row({ module: 'l.0.self_attn.k', dead: 84 }),
    row({ module: 'l.0.mlp.up', dead: 40 }),
    row({ module: 'l.1.self_attn.q', layer: 1, dead: 50 }),
    row({ module: 'l.1.mlp.up', layer: 1, dead: 15 }),
    row({ module: 'l.1.mlp.down', layer: 1, dead: 0 }),
  ]
  expect(activityFinding(modules)).toBe('Layer 0 attention is 84–97\u00a0% dead, layer 1 MLP 0–15\u00a0%')
})

test('figure 1 says so where nothing is dead, and names a single part alone', () => {
  expect(activityFinding([row({ module: 'l.0.mlp.up' })])).toBe('No subcomponent is dead')
  expect(activityFinding([row({ module: 'wte', layer: null, dead: 25 })])).toBe('Wte is 25\u00a0% dead')
})

test('figure 2 gives the shares at both ends of the scale, over all active subcomponents', () => {
  const modules = [
    row({ module: 'a', classCounts: { truly_monosemantic: 10, highly_specialised: 20, polysemantic: 70 } }),
    row({ module: 'b', classCounts: { moderate: 90, polysemantic: 10 } }),
  ]
  // 80 of 200 polysemantic, 30 of 200 with five tokens or fewer
  expect(classFinding(modules)).toBe('40.0\u00a0% are polysemantic, 15.0\u00a0% have five tokens or fewer')
  expect(classFinding([row({ module: 'a', dead: 100 })])).toBe('No subcomponent is active')
})

test('figure 4 speaks of growth only where every layer is broader than the one before', () => {
  const medians = (...values: (number | null)[]) =>
    values.map((median, layer) => row({ module: `l.${layer}.mlp.up`, layer, median }))
  expect(breadthFinding(medians(1, 20, 33.5))).toBe('Breadth grows with depth: 1 in layer 0, 33.5 in layer 2')
  expect(breadthFinding(medians(5, 3, 1234))).toBe('Breadth: 5 in layer 0, 1\u202f230 in layer 2')
  expect(breadthFinding(medians(null, 3))).toBe('Breadth of active subcomponents')
})

test('a layer stands for the median of its modules', () => {
  const modules = [1, 5, 100].map((median, i) => row({ module: `l.0.mlp.${i}`, median }))
  expect(breadthFinding([...modules, row({ module: 'l.1.mlp.up', layer: 1, median: 6 })])).toBe(
    'Breadth grows with depth: 5 in layer 0, 6 in layer 1',
  )
})
