import type { ReactNode } from 'react'
import { Link, NavLink, useLocation } from 'react-router'
import { livePath, modulesPath, runPath } from '../clients/runPaths.ts'
import { ThemeSwitch } from './ThemeSwitch.tsx'

interface BarProps {
  /** Id of the run; null on pages of no run. */
  readonly runId: string | null
  /** Null while unknown. */
  readonly threshold: number | null
  /** The field that goes to an address. */
  readonly find: ReactNode
}

/** The slim bar: brand, run, pages, search, threshold, theme. */
export function Bar({ runId, threshold, find }: BarProps) {
  return (
    <header className="bar">
      <div>
        <Link className="brand" to="/" aria-label="SPD Atlas, runs">
          <BrandMark />
          <span>SPD Atlas</span>
        </Link>
        {runId !== null && (
          <Link className="run" to={runPath(runId)}>
            run <b>{runId}</b>
          </Link>
        )}
        {runId !== null && <PageLinks runId={runId} />}
        {find}
        {threshold !== null && (
          <span className="thr">
            active: CI &gt; <span className="num">{threshold}</span>
          </span>
        )}
        <ThemeSwitch />
      </div>
    </header>
  )
}

function PageLinks({ runId }: { readonly runId: string }) {
  const { pathname } = useLocation()
  const isModule = pathname.startsWith(`${runPath(runId)}/module`)
  return (
    <nav aria-label="Pages">
      <NavLink to={runPath(runId)} end>
        Overview
      </NavLink>
      <Link to={modulesPath(runId)} {...(isModule ? { 'aria-current': 'page' as const } : {})}>
        Modules
      </Link>
      <NavLink to={livePath(runId)}>Live</NavLink>
    </nav>
  )
}

function BrandMark() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      <g fill="var(--n-3)">
        <rect x="1" y="1" width="4" height="16" />
        <rect x="7" y="9" width="4" height="8" />
      </g>
      <rect x="13" y="5" width="4" height="12" fill="var(--accent)" />
    </svg>
  )
}
