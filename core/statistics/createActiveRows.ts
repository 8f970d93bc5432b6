import type { BatchLayout } from './BatchLayout.ts'

/** uint32[rows + 1] and the subcomponents of row r at starts[r] ≤ i < starts[r + 1], ascending. */
export interface ActiveSubcomponents {
  readonly starts: Uint32Array
  readonly subcomponents: Uint32Array
}

/** Gathers what is active at some rows of a batch, subcomponent by subcomponent, and gives it row by row. */
export interface ActiveRows {
  /** Adds an active subcomponent, none lower than the one before. */
  add(row: number, subcomponent: number): void
  /** What was added at the sampled rows; nothing is left. */
  take(layout: Pick<BatchLayout, 'sampledRows' | 'rowCount'>): ActiveSubcomponents
}

export function createActiveRows(): ActiveRows {
  let count = 0
  let rows = new Uint32Array(1024)
  let added = new Uint32Array(1024)
  return {
    add: (row, subcomponent) => {
      if (count === rows.length) {
        const larger = [new Uint32Array(2 * count), new Uint32Array(2 * count)] as const
        larger[0].set(rows)
        larger[1].set(added)
        ;[rows, added] = larger
      }
      rows[count] = row
      added[count] = subcomponent
      count += 1
    },
    take: ({ sampledRows, rowCount }) => {
      const places = new Uint32Array(rowCount)
      for (const [place, row] of sampledRows.entries()) places[row] = place
      const starts = new Uint32Array(sampledRows.length + 1)
      for (let i = 0; i < count; i++) {
        const next = (places[rows[i] ?? 0] ?? 0) + 1
        starts[next] = (starts[next] ?? 0) + 1
      }
      for (let place = 0; place < sampledRows.length; place++) {
        starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0)
      }
      const next = starts.slice()
      const subcomponents = new Uint32Array(count)
      for (let i = 0; i < count; i++) {
        const place = places[rows[i] ?? 0] ?? 0
        const slot = next[place] ?? 0
        subcomponents[slot] = added[i] ?? 0
        next[place] = slot + 1
      }
      count = 0
      return { starts, subcomponents }
    },
  }
}
