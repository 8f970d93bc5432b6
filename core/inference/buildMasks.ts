import { invariant } from '../errors/invariant.ts'
import type { GraphTensor } from '../graph/InferenceSession.ts'
import { maskPort } from '../graph/ports.ts'
import type { InterventionNode } from './interventionNodes.ts'

export interface MaskedModule {
  readonly path: string
  /** Number of subcomponents. */
  readonly c: number
}

/** What becomes of the subcomponents of a story of `storyLength` tokens. */
export interface Intervention {
  /** Mask of what `nodes` do not name: one number for all, or float32[T, C] of the modules that have one and 1 elsewhere. */
  readonly base: number | ReadonlyMap<string, Float32Array>
  readonly nodes: readonly InterventionNode[]
  /** Mask of what `nodes` name. */
  readonly value: number
}

/** 0 on the set, 1 elsewhere. */
export const ablate = (nodes: readonly InterventionNode[]): Intervention => ({ base: 1, nodes, value: 0 })
/** 1 on the set, 0 elsewhere. */
export const keepOnly = (nodes: readonly InterventionNode[]): Intervention => ({ base: 0, nodes, value: 1 })
/** The target model where δ = 1. */
export const leaveAlone: Intervention = { base: 1, nodes: [], value: 1 }

/**
 * The masks of all modules by their ports, for one story: float32[1, T, C], or the row float32[1, 1, C] where a module's
 * mask is the same at all positions.
 */
export function buildMasks(
  modules: readonly MaskedModule[],
  storyLength: number,
  intervention: Intervention,
): Record<string, GraphTensor> {
  return Object.fromEntries(
    modules.map((module) => [maskPort(module.path), buildMask(module, storyLength, intervention)]),
  )
}

function buildMask({ path, c: C }: MaskedModule, storyLength: number, intervention: Intervention): GraphTensor {
  const { base, value } = intervention
  const nodes = intervention.nodes.filter(({ modulePath }) => modulePath === path)
  const given = typeof base === 'number' ? undefined : base.get(path)
  const isRow = given === undefined && nodes.every(({ position }) => position === null)
  const rows = isRow ? 1 : storyLength
  invariant(given === undefined || given.length === rows * C, `mask of ${path} has ${given?.length} numbers`)
  const mask =
    given === undefined ? new Float32Array(rows * C).fill(typeof base === 'number' ? base : 1) : given.slice()
  for (const { subcomponent, position } of nodes) {
    if (position !== null) mask[position * C + subcomponent] = value
    else for (let row = 0; row < rows; row++) mask[row * C + subcomponent] = value
  }
  return { type: 'float32', data: mask, dims: [1, rows, C] }
}
