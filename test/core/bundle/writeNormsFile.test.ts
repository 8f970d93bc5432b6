import { expect, test } from 'vitest'
import { decodeWriteNorms, encodeWriteNorms } from '../../../core/bundle/writeNormsFile.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'

test('the norms of all write vectors follow each other, module by module', async () => {
  const { modules } = await readDecomposition(oracleFiles('llama-mlp'))
  const norms = decodeWriteNorms(
    await encodeWriteNorms(modules),
    modules.map(({ C }) => ({ c: C })),
  )
  for (const [i, { U, C, dOut }] of modules.entries()) {
    const numbers = await U.read()
    const last = Math.hypot(...numbers.subarray((C - 1) * dOut))
    expect(norms[i]).toHaveLength(C)
    expect(norms[i]?.[C - 1]).toBeCloseTo(last, 5)
  }
})

test('another number of them is refused', () => {
  expect(() => decodeWriteNorms(new Uint8Array(12), [{ c: 1 }, { c: 3 }])).toThrow(
    'model/write-norms.bin: 12 bytes, expected 16',
  )
})
