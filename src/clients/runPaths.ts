/** Paths of pages within the hash router; ids and module paths may hold any character. */
export const runPath = (run: string): string => `/run/${encodeURIComponent(run)}`
export const modulesPath = (run: string): string => `${runPath(run)}/modules`
export const modulePath = (run: string, module: string): string =>
  `${runPath(run)}/module/${encodeURIComponent(module)}`
export const subcomponentPath = (run: string, module: string, subcomponent: number): string =>
  `${modulePath(run, module)}/${subcomponent}`
export const livePath = (run: string): string => `${runPath(run)}/live`
