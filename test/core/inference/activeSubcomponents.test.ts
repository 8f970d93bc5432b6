import { describe, expect, it } from 'vitest'
import {
  causalImportanceAlong,
  countActive,
  type ModulePass,
  rankActive,
} from '../../../core/inference/activeSubcomponents.ts'

const f = (...values: number[]) => Float32Array.from(values)

const u = (...values: number[]) => Uint32Array.from(values)

/** Two modules, C = 3 and C = 2, over two positions. */
const modules: readonly ModulePass[] = [
  {
    C: 3,
    subcomponents: u(0, 1, 2),
    causalImportances: f(1, 0.5, 0, 0.01, 1, 0.25),
    innerActivations: f(0.5, -4, 9, 1, 1, 1),
    writeNorms: f(2, 1, 1),
  },
  {
    C: 2,
    subcomponents: u(0, 1),
    causalImportances: f(1, 0.5, 0, 0),
    innerActivations: f(-3, 1, 0, 0),
    writeNorms: f(1, 2),
  },
]

const named = ({ module, subcomponent }: { module: Uint16Array; subcomponent: Uint32Array }) =>
  Array.from(module, (m, i) => `${m}:${subcomponent[i]}`)

describe('countActive', () => {
  it('counts causal importances strictly above the threshold, module by module', () => {
    // Position 0: module 0 has 1 and 0.5, module 1 has 1 and 0.5. Position 1: 0.01 is not above 0.01.
    expect(Array.from(countActive(modules, 2, 0.01))).toEqual([2, 2, 2, 0])
    expect(Array.from(countActive(modules, 2, 0.5))).toEqual([1, 1, 1, 0])
    expect(Array.from(countActive(modules, 2, 1))).toEqual([0, 0, 0, 0])
  })

  it('counts nothing in a story without positions', () => {
    expect(countActive(modules, 0, 0.01)).toHaveLength(0)
  })

  it('reads no further than the story, where arrays are longer', () => {
    expect(Array.from(countActive(modules, 1, 0.01))).toEqual([2, 2])
  })
})

describe('rankActive', () => {
  it('ranks by causal importance, then by the size of h‖U‖', () => {
    // CI 1: 1:0 with |−3·1| = 3 before 0:0 with 0.5·2 = 1. CI 0.5: 0:1 with |−4| before 1:1 with 1·2.
    const ranked = rankActive(modules, { position: 0, threshold: 0.01, order: 'causalImportance' })
    expect(named(ranked)).toEqual(['1:0', '0:0', '0:1', '1:1'])
    expect(Array.from(ranked.causalImportance)).toEqual([1, 1, 0.5, 0.5])
    expect(Array.from(ranked.scaledInnerActivation)).toEqual([-3, 1, -4, 2])
  })

  it('ranks by the size of h‖U‖, leaving out what is not active', () => {
    // 0:2 has h‖U‖ = 9 and causal importance 0.
    const ranked = rankActive(modules, { position: 0, threshold: 0.01, order: 'scaledInnerActivation' })
    expect(named(ranked)).toEqual(['0:1', '1:0', '1:1', '0:0'])
  })

  it('names the subcomponents of columns', () => {
    const pruned = modules.map((module) => ({ ...module, subcomponents: u(4, 7, 9).subarray(0, module.C) }))
    const ranked = rankActive(pruned, { position: 0, threshold: 0.01, order: 'causalImportance' })
    expect(named(ranked)).toEqual(['1:4', '0:4', '0:7', '1:7'])
  })

  it('keeps modules and numbers in order where all is equal', () => {
    const equal = {
      C: 2,
      subcomponents: u(0, 1),
      causalImportances: f(1, 1),
      innerActivations: f(1, -1),
      writeNorms: f(1, 1),
    }
    const ranked = rankActive([equal, equal], { position: 0, threshold: 0, order: 'causalImportance' })
    expect(named(ranked)).toEqual(['0:0', '0:1', '1:0', '1:1'])
  })
})

describe('causalImportanceAlong', () => {
  it('follows one subcomponent through the story', () => {
    const [first] = modules
    expect(first && Array.from(causalImportanceAlong(first, 1, 2))).toEqual([0.5, 1])
  })
})
