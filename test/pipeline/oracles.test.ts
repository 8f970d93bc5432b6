import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { INTERVENTIONS, measureOracle, type OracleErrors, oracleRun } from '../../bench/measureOracle.ts'
import { convert } from '../../pipeline/convert.ts'

/** Float32 sums in another order than PyTorch's; CI is a clamped function of the inner activation. */
const TOLERANCE = { logits: 2e-4, innerActivation: 2e-4, causalImportance: 1e-4 }

const oracles = fileURLToPath(new URL('../oracles', import.meta.url))
const cases = [
  ...['gpt2-mlp', 'gpt2-simple-mlp', 'llama-mlp', 'llama-one-c', 'llama-one-c-old-keys'],
  ...['llama-simple-mlp-shared-mlp', 'llama-simple-pairs-bias', 'llama-simple-shared-mlp', 'llama-vector-mlp'],
]

let temporary: string
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'atlas-oracles-'))
})
afterAll(() => rm(temporary, { recursive: true }))

function expectWithin(errors: OracleErrors): void {
  expect(errors.logits).toBeLessThanOrEqual(TOLERANCE.logits)
  expect(errors.inner_activation).toBeLessThanOrEqual(TOLERANCE.innerActivation)
  expect(errors.causal_importance).toBeLessThanOrEqual(TOLERANCE.causalImportance)
  for (const intervention of INTERVENTIONS) {
    expect(errors[intervention], intervention).toBeLessThanOrEqual(TOLERANCE.logits)
  }
}

describe('convert, observe and intervene agree with the spd package of February 2026', () => {
  test('every oracle is a case', async () => {
    const folders = await readdir(oracles)
    const withReference = folders.filter((name) => existsSync(join(oracles, name, 'reference.safetensors')))
    expect(withReference.toSorted()).toEqual(cases)
  })

  test.each(cases)('%s', async (name) => {
    expectWithin(await measureOracle(join(oracles, name), join(temporary, name)))
  })

  test('llama-vector-mlp from safetensors', async () => {
    const out = join(temporary, 'safetensors')
    expectWithin(await measureOracle(join(oracles, 'llama-vector-mlp'), out, { checkpoint: 'safetensors' }))
  })
})

describe('float16 weights', () => {
  test('move CI a little and halve the weights', async () => {
    const folder = join(oracles, 'llama-mlp')
    const errors = await measureOracle(folder, join(temporary, 'half'), { precision: 'f16' })
    expect(errors.causal_importance).toBeGreaterThan(1e-4)
    expect(errors.causal_importance).toBeLessThan(0.02)
    const whole = join(temporary, 'whole')
    const { checkpoint, config, target, tokenizer } = await oracleRun(folder, 'pth')
    const silent = { tell: () => undefined, onProgress: () => undefined }
    await convert({ checkpoint, config, target, tokenizer, out: whole, precision: 'f32' }, silent)
    const bytes = await Promise.all(
      [join(temporary, 'half/bundle'), whole].map(
        async (bundle) => (await stat(join(bundle, 'model/weights-00.bin'))).size,
      ),
    )
    expect((bytes[0] ?? 0) / (bytes[1] ?? 0)).toBeCloseTo(0.5, 1)
  })
})
