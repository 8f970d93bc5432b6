import { useSyncExternalStore } from 'react'

/** Width below which tokens.css makes rows taller. */
const NARROW = '(max-width: 720px)'
const ROW_HEIGHT = 30
const TOUCH_ROW_HEIGHT = 36

/** Height of a table row in pixels, as `--row` of tokens.css. */
export function useRowHeight(): number {
  const isNarrow = useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches)
  return isNarrow ? TOUCH_ROW_HEIGHT : ROW_HEIGHT
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW)
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}
