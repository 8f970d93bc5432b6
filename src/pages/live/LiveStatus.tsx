import type { PassTiming } from '../../../workers/contracts/ModelApi.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatBytes, formatCount } from '../../ui/formatNumber.ts'
import { describeBackend } from './findings.ts'
import type { LiveState } from './liveState.ts'
import type { LiveStory } from './useLiveStory.ts'

/** What runs the model, how long the last pass took, how much of the context the story fills. */
export function LiveStatus({ story, state }: { readonly story: LiveStory; readonly state: LiveState }) {
  const isEmpty = state.text.trim() === ''
  const { context_length: allowed } = useRun().manifest.target_model
  const { opened, encoded, observed, effect } = story
  const pass = observed.kind === 'ready' ? observed.value : null
  const backend = pass?.backend ?? (opened.kind === 'ready' ? opened.value.backend : null)
  const tokens = encoded.kind === 'ready' && !isEmpty ? encoded.value?.tokens.length : undefined
  const isUpdating =
    !isEmpty &&
    [observed, effect].some((request) => request.kind === 'loading' || (request.kind === 'ready' && request.isUpdating))
  const parts = [
    backend === null ? describeOpening(opened) : describeBackend(backend),
    pass !== null && !isEmpty ? `last pass ${formatCount(passMs(pass.timing))} ms` : null,
    tokens === undefined ? null : describeLength(tokens, allowed, state.isCut),
    backend !== null && isUpdating ? 'updating' : null,
  ]
  return (
    <span className="sub num" role="status" title={pass === null ? undefined : describePass(pass.timing)}>
      {parts.filter((part) => part !== null).join(' · ')}
    </span>
  )
}

function describeLength(tokens: number, allowed: number, isCut: boolean): string {
  if (isCut && tokens > allowed) return `first ${formatCount(allowed)} of ${formatCount(tokens)} tokens`
  return `${formatCount(tokens)} of ${formatCount(allowed)} tokens`
}

function passMs({ sessionMs, causalImportanceMs, otherMs }: PassTiming): number {
  return Math.round(sessionMs + causalImportanceMs + otherMs)
}

/** Where the milliseconds of a pass went. */
function describePass({ sessionMs, causalImportanceMs, otherMs }: PassTiming): string {
  const parts = { session: sessionMs, 'causal importances': causalImportanceMs, other: otherMs }
  return Object.entries(parts)
    .map(([part, milliseconds]) => `${part} ${milliseconds.toFixed(1)} ms`)
    .join(', ')
}

function describeOpening(opened: LiveStory['opened']): string | null {
  if (opened.kind === 'failed') return null
  const progress = opened.kind === 'loading' ? opened.progress : null
  if (progress === null || progress.done === progress.total) return 'opening the model'
  return `fetching the model, ${formatBytes(progress.done)} of ${formatBytes(progress.total)}`
}
