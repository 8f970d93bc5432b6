import { useCallback, useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { AddressableModule } from '../../../core/decomposition/addresses.ts'
import type { AtlasError } from '../../../core/errors/AtlasError.ts'
import { type LiveState, type ReadLiveState, readLiveState, writeLiveState } from './liveState.ts'

/** Browsers take only some hundred changes of the address in half a minute. */
const ADDRESS_MS = 400

interface LiveStateControl {
  readonly state: LiveState
  /** What in the address of the page names nothing of this run. */
  readonly problems: readonly AtlasError[]
  readonly change: (change: (state: LiveState) => LiveState) => void
}

/** The page's state: changes show at once and reach the address of the page soon after; another address changes it. */
export function useLiveState(modules: readonly AddressableModule[]): LiveStateControl {
  const [params, setParams] = useSearchParams()
  const address = params.toString()
  const [read, setRead] = useState<ReadLiveState>(() => readLiveState(params, modules))
  // Addresses written and not yet seen: the router tells of each some time later, which is no change by the reader.
  const written = useRef<string[]>([])
  const writtenAt = useRef(0)
  const seen = useRef(address)

  useEffect(() => {
    if (address === seen.current) return
    seen.current = address
    const own = written.current.indexOf(address)
    if (own !== -1) written.current.splice(0, own + 1)
    else setRead(readLiveState(new URLSearchParams(address), modules))
  }, [address, modules])

  useEffect(() => {
    if (read.problems.length > 0) return
    const next = writeLiveState(read.state)
    if (next.toString() === (written.current.at(-1) ?? seen.current)) return
    const write = () => {
      written.current.push(next.toString())
      writtenAt.current = performance.now()
      setParams(next, { replace: true, preventScrollReset: true })
    }
    const wait = ADDRESS_MS - (performance.now() - writtenAt.current)
    if (wait <= 0) {
      write()
      return
    }
    const timer = setTimeout(write, wait)
    return () => clearTimeout(timer)
  }, [read, setParams])

  const change = useCallback(
    (apply: (state: LiveState) => LiveState) => setRead(({ state }) => ({ state: apply(state), problems: [] })),
    [],
  )
  return { ...read, change }
}
