import { describe, expect, test } from 'vitest'
import { createProgressLines } from '../../pipeline/node/createTerminal.ts'

describe('createProgressLines', () => {
  test('tells the end of each piece of work, and in between every two seconds', () => {
    let now = 0
    const lines: string[] = []
    const onProgress = createProgressLines(
      (line) => lines.push(line),
      () => now,
    )
    for (const [at, done] of [
      [0, 1],
      [1999, 2],
      [2000, 3],
      [2500, 4],
      [2600, 5],
    ] as const) {
      now = at
      onProgress({ label: 'counting', done, total: 5, unit: 'stories' })
    }
    expect(lines).toEqual(['counting: 3 of 5 stories', 'counting: 5 of 5 stories'])
  })
})
