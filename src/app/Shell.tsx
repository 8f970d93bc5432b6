import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Outlet, useLocation, useNavigationType } from 'react-router'
import { useKeys } from '../ui/useKeys.ts'
import { KeysDialog } from './KeysDialog.tsx'

/** What every page has: the skip link first, the list of keys, and where a reader stands after following a link. */
export function Shell() {
  const [isKeysOpen, setIsKeysOpen] = useState(false)
  useKeys(useMemo(() => ({ '?': () => setIsKeysOpen(true) }), []))
  useStartAtTop()
  return (
    <>
      <button className="vh skip" type="button" onClick={skipToMain}>
        Skip to content
      </button>
      <HatchDefinition />
      <Outlet />
      <KeysDialog isOpen={isKeysOpen} onClose={useCallback(() => setIsKeysOpen(false), [])} />
    </>
  )
}

/** The router owns the hash, so no link can lead within a page. */
function skipToMain(): void {
  document.getElementById('main')?.focus()
}

/** A followed link opens its page at the top; going back leaves the place to the page. */
function useStartAtTop(): void {
  const { pathname } = useLocation()
  const navigationType = useNavigationType()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    if (navigationType !== 'POP') window.scrollTo(0, 0)
    document.getElementById('main')?.focus({ preventScroll: true })
  }, [pathname, navigationType])
}

/** The hatch of what is dead, for every figure of the page. */
function HatchDefinition() {
  return (
    <svg width="0" height="0" style={{ position: 'absolute' }} aria-hidden="true">
      <title>hatch</title>
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line y2="5" style={{ stroke: 'var(--dead)', strokeWidth: 1.6 }} />
        </pattern>
      </defs>
    </svg>
  )
}
