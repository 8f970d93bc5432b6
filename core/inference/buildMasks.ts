import { columnOfKept, type PrunedModule, readKept } from '../bundle/keptSubcomponents.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { GraphTensor } from '../graph/InferenceSession.ts'
import { maskPort } from '../graph/ports.ts'
import type { InterventionNode } from './interventionNodes.ts'

/** What becomes of the subcomponents of a story of `storyLength` tokens. */
export interface Intervention {
  /**
   * Mask of what `nodes` do not name: one number for all, or float32[T, K] of the modules that have one (K as in ports.ts)
   * and 1 elsewhere.
   */
  readonly base: number | ReadonlyMap<string, Float32Array>
  readonly nodes: readonly InterventionNode[]
  /** Mask of what `nodes` name. */
  readonly value: number
}

/**
 * Subcomponents that the graphs do not hold are masked by δ, as y = ((m − δ) ⊙ h) U + δ x Wᵀ + bias is without their
 * columns: never ablated where δ = 1, absent where δ = 0. Refuses an intervention that asks another mask of them
 * (arguments/invalid).
 */
export function assertDroppedMaskedByDelta(
  modules: readonly PrunedModule[],
  { base }: Intervention,
  delta: number,
): void {
  const asked = typeof base === 'number' ? base : 1
  if (asked === delta) return
  const pruned = modules.find(({ path, c, kept }) => {
    const isGiven = typeof base !== 'number' && base.has(path)
    return !isGiven && kept !== undefined && kept !== null && kept.count < c
  })
  if (pruned === undefined) return
  throw new AtlasError(
    'arguments/invalid',
    `${pruned.path}: mask ${asked} of subcomponents that the bundle's graphs leave out, expected delta, ${delta}`,
  )
}

/** 0 on the set, 1 elsewhere. */
export const ablate = (nodes: readonly InterventionNode[]): Intervention => ({ base: 1, nodes, value: 0 })
/** 1 on the set, 0 elsewhere. */
export const keepOnly = (nodes: readonly InterventionNode[]): Intervention => ({ base: 0, nodes, value: 1 })
/** The target model where δ = 1. */
export const leaveAlone: Intervention = { base: 1, nodes: [], value: 1 }

/**
 * The masks of all modules by their ports, for one story: float32[1, T, K], or the row float32[1, 1, K] where a module's
 * mask is the same at all positions. Refuses a node that the graphs do not hold (address/unknown).
 */
export function buildMasks(
  modules: readonly PrunedModule[],
  storyLength: number,
  intervention: Intervention,
): Record<string, GraphTensor> {
  return Object.fromEntries(
    modules.flatMap((module) => {
      const mask = buildMask(module, storyLength, intervention)
      return mask === null ? [] : [[maskPort(module.path), mask]]
    }),
  )
}

/** Null where the graphs hold none of the module's subcomponents. */
function buildMask(module: PrunedModule, storyLength: number, intervention: Intervention): GraphTensor | null {
  const { path } = module
  const kept = readKept(module)
  const { base, value } = intervention
  const nodes = intervention.nodes.flatMap(({ modulePath, subcomponent, position }) =>
    modulePath === path ? [{ column: columnOfKept(kept, path, subcomponent), position }] : [],
  )
  const C = kept.count
  if (C === 0) return null
  const given = typeof base === 'number' ? undefined : base.get(path)
  const isRow = given === undefined && nodes.every(({ position }) => position === null)
  const rows = isRow ? 1 : storyLength
  invariant(given === undefined || given.length === rows * C, `mask of ${path} has ${given?.length} numbers`)
  const mask =
    given === undefined ? new Float32Array(rows * C).fill(typeof base === 'number' ? base : 1) : given.slice()
  for (const { column, position } of nodes) {
    if (position !== null) mask[position * C + column] = value
    else for (let row = 0; row < rows; row++) mask[row * C + column] = value
  }
  return { type: 'float32', data: mask, dims: [1, rows, C] }
}
