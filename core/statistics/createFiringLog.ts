import { invariant } from '../errors/invariant.ts'
import type { BatchLayout } from './BatchLayout.ts'
import { assertFiringShape, binBitsOf, type FiringShape } from './firingRun.ts'
import { type LoggedBatch, type LoggedRows, runOfLog } from './runOfLog.ts'

/**
 * The firings of some modules, batch by batch, until they are added up by (subcomponent, token, bin) and handed out as
 * sorted runs, one of each module. A firing takes 2 bytes where a row and a bin fit them (4,096 rows of up to 15 levels),
 * else 4; a column of a batch takes 2 or 4. Memory: `logBytes`, one batch more, and for adding up some 6 bytes for each
 * level of each token that was seen; it does not grow with the corpus.
 */
export interface FiringLog {
  readonly modules: readonly ModuleLog[]
  /** Begins a batch of which every module is added; adds up what there is if it is too much. */
  startBatch(layout: Pick<BatchLayout, 'rowCount' | 'tokenIds' | 'blocks'>): void
  /** Hands out what is left. */
  finish(): void
}

/** The log of one module. */
export interface ModuleLog {
  /**
   * Adds the batch's first `firingCount` firings, column by column, `lengths[column]` of each: row and bin, the bin in the
   * `binBitsOf` lowest bits.
   */
  add(firings: Uint32Array, firingCount: number, lengths: Uint32Array): void
}

/** A module as it is logged. */
export interface LoggedModule {
  readonly shape: FiringShape
  /** uint32[columns]: the subcomponent each column is of, ascending. */
  readonly subcomponents: Uint32Array
}

export interface FiringLogOptions {
  readonly modules: readonly LoggedModule[]
  /** Bytes of the log, all modules together, after which it is added up. */
  readonly logBytes?: number | undefined
  /** Takes a sorted run of module `index`, as often as the log is full and at the end. */
  readonly onRun: (index: number, bytes: Uint8Array<ArrayBuffer>) => void
}

const LOG_BYTES = 2 ** 28

/** An empty log of `options.modules`, which have one vocabulary and one number of levels. */
export function createFiringLog({ modules, logBytes = LOG_BYTES, onRun }: FiringLogOptions): FiringLog {
  for (const { shape } of modules) assertFiringShape(shape, 'firing counts')
  const binBits = binBitsOf(modules[0]?.shape ?? { levelCount: 1 })
  const rows: LoggedRows[] = []
  const batches: LoggedBatch[][] = modules.map(() => [])
  let bytes = 0

  const addUp = (): void => {
    for (const [index, module] of modules.entries()) {
      const logged = batches[index] ?? []
      if (logged.length > 0) onRun(index, runOfLog(rows, logged, module))
      batches[index] = []
    }
    rows.length = 0
    bytes = 0
  }

  return {
    modules: modules.map((_, index) => ({
      add: (firings, firingCount, lengths) => {
        if (firingCount === 0) return
        const { rowCount } = rows.at(-1) ?? { rowCount: 0 }
        const isNarrow = rowCount * 2 ** binBits <= 2 ** 16
        const logged = batches[index] ?? []
        logged.push({
          rows: rows.length - 1,
          firings: packed(firings.subarray(0, firingCount), isNarrow),
          lengths: packed(lengths, rowCount < 2 ** 16),
        })
        bytes += firingCount * (isNarrow ? 2 : 4) + lengths.length * 2
      },
    })),
    startBatch: ({ rowCount, tokenIds, blocks }) => {
      invariant(rowCount < 2 ** (32 - binBits), `a batch of ${rowCount} rows`)
      if (bytes >= logBytes) addUp()
      rows.push({ rowCount, tokenIds, blocks })
      bytes += 5 * rowCount
    },
    finish: addUp,
  }
}

function packed(numbers: Uint32Array, isNarrow: boolean): Uint16Array | Uint32Array {
  return isNarrow ? new Uint16Array(numbers) : numbers.slice()
}
