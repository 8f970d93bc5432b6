import { useEffect } from 'react'

/** What each key does, by `KeyboardEvent.key`, e.g. { '[': openPrevious }. */
export type KeyActions = Readonly<Record<string, () => void>>

/** Runs the action of a key pressed anywhere but in a field, with no modifier held; pass a stable or memoised record. */
export function useKeys(actions: KeyActions): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return
      const action = actions[event.key]
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [actions])
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}
