import { describe, expect, test } from 'vitest'
import { planFiring } from '../../../core/synthesis/planFiring.ts'
import { planModules } from '../../../core/synthesis/planModules.ts'
import { SEED_REPORT_C, seedReportShares } from '../../../core/synthesis/seedReportShares.ts'

const none = new Map<string, number>()

describe('planModules', () => {
  test("plans the seed report's run: 42,862 of 112,000 active", () => {
    const modules = planModules(4, { C: SEED_REPORT_C, cByKind: none, active: seedReportShares() })
    expect(modules.length).toBe(28)
    expect(modules.reduce((sum, { C }) => sum + C, 0)).toBe(112_000)
    expect(modules.reduce((sum, { activeCount }) => sum + activeCount, 0)).toBe(42_862)
    expect(modules.at(3)).toEqual({ path: 'model.layers.0.self_attn.o_proj', C: 4000, activeCount: 644 })
    expect(modules.at(-1)).toEqual({ path: 'model.layers.3.mlp.down_proj', C: 4000, activeCount: 3999 })
  })

  test('gives kinds a C of their own', () => {
    const modules = planModules(1, { C: 10, cByKind: new Map([['up_proj', 30]]), active: 0.25 })
    expect(modules.map(({ C, activeCount }) => [C, activeCount])).toEqual([...Array(5).fill([10, 3]), [30, 8], [10, 3]])
  })

  test('refuses kinds and modules there are none of, and modules without a share', () => {
    expect(() => planModules(1, { C: 10, cByKind: new Map([['c_fc', 30]]), active: 1 })).toThrow(
      'no kind "c_fc", expected one of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj',
    )
    expect(() => planModules(2, { C: 10, cByKind: none, active: seedReportShares() })).toThrow(
      'no module "model.layers.2.self_attn.q_proj", expected one of model.layers.0.self_attn.q_proj, ',
    )
    expect(() => planModules(5, { C: 10, cByKind: none, active: seedReportShares() })).toThrow(
      'no active share for the module model.layers.4.self_attn.q_proj',
    )
  })
})

describe('planFiring', () => {
  test('splits a module into active, rarest first, and dead subcomponents', () => {
    const { active, dead } = planFiring(0, 'a', 50, 20)
    const all = [...active.map(({ subcomponent }) => subcomponent), ...dead].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(active.length).toBe(20)
    const densities = active.map(({ density }) => density)
    expect(densities).toEqual(densities.toSorted((a, b) => a - b))
  })

  test('spreads densities evenly in their logarithm, and one in a hundred from 0.5 to 0.98', () => {
    const densities = planFiring(0, 'a', 300, 202).active.map(({ density }) => density)
    // Three broad ones in the middles of thirds of 0.5 to 0.98.
    expect(densities.slice(-3).map((density) => Number(density.toFixed(6)))).toEqual([0.58, 0.74, 0.9])
    // 199 others: the hundredth in the middle of 1e-5 to 0.3.
    expect(densities[99]).toBeCloseTo(Math.sqrt(1e-5 * 0.3), 10)
    expect(densities[0]).toBeCloseTo(1e-5 * 30_000 ** (0.5 / 199), 10)
  })

  test('chooses by seed and path', () => {
    const chosen = (seed: number, path: string): readonly number[] => planFiring(seed, path, 50, 20).dead
    expect(chosen(0, 'a')).toEqual(chosen(0, 'a'))
    expect(chosen(1, 'a')).not.toEqual(chosen(0, 'a'))
    expect(chosen(0, 'b')).not.toEqual(chosen(0, 'a'))
  })

  test('takes a module of dead subcomponents, and one of none', () => {
    expect(planFiring(0, 'a', 3, 0)).toEqual({ active: [], dead: expect.any(Array) })
    expect(planFiring(0, 'a', 3, 3).dead).toEqual([])
  })
})
