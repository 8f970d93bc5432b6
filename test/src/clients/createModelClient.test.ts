import { describe, expect, it } from 'vitest'
import { readModelPreference } from '../../../src/clients/createModelClient.ts'

describe('readModelPreference', () => {
  it('leaves everything open where the address says nothing', () => {
    expect(readModelPreference('')).toEqual({ backend: null, threads: null, causalImportances: 'outside' })
  })

  it('reads backend, threads and where CI is computed', () => {
    expect(readModelPreference('?backend=wasm&threads=2&ci=graph')).toEqual({
      backend: 'wasm',
      threads: 2,
      causalImportances: 'graph',
    })
  })

  it.each([
    ['backend=cuda', 'backend=cuda: expected wasm or webgpu'],
    ['threads=0', 'threads=0: expected 1 to 64'],
    ['threads=65', 'threads=65: expected 1 to 64'],
    ['threads=two', 'threads=two: expected 1 to 64'],
    ['ci=table', 'ci=table: expected graph'],
  ])('refuses %s', (search, message) => {
    expect(() => readModelPreference(search)).toThrow(expect.objectContaining({ code: 'arguments/invalid', message }))
  })
})
