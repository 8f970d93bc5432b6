import type { OnProgress } from '../core/progress/Progress.ts'

/** What a command may say and to whom; tests pass one that records. */
export interface Terminal {
  /** Writes text to standard output, as it stands. */
  readonly print: (text: string) => void
  /** Writes one line to standard error. */
  readonly tell: (line: string) => void
  /** Shows how far the work has come, on standard error. */
  readonly onProgress: OnProgress
  /** Makes the command end with exit code 1: it ran, and what it verified differs. */
  readonly reportDifferences: () => void
}
