import { useEffect, useState } from 'react'
import { formatBytes } from './formatNumber.ts'

/** Waits shorter than this are not worth a line of text. */
const QUIET_MS = 1000

interface LoadingProps {
  /** What is awaited, e.g. "the index". */
  readonly what: string
  readonly progress: { readonly done: number; readonly total: number; readonly unit: string } | null
}

/** Says what is awaited, and after a second how far it is: "2.1 of 3.4 MB". */
export function Loading({ what, progress }: LoadingProps) {
  const [isLong, setIsLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), QUIET_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p className="status" role="status">
      <span className="vh">Loading {what}</span>
      {isLong && <span aria-hidden="true">{describeProgress(what, progress)}</span>}
    </p>
  )
}

function describeProgress(what: string, progress: LoadingProps['progress']): string {
  if (progress === null) return `Loading ${what}`
  const { done, total, unit } = progress
  if (unit !== 'bytes') return `Loading ${what}: ${done} of ${total} ${unit}`
  return `Loading ${what}: ${formatBytes(done)} of ${formatBytes(total)}`
}

/** A grey bar in place of text `width` characters long. */
export function Skeleton({ width }: { readonly width: number }) {
  return <span className="skeleton" style={{ width: `${width}ch` }} aria-hidden="true" />
}
