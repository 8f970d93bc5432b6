import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { ColumnBlock } from '../inference/ColumnBlock.ts'
import { type Activity, CI_UNIT, type ModuleActivity } from './Activity.ts'
import { ACTIVATION_BINS, activationBinOfBits } from './activationBin.ts'
import type { BatchLayout } from './BatchLayout.ts'
import { type ActiveRows, type ActiveSubcomponents, createActiveRows } from './createActiveRows.ts'
import type { ModuleLog } from './createFiringLog.ts'
import { createOffer } from './createOffer.ts'
import { strengthKey } from './FiringSample.ts'
import { addressHash, firingHash } from './firingHash.ts'
import { binBitsOf } from './firingRun.ts'
import { CI_STEPS, JACKKNIFE_BLOCKS } from './HarvestSettings.ts'

export interface CountedModule {
  readonly activity: Activity
  /** Index of the module. */
  readonly index: number
  /** uint32[columns]: the subcomponent each column is of. */
  readonly subcomponents: Uint32Array
  readonly log: ModuleLog
}

/** Adds batches to one module's activity and log of firings. */
export interface ModuleCounter {
  /** Adds some columns of a batch; the columns of its blocks with entries ascend from one to the next. */
  add(layout: BatchLayout, block: ColumnBlock): void
  /** Ends the batch; returns what is active at its sampled rows. */
  finish(layout: BatchLayout): ActiveSubcomponents
}

/** CI_UNITs in 1. */
const CI_SCALE = 1 / CI_UNIT
/** Bits of the exponent of a float32, all set where it is not finite. */
const EXPONENT = 0x7f800000

/** A counter of a module with no batch begun. */
export function createModuleCounter(counted: CountedModule): ModuleCounter {
  const { activity, index, subcomponents } = counted
  const { settings } = activity
  const module = activity.modules[index]
  const path = settings.modules[index]?.path
  invariant(module !== undefined && path !== undefined, `activity has no module ${index}`)
  const batch: CountedBatch = {
    lengths: new Uint32Array(subcomponents.length),
    firings: new Uint32Array(0),
    firingCount: 0,
    rowBins: new Uint32Array(0),
    active: createActiveRows(),
  }
  const countBlock = createBlockCounter(counted, module, batch, path)
  const width = settings.levels.length + 1
  return {
    add: (layout, block) => {
      makeRoom(batch, layout.rowCount * width, block.starts[block.columns.length] ?? 0)
      countBlock(layout, block)
      countSampledActivations(layout, block, module.sampledActivationHistogram, subcomponents, path)
    },
    finish: (layout) => {
      counted.log.add(batch.firings, batch.firingCount, batch.lengths)
      batch.firingCount = 0
      batch.lengths.fill(0)
      addRowBins(batch.rowBins, layout, module.l0ByPosition, width)
      return batch.active.take(layout)
    },
  }
}

/** What has been found of one batch. */
interface CountedBatch {
  /** uint32[columns]: firings above the lowest level. */
  readonly lengths: Uint32Array
  /** Row and bin of each, column by column: the bin in the `binBitsOf` lowest bits. */
  firings: Uint32Array
  firingCount: number
  /** uint32[rows, G + 1]: firings of a row by bin. */
  rowBins: Uint32Array
  readonly active: ActiveRows
}

function makeRoom(batch: CountedBatch, rowBins: number, firings: number): void {
  if (batch.rowBins.length < rowBins) batch.rowBins = new Uint32Array(rowBins)
  if (batch.firings.length >= batch.firingCount + firings) return
  const larger = new Uint32Array(2 * (batch.firingCount + firings))
  larger.set(batch.firings)
  batch.firings = larger
}

