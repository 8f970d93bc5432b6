import { describe, expect, test } from 'vitest'
import { parseSkeletons } from '../../../core/storyteller/parseSkeletons.ts'

describe('parseSkeletons', () => {
  test('reads header and body of each skeleton', () => {
    const text =
      '=== theme: lost things | style: gentle\nOne.\n\nTwo.\n\n=== theme: rockets|style: first person funny\nThree.'
    expect(parseSkeletons(text, 'a.txt')).toEqual([
      { theme: 'lost things', style: 'gentle', body: 'One.\n\nTwo.' },
      { theme: 'rockets', style: 'first person funny', body: 'Three.' },
    ])
  })

  test.each([
    '=== theme: lost things',
    '=== style: gentle | theme: lost things',
    '=== theme: | style: gentle',
    'no header',
  ])('refuses the header "%s"', (header) => {
    expect(() => parseSkeletons(`${header}\nOne.`, 'a.txt')).toThrow(
      `skeleton header "${header}" is not "=== theme: ... | style: ...", in a.txt`,
    )
  })
})
