import { expect, test } from 'vitest'
import { LeastRecentlyUsed } from '../../../workers/index/LeastRecentlyUsed.ts'

test('beyond its capacity it disposes of the value unused longest', () => {
  const disposed: string[] = []
  const kept = new LeastRecentlyUsed<string>(2, (value) => disposed.push(value))
  kept.set('a', 'A')
  kept.set('b', 'B')
  expect(kept.get('a')).toBe('A')
  kept.set('c', 'C')
  expect(disposed).toEqual(['B'])
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual(['A', undefined, 'C'])
})
