import { createModuleLog, type ModuleLog, PIECE_WORDS } from './createModuleLog.ts'
import { assertFiringShape } from './firingRun.ts'
import { type CountedFirings, runOfLog } from './runOfLog.ts'

/**
 * The firings of some modules in the order they were counted, two bytes each, until they are added up by (subcomponent,
 * token, bin) and handed out as sorted runs. Memory: `logBytes`, 9 bytes for each row of a module that has firings, and
 * some 6 bytes for each of the LARGEST_LOG firings that are added up at a time; it does not grow with the corpus.
 */
export interface FiringLog {
  readonly modules: readonly ModuleLog[]
  /** Hands out what is left. */
  finish(): void
}

export interface FiringLogOptions {
  readonly modules: readonly CountedFirings[]
  /** Bytes of the log, all modules together; at least two pieces of 64 KB a module are taken. */
  readonly logBytes?: number | undefined
  /** Firings of a module after which they are added up, at most LARGEST_LOG. */
  readonly logLength?: number | undefined
  /** Takes a sorted run of module `index`, as often as its log is full and at the end. */
  readonly onRun: (index: number, bytes: Uint8Array<ArrayBuffer>) => void
}

const LOG_BYTES = 2 ** 28
const LARGEST_LOG = 2 ** 22

/** An empty log of `options.modules`. */
export function createFiringLog(options: FiringLogOptions): FiringLog {
  const { modules, logBytes = LOG_BYTES, logLength = LARGEST_LOG, onRun } = options
  const mostPieces = Math.max(2 * modules.length, Math.floor(logBytes / (2 * PIECE_WORDS)))
  const free: Uint16Array[] = []
  let pieceCount = 0
  let scratch = new Uint32Array(0)

  const flush = (log: ModuleLog, index: number): void => {
    const module = modules[index]
    if (log.firingCount === 0 || module === undefined) return
    if (scratch.length < log.firingCount) scratch = new Uint32Array(log.firingCount)
    onRun(index, runOfLog(log.read(), module, scratch))
    free.push(...log.clear())
  }
  const takePiece = (): Uint16Array => {
    if (free.length === 0 && pieceCount >= mostPieces) flushLongest()
    pieceCount += free.length === 0 ? 1 : 0
    return free.pop() ?? new Uint16Array(PIECE_WORDS)
  }
  const logs = modules.map((module, index) => {
    assertFiringShape(module.shape, 'firing counts')
    return createModuleLog(module.shape, takePiece, (log) => {
      if (log.firingCount >= logLength) flush(log, index)
    })
  })
  const flushLongest = (): void => {
    const longest = logs.reduce((index, log, i) => (log.firingCount > (logs[index]?.firingCount ?? 0) ? i : index), 0)
    const log = logs[longest]
    if (log !== undefined) flush(log, longest)
  }
  return { modules: logs, finish: () => logs.forEach(flush) }
}
