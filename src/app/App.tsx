import { HashRouter, Route, Routes } from 'react-router'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { NotFound } from './NotFound.tsx'
import { PAGES } from './pages.ts'
import { RunList } from './RunList.tsx'
import { RunShell } from './RunShell.tsx'
import { Shell } from './Shell.tsx'

/** The pages and their addresses. */
export function App() {
  return (
    <ErrorBoundary>
      <HashRouter>
        <Routes>
          <Route element={<Shell />}>
            <Route index element={<RunList />} />
            <Route path="run/:run" element={<RunShell />}>
              {PAGES.map(({ path, Component }) => (
                <Route key={path} path={path} element={<Component />} />
              ))}
            </Route>
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </HashRouter>
    </ErrorBoundary>
  )
}
