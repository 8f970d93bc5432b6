import type { ColumnBlock } from '../inference/ColumnBlock.ts'
import type { BatchLayout } from './BatchLayout.ts'
import { ciByte } from './ciByte.ts'
import { type FiringSample, offerFiring } from './FiringSample.ts'
import type { HarvestSettings } from './HarvestSettings.ts'

/** Offers a firing of subcomponent c, entry `entry` of a block's column that has the entries start ≤ e < end, to a sample. */
export type Offer = (sample: FiringSample, c: number, key: number, entry: number, start: number, end: number) => void

/** Offers the entries of `block`; one object serves all. */
export function createOffer(
  layout: BatchLayout,
  { rows, causalImportances, innerActivations }: ColumnBlock,
  { windowRadius: radius, threshold }: Pick<HarvestSettings, 'windowRadius' | 'threshold'>,
): Offer {
  const window = new Uint8Array(2 * radius + 1)
  const firing = { key: 0, story: 0, position: 0, causalImportance: 0, innerActivation: 0, window }
  const writeByte = (entry: number, middle: number): void => {
    window[(rows[entry] ?? 0) - middle + radius] = ciByte(causalImportances[entry] ?? 0, threshold)
  }
  return (sample, c, key, entry, start, end) => {
    const row = rows[entry] ?? 0
    const position = layout.positions[row] ?? 0
    const first = Math.max(row - position, row - radius)
    const last = Math.min(row - position + (layout.lengths[row] ?? 0) - 1, row + radius)
    window.fill(0)
    for (let e = entry; e >= start && (rows[e] ?? 0) >= first; e--) writeByte(e, row)
    for (let e = entry + 1; e < end && (rows[e] ?? 0) <= last; e++) writeByte(e, row)
    firing.key = key
    firing.story = layout.stories[row] ?? 0
    firing.position = position
    firing.causalImportance = causalImportances[entry] ?? 0
    firing.innerActivation = innerActivations[entry] ?? 0
    offerFiring(sample, c, firing)
  }
}
