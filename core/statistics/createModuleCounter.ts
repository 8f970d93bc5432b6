import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { SparseCi } from '../inference/SparseCi.ts'
import { type Activity, CI_UNIT, type ModuleActivity } from './Activity.ts'
import { ACTIVATION_BINS, activationBinOfBits } from './activationBin.ts'
import type { BatchLayout } from './BatchLayout.ts'
import { ciByte } from './ciByte.ts'
import type { ModuleLog } from './createModuleLog.ts'
import { type FiringSample, offerFiring, strengthKey } from './FiringSample.ts'
import { addressHash, firingHash } from './firingHash.ts'
import { CI_STEPS } from './HarvestSettings.ts'

/** One module of a batch. */
export interface ModuleBatch {
  readonly layout: BatchLayout
  /** float32[rows, columns]: h of the unmasked target model. */
  readonly innerActivations: Float32Array
  readonly causalImportances: SparseCi
}

export interface CountedModule {
  readonly activity: Activity
  /** Index of the module. */
  readonly index: number
  /** uint32[columns]: the subcomponent each column is of. */
  readonly subcomponents: Uint32Array
  readonly log: ModuleLog
}

/** CI_UNITs in 1. */
const CI_SCALE = 1 / CI_UNIT
/** Bits of the exponent of a float32, all set where it is not finite. */
const EXPONENT = 0x7f800000

/**
 * A function that adds a batch to one module's activity and log of firings (`binCounts` and `blockCounts` once it is added up).
 * It returns the active subcomponents of the sampled rows, one row after the other.
 */
export function createModuleCounter(counted: CountedModule): (batch: ModuleBatch) => ActiveSubcomponents {
  const { activity, index, subcomponents } = counted
  const { settings } = activity
  const module = activity.modules[index]
  const shape = settings.modules[index]
  invariant(module !== undefined && shape !== undefined, `activity has no module ${index}`)
  const addresses = Uint32Array.from(subcomponents, (c) => addressHash(shape.path, c))
  const bytes = createCiBytes(settings.threshold, subcomponents.length)
  const countRows = createRowCounter(counted, module, addresses)
  return (batch) => {
    const ciBytes = bytes.fill(batch)
    countRows(batch, ciBytes)
    countSampledActivations(batch, module.sampledActivationHistogram, subcomponents, shape.path)
    return activeInSample(batch, subcomponents, settings.threshold)
  }
}

/** uint32[rows + 1] and the subcomponents of row r at starts[r] ≤ i < starts[r + 1]. */
export interface ActiveSubcomponents {
  readonly starts: Uint32Array
  readonly subcomponents: Uint32Array
}

/** A batch's CI as ciByte uint8[rows, columns], from which the windows of examples are cut. */
function createCiBytes(threshold: number, columnCount: number): { fill(batch: ModuleBatch): Uint8Array } {
  let bytes = new Uint8Array(0)
  return {
    fill: ({ layout: { rowCount, rows }, causalImportances: sparse }) => {
      if (bytes.length < rowCount * columnCount) bytes = new Uint8Array(rowCount * columnCount)
      else bytes.fill(0, 0, rowCount * columnCount)
      for (const row of rows) {
        const end = sparse.rowStarts[row + 1] ?? 0
        for (let i = sparse.rowStarts[row] ?? 0; i < end; i++) {
          const ci = sparse.causalImportances[i] ?? 0
          if (ci > threshold) bytes[row * columnCount + (sparse.columns[i] ?? 0)] = ciByte(ci, threshold)
        }
      }
      return bytes
    },
  }
}

/** The loop a harvest lives in: every causal importance above 0 comes by. */
function createRowCounter(
  { activity: { settings }, index, subcomponents, log }: CountedModule,
  module: ModuleActivity,
  addresses: Uint32Array,
): (batch: ModuleBatch, ciBytes: Uint8Array) => void {
  const { levels, threshold } = settings
  const { ciSums, ciHistogram, activationHistogram, l0ByPosition, sampled, strongest } = module
  const G = levels.length
  const lowest = levels[0] ?? 0
  const columnCount = subcomponents.length
  const bounds = Float64Array.from([...levels, Number.POSITIVE_INFINITY])
  const leastBins = leastBinsOf(levels)
  const rowBins = new Uint32Array(G + 1)
  const firing = { subcomponents: new Uint32Array(columnCount), bins: new Uint8Array(columnCount) }
  const place = settings.modules[index]?.path ?? ''
  return ({ layout, innerActivations, causalImportances: sparse }, ciBytes) => {
    const bits = bitsOf(innerActivations)
    const ciBits = bitsOf(sparse.causalImportances)
    const { rows } = layout
    const offer = createOffer(layout, sparse, innerActivations, { ciBytes, columnCount, radius: settings.windowRadius })
    const { rowStarts, columns, causalImportances } = sparse
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r] ?? 0
      let length = 0
      const hashOfPosition = layout.positionHashes[row] ?? 0
      const end = rowStarts[row + 1] ?? 0
      for (let i = rowStarts[row] ?? 0; i < end; i++) {
        const ci = causalImportances[i] ?? 0
        const column = columns[i] ?? 0
        const c = subcomponents[column] ?? 0
        ciSums[c] = (ciSums[c] ?? 0) + Math.round(ci * CI_SCALE)
        if (!(ci > lowest)) continue
        let bin = leastBins[(ciBits[i] ?? 0) >>> BIN_SHIFT] ?? 0
        while (ci > (bounds[bin] ?? 0)) bin++
        rowBins[bin] = (rowBins[bin] ?? 0) + 1
        firing.subcomponents[length] = c
        firing.bins[length] = bin
        length += 1
        if (!(ci > threshold)) continue
        const h = bits[row * columnCount + column] ?? 0
        if ((h & EXPONENT) === EXPONENT) throw notFinite(place, c)
        const step = ci >= 1 ? CI_STEPS - 1 : Math.floor(ci * CI_STEPS)
        ciHistogram[c * CI_STEPS + step] = (ciHistogram[c * CI_STEPS + step] ?? 0) + 1
        const activationCell = c * ACTIVATION_BINS + activationBinOfBits(h)
        activationHistogram[activationCell] = (activationHistogram[activationCell] ?? 0) + 1
        const hash = firingHash(hashOfPosition, addresses[column] ?? 0)
        if (hash <= (sampled.bounds[c] ?? 0)) offer(sampled, c, hash, row, i)
        const strength = strengthKey(h)
        if (strength <= (strongest.bounds[c] ?? 0)) offer(strongest, c, strength, row, i)
      }
      log.addRow(layout.tokenIds[row] ?? 0, layout.blocks[row] ?? 0, firing.subcomponents, firing.bins, length)
      const cell = (layout.positions[row] ?? 0) * G
      for (let b = 1; b <= G; b++) {
        l0ByPosition[cell + b - 1] = (l0ByPosition[cell + b - 1] ?? 0) + (rowBins[b] ?? 0)
        rowBins[b] = 0
      }
    }
  }
}

