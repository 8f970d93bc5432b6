import { describe, expect, test } from 'vitest'
import { formatInterventionNode, readInterventionNode } from '../../../core/inference/interventionNodes.ts'

const MODULES = [{ path: 'model.layers.0.self_attn.q_proj', layer: 0, kind: 'q_proj', c: 10 }]

describe('readInterventionNode', () => {
  test.each([
    ['model.layers.0.self_attn.q_proj:3', 3, null],
    ['model.layers.0.self_attn.q_proj:9@0', 9, 0],
    [' l0.q:0@4 ', 0, 4],
  ])('reads "%s"', (text, subcomponent, position) => {
    const modulePath = 'model.layers.0.self_attn.q_proj'
    const node = readInterventionNode(text, MODULES, 5)
    expect(node).toEqual({ modulePath, subcomponent, position })
    expect(readInterventionNode(formatInterventionNode(node), MODULES, 5)).toEqual(node)
  })

  test.each([
    ['l0.q:3@5', 'l0.q:3@5: no position "5", expected 0 to 4'],
    ['l0.q:3@-1', 'l0.q:3@-1: no position "-1", expected 0 to 4'],
    ['l0.q:3@', 'l0.q:3@: no position "", expected 0 to 4'],
    ['l0.q', 'l0.q: no subcomponent, expected model.layers.0.self_attn.q_proj:0 to 9'],
    ['l0.q:10', 'l0.q:10: no subcomponent "10" in model.layers.0.self_attn.q_proj, expected 0 to 9'],
    ['l7.q:1', 'l7.q:1: no module "l7.q", expected a path or a short name'],
  ])('refuses "%s"', (text, message) => {
    expect(() => readInterventionNode(text, MODULES, 5)).toThrow(
      expect.objectContaining({ code: 'address/unknown', message }),
    )
  })
})
