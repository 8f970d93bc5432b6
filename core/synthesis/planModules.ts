import { AtlasError } from '../errors/AtlasError.ts'
import type { SyntheticModule } from './SyntheticRun.ts'

/** Where nothing else is asked for. The share is the whole seed report's: 42,862 of 112,000. */
export const DEFAULT_C = 256
export const DEFAULT_ACTIVE = 0.38

/** What a block of a Llama has, in order of execution. */
const BLOCK_PARTS = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.o_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
]

/** How many subcomponents there are to be, and how many of them active. */
export interface ModuleWishes {
  readonly C: number
  /** C by kind, e.g. "q_proj", where not the C of all. */
  readonly cByKind: ReadonlyMap<string, number>
  /** Share of active subcomponents, of all modules or by module path. */
  readonly active: number | ReadonlyMap<string, number>
}

/** All matrices of the blocks of a target model with `layers` layers; refuses wishes that name others (arguments/invalid). */
export function planModules(layers: number, { C, cByKind, active }: ModuleWishes): readonly SyntheticModule[] {
  const paths = Array.from({ length: layers }, (_, layer) =>
    BLOCK_PARTS.map((part) => `model.layers.${layer}.${part}`),
  ).flat()
  refuseStrays([...cByKind.keys()], new Set(paths.map(kindOf)), 'kind')
  if (typeof active !== 'number') refuseStrays([...active.keys()], new Set(paths), 'module')
  return paths.map((path) => {
    const count = cByKind.get(kindOf(path)) ?? C
    const share = typeof active === 'number' ? active : active.get(path)
    if (share === undefined) throw new AtlasError('arguments/invalid', `no active share for the module ${path}`)
    return { path, C: count, activeCount: Math.round(share * count) }
  })
}

const kindOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

function refuseStrays(names: readonly string[], known: ReadonlySet<string>, what: 'kind' | 'module'): void {
  const stray = names.find((name) => !known.has(name))
  if (stray === undefined) return
  throw new AtlasError('arguments/invalid', `no ${what} "${stray}", expected one of ${[...known].join(', ')}`)
}
