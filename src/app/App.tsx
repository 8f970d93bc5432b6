import { lazy } from 'react'
import { HashRouter, Route, Routes } from 'react-router'
import { AllModulesPage } from '../pages/module/AllModulesPage.tsx'
import { ModulePage } from '../pages/module/ModulePage.tsx'
import { OverviewPage } from '../pages/overview/OverviewPage.tsx'
import { SubcomponentPage } from '../pages/subcomponent/SubcomponentPage.tsx'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { NotFound } from './NotFound.tsx'
import { RunList } from './RunList.tsx'
import { RunShell } from './RunShell.tsx'
import { Shell } from './Shell.tsx'

/** Comes with the model's code, which the other pages do without. */
const LivePage = lazy(async () => ({ default: (await import('../pages/live/LivePage.tsx')).LivePage }))

/** The pages and their addresses. */
export function App() {
  return (
    <ErrorBoundary>
      <HashRouter>
        <Routes>
          <Route element={<Shell />}>
            <Route index element={<RunList />} />
            <Route path="run/:run" element={<RunShell />}>
              <Route index element={<OverviewPage />} />
              <Route path="live" element={<LivePage />} />
              <Route path="modules" element={<AllModulesPage />} />
              <Route path="module/:module" element={<ModulePage />} />
              <Route path="module/:module/:subcomponent" element={<SubcomponentPage />} />
            </Route>
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </HashRouter>
    </ErrorBoundary>
  )
}
