import type { DecomposedModule, Decomposition } from '../decomposition/Decomposition.ts'
import { invariant } from '../errors/invariant.ts'

/** The modules of a run by where the target model meets them. */
export interface ModuleFinder {
  /** The module that decomposes the matrix at `path`. */
  at(path: string): DecomposedModule | null
  /** The identity inserted before the matrix at `path`. */
  before(path: string): DecomposedModule | null
  /** Holds that the walk has met every module, as its outputs promise. */
  assertAllFound(): void
}

export function findModules({ modules }: Decomposition): ModuleFinder {
  const found = new Set<DecomposedModule>()
  const find = (matches: (module: DecomposedModule) => boolean): DecomposedModule | null => {
    const module = modules.find(matches) ?? null
    if (module !== null) found.add(module)
    return module
  }
  return {
    at: (path) => find((module) => module.role.kind !== 'identity' && module.path === path),
    before: (path) => find((module) => module.role.kind === 'identity' && module.role.hostPath === path),
    assertAllFound: () => {
      const missed = modules.filter((module) => !found.has(module)).map(({ path }) => path)
      invariant(missed.length === 0, `the target model has no matrices for the modules ${missed}`)
    },
  }
}
