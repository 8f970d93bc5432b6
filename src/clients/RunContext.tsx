import { createContext, useContext } from 'react'
import type { Manifest } from '../../core/bundle/manifest.ts'
import type { ModuleRow } from '../../core/bundle/queryModules.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { IndexClient } from './createIndexClient.ts'
import type { ModelClient } from './createModelClient.ts'

/** The run a page shows. */
export interface Run {
  readonly id: string
  /** Absolute URL of the bundle's folder, ending in a slash. */
  readonly bundleUrl: string
  readonly manifest: Manifest
  readonly corpus: NonNullable<Manifest['corpus']>
  /** In order of execution. */
  readonly modules: readonly ModuleRow[]
  /** By path, e.g. "l0.q". */
  readonly shortNames: ReadonlyMap<string, string>
  readonly index: IndexClient
  /** Its worker starts with the first question. */
  readonly model: ModelClient
}

export const RunContext = createContext<Run | null>(null)

/** The run of the page; every page below `#/run/:run` has one. */
export function useRun(): Run {
  const run = useContext(RunContext)
  invariant(run !== null, 'no run is open')
  return run
}