/** Bits of a positive float32 that are left out where its bin is looked up, of 31. */
const BIN_SHIFT = 18

/** Of each float32 whose last BIN_SHIFT bits are 0 the bin (`binOf`) of what lies just above it. */
function leastBinsOf(levels: readonly number[]): Uint8Array {
  const edges = new Float32Array(Uint32Array.from({ length: 2 ** (31 - BIN_SHIFT) }, (_, i) => i << BIN_SHIFT).buffer)
  return Uint8Array.from(edges, (edge) => levels.filter((level) => level < edge).length)
}

type Offer = (sample: FiringSample, c: number, key: number, row: number, entry: number) => void

/** Offers entry `entry` of the sparse CI, in row `row`, to a sample; one object serves all. */
function createOffer(
  layout: BatchLayout,
  sparse: SparseCi,
  innerActivations: Float32Array,
  {
    ciBytes,
    columnCount,
    radius,
  }: { readonly ciBytes: Uint8Array; readonly columnCount: number; readonly radius: number },
): Offer {
  const window = new Uint8Array(2 * radius + 1)
  const firing = { key: 0, story: 0, position: 0, causalImportance: 0, innerActivation: 0, window }
  return (sample, c, key, row, entry) => {
    const column = sparse.columns[entry] ?? 0
    const position = layout.positions[row] ?? 0
    const first = row - position
    const end = first + (layout.lengths[row] ?? 0)
    for (let w = 0, other = row - radius; w < window.length; w++, other++) {
      window[w] = other >= first && other < end ? (ciBytes[other * columnCount + column] ?? 0) : 0
    }
    firing.key = key
    firing.story = layout.stories[row] ?? 0
    firing.position = position
    firing.causalImportance = sparse.causalImportances[entry] ?? 0
    firing.innerActivation = innerActivations[row * columnCount + column] ?? 0
    offerFiring(sample, c, firing)
  }
}

function countSampledActivations(
  { layout, innerActivations }: ModuleBatch,
  histogram: Uint32Array,
  subcomponents: Uint32Array,
  place: string,
): void {
  const bits = bitsOf(innerActivations)
  const columnCount = subcomponents.length
  for (const row of layout.sampledRows) {
    for (let column = 0, i = row * columnCount; column < columnCount; column++, i++) {
      const h = bits[i] ?? 0
      const c = subcomponents[column] ?? 0
      if ((h & EXPONENT) === EXPONENT) throw notFinite(place, c)
      const cell = c * ACTIVATION_BINS + activationBinOfBits(h)
      histogram[cell] = (histogram[cell] ?? 0) + 1
    }
  }
}

function activeInSample(
  { layout: { sampledRows }, causalImportances: sparse }: ModuleBatch,
  subcomponents: Uint32Array,
  threshold: number,
): ActiveSubcomponents {
  const { rowStarts, columns, causalImportances } = sparse
  const starts = new Uint32Array(sampledRows.length + 1)
  let most = 0
  for (const row of sampledRows) most += (rowStarts[row + 1] ?? 0) - (rowStarts[row] ?? 0)
  const active = new Uint32Array(most)
  let length = 0
  for (let r = 0; r < sampledRows.length; r++) {
    const row = sampledRows[r] ?? 0
    const end = rowStarts[row + 1] ?? 0
    for (let i = rowStarts[row] ?? 0; i < end; i++) {
      if ((causalImportances[i] ?? 0) > threshold) active[length++] = subcomponents[columns[i] ?? 0] ?? 0
    }
    starts[r + 1] = length
  }
  return { starts, subcomponents: active.subarray(0, length) }
}

function bitsOf(numbers: Float32Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
}

function notFinite(path: string, c: number): AtlasError {
  return new AtlasError('model/failed', `${path}:${c}: inner activation is not a finite number`)
}
