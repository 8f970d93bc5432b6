import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTensors } from '../../../bench/measureOracle.ts'
import { measureCiMasked } from '../../../core/evaluation/measureCiMasked.ts'
import { openMaskedPair } from '../../../pipeline/evaluate/openMaskedPair.ts'
import { openBundleFolder } from '../../../pipeline/node/openBundleFolder.ts'
import { readBundleWeights } from '../../../pipeline/node/readBundleWeights.ts'
import { convertOracle } from '../../pipeline/harvestedOracle.ts'

let temporary: string
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'atlas-evaluation-'))
})
afterAll(() => rm(temporary, { recursive: true }))

/** Σ over positions of Σ p (ln p − ln q), written out. */
function klSum(target: Float32Array, masked: Float32Array, vocabulary: number): number {
  let sum = 0
  for (let start = 0; start < target.length; start += vocabulary) {
    const logs = [target, masked].map((logits) => {
      const row = Array.from(logits.subarray(start, start + vocabulary))
      const normaliser = Math.log(row.reduce((total, x) => total + Math.exp(x), 0))
      return row.map((x) => x - normaliser)
    })
    const [p = [], q = []] = logs
    p.forEach((log, i) => {
      sum += Math.exp(log) * (log - (q[i] ?? Number.NaN))
    })
  }
  return sum
}

test.each([
  ['llama-mlp', 'model_1000.pth'],
  ['llama-vector-mlp', 'model_1010.pth'],
])('%s has the KL of the logits that spd gives', async (name, checkpoint) => {
  const folder = fileURLToPath(new URL(`../../oracles/${name}`, import.meta.url))
  const out = join(temporary, name)
  await convertOracle(name, checkpoint, out)
  const bundle = await openBundleFolder(out)
  const readWeight = await readBundleWeights(bundle, 'observe')
  const pair = await openMaskedPair({ bundle, readWeight, threshold: 0.01, threads: 1 }, null)
  const reference = await readTensors(join(folder, 'reference.safetensors'))
  const { ids: sequences }: { ids: number[][] } = JSON.parse(readFileSync(join(folder, 'ids.json'), 'utf8'))
  const { vocabulary_size } = bundle.manifest.target_model
  for (const [i, ids] of sequences.entries()) {
    const [target, masked] = [reference.get(`${i}/logits`), reference.get(`${i}/ci_masked`)]
    if (target === undefined || masked === undefined) throw new Error(`no reference ${i}`)
    const expected = klSum(target, masked, vocabulary_size)
    const found = await measureCiMasked(pair, ids)
    // Logits may be off by 2e-4 (test/pipeline/oracles.test.ts), and KL at most twice that a position.
    expect(Math.abs(found.klSum - expected) / ids.length).toBeLessThan(4e-4)
    expect(expected / ids.length).toBeGreaterThan(0.01)
    for (const [m, { path }] of bundle.manifest.modules.entries()) {
      const importances = reference.get(`${i}/causal_importance/${path}`) ?? []
      const active = importances.filter((ci) => ci > 1e-4).length
      const inactive = importances.filter((ci) => ci < 1e-4 && ci > 0).length
      const count = found.importances[m]?.rowStarts[ids.length] ?? 0
      expect(count).toBeGreaterThanOrEqual(active)
      expect(count).toBeLessThanOrEqual(active + inactive + 1)
    }
  }
})
