import { AtlasError } from '../errors/AtlasError.ts'

/** The subcomponents of a bundle, which a harvest must be of. */
export interface ExpectedModule {
  readonly path: string
  readonly C: number
}

/** Rows start ≤ row < end of a harvest's tensors: the subcomponents of one module in order. */
export interface ModuleRows extends ExpectedModule {
  readonly start: number
  readonly end: number
}

/**
 * Where in a harvest's tensors the subcomponents of `modules` lie, in the order of `modules`. Refuses `keys`
 * ("<module>:<number>") that are not exactly theirs, each module in one piece from 0 on; `place` names the file.
 */
export function locateModules(
  keys: readonly string[],
  modules: readonly ExpectedModule[],
  place: string,
): readonly ModuleRows[] {
  const found = new Map<string, ModuleRows>()
  for (let start = 0; start < keys.length; ) {
    const path = pathOf(keys[start] ?? '')
    let end = start
    while (end < keys.length && keys[end] === `${path}:${end - start}`) end++
    if (end === start || found.has(path)) throw outOfOrder(keys[start] ?? '', place)
    found.set(path, { path, C: end - start, start, end })
    start = end
  }
  for (const path of found.keys()) {
    if (!modules.some((module) => module.path === path)) {
      throw foreign(`${place}: has subcomponents of ${path}, a module the bundle lacks`)
    }
  }
  return modules.map(({ path, C }) => {
    const rows = found.get(path)
    if (rows?.C === C) return rows
    throw foreign(`${place}: has ${rows?.C ?? 'no'} subcomponents of ${path}, the bundle has ${C}`)
  })
}

function pathOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf(':')))
}

function outOfOrder(key: string, place: string): AtlasError {
  return new AtlasError(
    'format/malformed',
    `${place}: "component_keys" has "${key.slice(0, 200)}" out of place, expected each module's subcomponents from 0 on`,
  )
}

function foreign(message: string): AtlasError {
  return new AtlasError('arguments/invalid', message)
}