/** The loop a harvest lives in: every causal importance above 0 comes by. */
function createBlockCounter(
  { activity: { settings }, subcomponents }: CountedModule,
  module: ModuleActivity,
  batch: CountedBatch,
  path: string,
): (layout: BatchLayout, block: ColumnBlock) => void {
  const { levels, threshold } = settings
  const { ciSums, binCounts, blockCounts, ciHistogram, activationHistogram, sampled, strongest } = module
  const G = levels.length
  const binBits = binBitsOf({ levelCount: G })
  const lowest = levels[0] ?? 0
  const bounds = Float64Array.from([...levels, Number.POSITIVE_INFINITY])
  const leastBins = leastBinsOf(levels)
  const addresses = Uint32Array.from(subcomponents, (c) => addressHash(path, c))
  return (layout, block) => {
    const { columns, starts, rows, causalImportances } = block
    const { blocks, positionHashes, isSampled } = layout
    const { firings, rowBins, lengths, active } = batch
    const ciBits = bitsOf(causalImportances)
    const activationBits = bitsOf(block.innerActivations)
    const offer = createOffer(layout, block, settings)
    let length = batch.firingCount
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] ?? 0
      const start = starts[i] ?? 0
      const end = starts[i + 1] ?? 0
      const before = length
      const c = subcomponents[column] ?? 0
      const address = addresses[column] ?? 0
      let ciSum = 0
      for (let entry = start; entry < end; entry++) {
        const ci = causalImportances[entry] ?? 0
        ciSum += Math.round(ci * CI_SCALE)
        if (!(ci > lowest)) continue
        const row = rows[entry] ?? 0
        let bin = leastBins[(ciBits[entry] ?? 0) >>> BIN_SHIFT] ?? 0
        while (ci > (bounds[bin] ?? 0)) bin++
        firings[length++] = (row << binBits) | bin
        increment(binCounts, c * G + bin - 1)
        increment(rowBins, row * (G + 1) + bin)
        if (!(ci > threshold)) continue
        const h = activationBits[entry] ?? 0
        if ((h & EXPONENT) === EXPONENT) throw notFinite(path, c)
        increment(blockCounts, c * JACKKNIFE_BLOCKS + (blocks[row] ?? 0))
        increment(ciHistogram, c * CI_STEPS + (ci >= 1 ? CI_STEPS - 1 : Math.floor(ci * CI_STEPS)))
        increment(activationHistogram, c * ACTIVATION_BINS + activationBinOfBits(h))
        const hash = firingHash(positionHashes[row] ?? 0, address)
        if (hash <= (sampled.bounds[c] ?? 0)) offer(sampled, c, hash, entry, start, end)
        const strength = strengthKey(h)
        if (strength <= (strongest.bounds[c] ?? 0)) offer(strongest, c, strength, entry, start, end)
        if (isSampled[row] === 1) active.add(row, c)
      }
      if (end > start) ciSums[c] = (ciSums[c] ?? 0) + ciSum
      lengths[column] = length - before
    }
    batch.firingCount = length
  }
}

function increment(counts: Uint32Array, cell: number): void {
  counts[cell] = (counts[cell] ?? 0) + 1
}

/** Adds the rows' bins to those of their positions, and forgets them. */
function addRowBins(rowBins: Uint32Array, layout: BatchLayout, l0ByPosition: Float64Array, width: number): void {
  for (let row = 0; row < layout.rowCount; row++) {
    const cell = (layout.positions[row] ?? 0) * (width - 1) - 1
    for (let bin = 1; bin < width; bin++) {
      l0ByPosition[cell + bin] = (l0ByPosition[cell + bin] ?? 0) + (rowBins[row * width + bin] ?? 0)
    }
  }
  rowBins.fill(0, 0, layout.rowCount * width)
}

/** Bits of a positive float32 that are left out where its bin is looked up, of 31. */
const BIN_SHIFT = 18

/** Of each float32 whose last BIN_SHIFT bits are 0 the bin (`binOf`) of what lies just above it. */
function leastBinsOf(levels: readonly number[]): Uint8Array {
  const edges = new Float32Array(Uint32Array.from({ length: 2 ** (31 - BIN_SHIFT) }, (_, i) => i << BIN_SHIFT).buffer)
  return Uint8Array.from(edges, (edge) => levels.filter((level) => level < edge).length)
}

function countSampledActivations(
  { sampledRows }: BatchLayout,
  { columns, sampledActivations }: ColumnBlock,
  histogram: Uint32Array,
  subcomponents: Uint32Array,
  path: string,
): void {
  const bits = bitsOf(sampledActivations)
  const width = sampledRows.length
  for (let i = 0; i < columns.length; i++) {
    const c = subcomponents[columns[i] ?? 0] ?? 0
    for (let s = i * width; s < (i + 1) * width; s++) {
      const h = bits[s] ?? 0
      if ((h & EXPONENT) === EXPONENT) throw notFinite(path, c)
      increment(histogram, c * ACTIVATION_BINS + activationBinOfBits(h))
    }
  }
}

function bitsOf(numbers: Float32Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
}

function notFinite(path: string, c: number): AtlasError {
  return new AtlasError('model/failed', `${path}:${c}: inner activation is not a finite number`)
}
