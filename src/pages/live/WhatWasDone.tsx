import type { AblationEffect, ObservedPosition } from '../../../workers/contracts/ModelApi.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { CopyLink } from '../../ui/CopyLink.tsx'
import { Fact } from '../../ui/Fact.tsx'
import { formatNats } from '../../ui/formatNumber.ts'
import { formatEffect, quote } from './findings.ts'
import { addressOf, type LiveSubcomponent } from './liveState.ts'

interface WhatWasDoneProps {
  readonly at: ObservedPosition
  /** Null where nothing is ablated. */
  readonly effect: AblationEffect | null
  readonly ablated: readonly LiveSubcomponent[]
  readonly onRestore: (subcomponent: LiveSubcomponent) => void
  readonly onRestoreAll: () => void
}

/** The intervention in full, its effect along the story and at the chosen token. */
export function WhatWasDone({ at, effect, ablated, onRestore, onRestoreAll }: WhatWasDoneProps) {
  if (effect === null) return <NothingAblated at={at} />
  const { kl, roundingKl, position, token, nextTokenLoss } = effect
  return (
    <>
      <h2>What was done</h2>
      <dl className="facts done">
        <Fact name={`KL at ${quote(token)}`} value={formatEffect(kl[position] ?? 0)} detail="nats" />
        <Fact name="mean over story" value={formatEffect(mean(kl))} detail="nats" />
        <Fact name="rounding alone" value={formatEffect(Math.max(...roundingKl))} detail="nats at most" />
      </dl>
      <dl className="pairs">
        <div>
          <dt>intervention</dt>
          <dd>ablate, at all positions</dd>
        </div>
        <div>
          <dt>set</dt>
          <dd>
            <AblatedSet ablated={ablated} onRestore={onRestore} />
          </dd>
        </div>
        <div>
          <dt>mask</dt>
          <dd className="mono">m = 0 on the set, 1 elsewhere; δ = 1</dd>
        </div>
        <div>
          <dt>loss at {quote(token)}</dt>
          <dd className="mono">
            {nextTokenLoss === null
              ? 'no token follows'
              : `${formatNats(nextTokenLoss.before)} → ${formatNats(nextTokenLoss.after)} nats`}
          </dd>
        </div>
      </dl>
      <div className="row tight">
        <button className="b" type="button" onClick={onRestoreAll}>
          Restore all
        </button>
        <CopyLink />
      </div>
    </>
  )
}

function NothingAblated({ at }: { readonly at: ObservedPosition }) {
  const { nextTokenLoss, token } = at
  return (
    <>
      <h2>Nothing is ablated</h2>
      <p className="note">Tick “abl.” beside a subcomponent to see what the target model loses without it.</p>
      <dl className="pairs">
        <div>
          <dt>loss at {quote(token)}</dt>
          <dd className="mono">{nextTokenLoss === null ? 'no token follows' : `${formatNats(nextTokenLoss)} nats`}</dd>
        </div>
      </dl>
      <div className="row tight">
        <CopyLink />
      </div>
    </>
  )
}

interface AblatedSetProps {
  readonly ablated: readonly LiveSubcomponent[]
  readonly onRestore: (subcomponent: LiveSubcomponent) => void
}

function AblatedSet({ ablated, onRestore }: AblatedSetProps) {
  const { shortNames } = useRun()
  return (
    <ul className="plain set">
      {ablated.map((subcomponent) => {
        const name = `${shortNames.get(subcomponent.modulePath)}:${subcomponent.subcomponent}`
        return (
          <li key={addressOf(subcomponent)}>
            <button className="b mono" type="button" title={`Restore ${name}`} onClick={() => onRestore(subcomponent)}>
              {name} ×
            </button>
          </li>
        )
      })}
    </ul>
  )
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
