import { expect } from 'vitest'
import { AtlasError } from '../../../../core/errors/AtlasError.ts'

/** Expects `decode` to refuse what it is given as `bundle/corrupt`, with `message` somewhere in what it says. */
export function expectCorrupt(decode: () => unknown, message: string): void {
  let thrown: unknown
  try {
    decode()
  } catch (error) {
    thrown = error
  }
  expect(thrown, `${message}: refused`).toBeInstanceOf(AtlasError)
  expect(thrown).toMatchObject({ code: 'bundle/corrupt', message: expect.stringContaining(message) })
}

/** `columns` whose `name` lacks its last byte, and with a byte more. */
export function damaged<T extends object>(columns: T, name: keyof T): { readonly shorter: T; readonly longer: T } {
  const bytes = columns[name]
  if (!(bytes instanceof Uint8Array)) throw new Error(`${String(name)} is no blob`)
  return {
    shorter: { ...columns, [name]: bytes.slice(0, -1) },
    longer: { ...columns, [name]: Uint8Array.of(...bytes, 1) },
  }
}

/** Index of the first number in which two lists differ, −1 where none does; `toEqual` takes seconds for a million. */
export function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i
  return -1
}
