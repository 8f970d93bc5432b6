import { describe, expect, test } from 'vitest'
import { encodeKept } from '../../../core/bundle/keptSubcomponents.ts'
import { keepSubcomponents } from '../../../core/decomposition/keepSubcomponents.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { causalImportancePort, innerActivationPort, LOGITS, maskPort } from '../../../core/graph/ports.ts'
import { ablate, buildMasks, keepOnly } from '../../../core/inference/buildMasks.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { graphRunner, idsOf, largestDifference, numbersOf, scalarOf } from './runGraph.ts'

const IDS = [5, 17, 3, 9, 1]

const ORACLES = [
  'llama-mlp',
  'llama-vector-mlp',
  'llama-one-c',
  'llama-simple-shared-mlp',
  'gpt2-simple-mlp',
  'gpt2-mlp',
]

/** Two of three subcomponents of each module, and none of the second. */
async function prunedOracle(name: string) {
  const whole = await readDecomposition(oracleFiles(name))
  const kept = whole.modules.map(({ C }, m) =>
    m === 1 ? [] : Array.from({ length: C }, (_, c) => c).filter((c) => c % 3 !== 1),
  )
  const modules = whole.modules.map(({ path, C }, m) => ({ path, c: C, kept: encodeKept(kept[m] ?? [], C) }))
  return { whole, kept, modules, pruned: keepSubcomponents(whole, kept) }
}

describe('graphs of some of the subcomponents', () => {
  test.each(ORACLES)('give the very same numbers of those they hold: %s', async (name) => {
    const { whole, kept, pruned } = await prunedOracle(name)
    const [runWhole, runPruned] = [await graphRunner(whole), await graphRunner(pruned)]
    const ids = idsOf(...IDS)
    const [expected, found] = [await runWhole('observe', { ids }), await runPruned('observe', { ids })]
    expect(numbersOf(found, LOGITS)).toEqual(numbersOf(expected, LOGITS))
    for (const [m, { path, C }] of whole.modules.entries()) {
      for (const port of [innerActivationPort(path), causalImportancePort(path)]) {
        expect(port in found).toBe(m !== 1)
        if (m === 1) continue
        const isKept = new Set(kept[m])
        expect(numbersOf(found, port)).toEqual(numbersOf(expected, port).filter((_, i) => isKept.has(i % C)))
      }
    }
  })

  test.each(ORACLES)('mask those they do not hold by delta: %s', async (name) => {
    const { whole, kept, modules, pruned } = await prunedOracle(name)
    const [runWhole, runPruned] = [await graphRunner(whole), await graphRunner(pruned)]
    const all = whole.modules.map(({ path, C }) => ({ path, c: C }))
    const ids = idsOf(...IDS)
    const [first] = whole.modules
    if (first === undefined) throw new Error('no module')
    const nodes = [{ modulePath: first.path, subcomponent: kept[0]?.[1] ?? 0, position: 2 }]
    for (const [intervention, delta] of [
      [ablate(nodes), 1],
      [keepOnly(nodes), 0],
    ] as const) {
      const masks = buildMasks(modules, IDS.length, intervention)
      expect(maskPort(whole.modules[1]?.path ?? '') in masks).toBe(false)
      const found = await runPruned('intervene', { ids, delta: scalarOf(delta), ...masks })
      const expected = await runWhole('intervene', {
        ids,
        delta: scalarOf(delta),
        ...buildMasks(all, IDS.length, intervention),
      })
      expect(largestDifference(numbersOf(found, LOGITS), numbersOf(expected, LOGITS))).toBeLessThan(2e-5)
    }
  })

  test('hold none of any module', async () => {
    const whole = await readDecomposition(oracleFiles('llama-mlp'))
    const run = await graphRunner(
      keepSubcomponents(
        whole,
        whole.modules.map(() => []),
      ),
    )
    const ids = idsOf(...IDS)
    const outputs = await run('observe', { ids })
    expect(Object.keys(outputs)).toEqual([LOGITS])
    const same = await run('intervene', { ids, delta: scalarOf(1) })
    expect(largestDifference(numbersOf(same, LOGITS), numbersOf(outputs, LOGITS))).toBeLessThan(1e-6)
  })
})
