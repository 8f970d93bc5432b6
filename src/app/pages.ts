import { type ComponentType, lazy } from 'react'
import { matchPath } from 'react-router'

/** A page of a run; its code is fetched when first needed. */
export interface Page {
  /** Below `#/run/:run`; empty for the first. */
  readonly path: string
  readonly load: () => Promise<{ readonly default: ComponentType }>
  readonly Component: ComponentType
}

const page = (path: string, load: Page['load']): Page => ({ path, load, Component: lazy(load) })

export const PAGES: readonly Page[] = [
  page('', async () => ({ default: (await import('../pages/overview/OverviewPage.tsx')).OverviewPage })),
  page('modules', async () => ({ default: (await import('../pages/module/AllModulesPage.tsx')).AllModulesPage })),
  page('module/:module', async () => ({ default: (await import('../pages/module/ModulePage.tsx')).ModulePage })),
  page('module/:module/:subcomponent', async () => ({
    default: (await import('../pages/subcomponent/SubcomponentPage.tsx')).SubcomponentPage,
  })),
  page('live', async () => ({ default: (await import('../pages/live/LivePage.tsx')).LivePage })),
]

/** The page at `hash`, e.g. "#/run/demo/live?text=A"; the overview where it names no run, which is where that leads. */
export function pageAt(hash: string): Page | undefined {
  const [pathname = ''] = hash.replace(/^#/, '').split('?')
  const isRun = pathname.startsWith('/run/')
  return PAGES.find(({ path }) => (isRun ? matchPath(`/run/:run/${path}`, pathname) !== null : path === ''))
}
