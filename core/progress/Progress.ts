/** How far one piece of long work has come; counts are true ones, never estimates. */
export interface Progress {
  /** What is being done, e.g. "writing weights". */
  readonly label: string
  readonly done: number
  readonly total: number
  readonly unit: 'bytes' | 'stories' | 'positions' | 'modules'
}
export type OnProgress = (progress: Progress) => void
