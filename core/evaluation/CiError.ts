import type { Evaluation } from '../bundle/manifest.ts'
import { invariant } from '../errors/invariant.ts'
import type { SparseCi } from '../inference/SparseCi.ts'

/** Sums over positions and subcomponents of how far causal importances are from those of a reference. */
export interface CiErrorSums {
  max: number
  sum: number
  /** Position–subcomponent pairs compared. */
  pairs: number
  /** Pairs where either says active, and of those where they differ. */
  firings: number
  flips: number
  droppedFirings: number
}

export function createCiErrorSums(): CiErrorSums {
  return { max: 0, sum: 0, pairs: 0, firings: 0, flips: 0, droppedFirings: 0 }
}

/** What is compared: rows of one module in a bundle and in its reference, which holds all C subcomponents. */
export interface CiComparison {
  readonly found: SparseCi
  readonly reference: SparseCi
  readonly C: number
  /** Subcomponents of the columns of `found`, ascending; null where it holds all. A dropped one has CI 0. */
  readonly kept: Uint32Array | null
  readonly threshold: number
}

/** Adds one module's rows to `sums`. */
export function addCiError(sums: CiErrorSums, { found, reference, C, kept, threshold }: CiComparison): void {
  const { rowCount } = found
  invariant(rowCount === reference.rowCount, `${rowCount} rows compared with ${reference.rowCount}`)
  sums.pairs += rowCount * C
  const isKept = kept === null ? null : bitsOf(kept, C)
  for (let row = 0; row < rowCount; row++) {
    let i = found.rowStarts[row] ?? 0
    let j = reference.rowStarts[row] ?? 0
    const [foundEnd, referenceEnd] = [found.rowStarts[row + 1] ?? 0, reference.rowStarts[row + 1] ?? 0]
    while (i < foundEnd || j < referenceEnd) {
      const foundAt = i < foundEnd ? subcomponentOf(found.columns[i] ?? 0, kept) : C
      const referenceAt = j < referenceEnd ? (reference.columns[j] ?? 0) : C
      const subcomponent = Math.min(foundAt, referenceAt)
      const ci = foundAt === subcomponent ? (found.causalImportances[i++] ?? 0) : 0
      const expected = referenceAt === subcomponent ? (reference.causalImportances[j++] ?? 0) : 0
      addPair(sums, ci, expected, threshold)
      if (isKept !== null && isKept[subcomponent] === 0 && expected > threshold) sums.droppedFirings += 1
    }
  }
}

/** The figures of a manifest's `ci_error`; where nothing fires in either, no decision flips. */
export function summariseCiError(sums: CiErrorSums): NonNullable<Evaluation['ci_error']> {
  invariant(sums.pairs > 0, 'no causal importances were compared')
  return {
    max: sums.max,
    mean: sums.sum / sums.pairs,
    flip_share: sums.firings === 0 ? 0 : sums.flips / sums.firings,
    dropped_firings: sums.droppedFirings,
  }
}

function addPair(sums: CiErrorSums, ci: number, expected: number, threshold: number): void {
  const error = Math.abs(ci - expected)
  sums.sum += error
  if (error > sums.max) sums.max = error
  const isActive = ci > threshold
  const wasActive = expected > threshold
  if (isActive || wasActive) sums.firings += 1
  if (isActive !== wasActive) sums.flips += 1
}

function subcomponentOf(column: number, kept: Uint32Array | null): number {
  return kept === null ? column : (kept[column] ?? 0)
}

function bitsOf(kept: Uint32Array, C: number): Uint8Array {
  const bits = new Uint8Array(C)
  for (const subcomponent of kept) bits[subcomponent] = 1
  return bits
}
