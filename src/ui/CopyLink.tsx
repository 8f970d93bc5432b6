import { useEffect, useState } from 'react'

const SHOWN_MS = 2000

type Outcome = 'idle' | 'copied' | 'refused'

const LABELS: Readonly<Record<Outcome, string>> = {
  idle: 'Copy link',
  copied: 'Copied',
  refused: 'Copy it from the address bar',
}

/** Copies the address of the page, view and all. */
export function CopyLink() {
  const [outcome, setOutcome] = useState<Outcome>('idle')
  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () => {
    // Browsers offer the clipboard to secure pages only, and a reader may refuse it.
    const written = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error('no clipboard'))
    written.then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  return (
    <button className="b" type="button" onClick={copy}>
      <span role="status">{LABELS[outcome]}</span>
    </button>
  )
}
