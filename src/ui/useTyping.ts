import { useEffect, useState } from 'react'

/**
 * What stands in a field, and how to change it; `onChange` hears of it `delayMs` after the last key. A new `text` from
 * elsewhere replaces what was typed.
 */
export function useTyping(
  text: string,
  onChange: (text: string) => void,
  delayMs: number,
): readonly [string, (typed: string) => void] {
  const [typed, setTyped] = useState(text)
  const [shown, setShown] = useState(text)
  if (shown !== text) {
    setShown(text)
    setTyped(text)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: waits after typing only, not after every render of the page
  useEffect(() => {
    if (typed === text) return
    const timer = setTimeout(() => onChange(typed), delayMs)
    return () => clearTimeout(timer)
  }, [typed])
  return [typed, setTyped]
}
