import type { Page } from '@playwright/test'
import { logProbabilities } from '../core/inference/logProbabilities.ts'
import { atlasTensors, rowOf, type Tensors } from './atlasCommand.ts'
import { expect } from './atlasTest.ts'
import { csvRecords, savedFile } from './savedFile.ts'

const STORY = 'One sunny morning, Mia found a shiny key under the old oak. "Whose key is this?" she asked Leo.'
const POSITION = 6
const THRESHOLD = 0.01
/** What the oracles allow: float32 through four layers, summed in another order. */
const CI_TOLERANCE = 1e-4
const LOGIT_TOLERANCE = 2e-4
const KL_TOLERANCE = 1e-4

/** Holds that the tab computes what the command line computes: CI, firings, predictions, and the KL of an ablation. */
export async function expectParity(page: Page, backend: 'wasm' | 'webgpu', status: RegExp): Promise<void> {
  const address = `/?backend=${backend}#/run/demo/live?text=${encodeURIComponent(STORY)}&at=${POSITION}`
  await page.goto(address)
  await expect(page.getByRole('grid', { name: 'Active subcomponents' })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('status').filter({ hasText: 'last pass' })).toContainText(status)

  const observed = await atlasTensors('observe', '--text', STORY)
  const ablated = await expectSameCi(page, observed)
  await expectSameCounts(page, observed)
  const logits = rowOf(observed, 'logits', POSITION)
  const before = logProbabilities(logits, logits.length)
  for (const { token_id, probability } of await savedRecords(page, /^Save as CSV/)) {
    expect(Math.abs(Math.log(Number(probability)) - at(before, token_id))).toBeLessThan(LOGIT_TOLERANCE)
  }

  await page.goto(`${address}&ablate=${ablated}`)
  await expect(page.getByRole('heading', { name: 'What was done' })).toBeVisible({ timeout: 60_000 })
  const masked = await atlasTensors('intervene', '--text', STORY, '--delta', '1', '--ablate', ablated)
  const maskedLogits = rowOf(masked, 'logits', POSITION)
  const after = logProbabilities(maskedLogits, maskedLogits.length)
  for (const record of await savedRecords(page, /^Save as CSV/)) {
    expect(Math.abs(Math.log(Number(record.before)) - at(before, record.token_id))).toBeLessThan(LOGIT_TOLERANCE)
    expect(Math.abs(Math.log(Number(record.after)) - at(after, record.token_id))).toBeLessThan(LOGIT_TOLERANCE)
  }
  const kl = masked.get('kl')?.data ?? new Float32Array()
  expect(Math.max(...kl)).toBeGreaterThan(0.01)
  const saved = (await savedRecords(page, /^Save numbers as CSV/)).map(({ kl_nats }) => Number(kl_nats))
  expect(saved.length).toBe(kl.length)
  for (const [position, value] of saved.entries()) {
    expect(Math.abs(value - (kl[position] ?? Number.NaN))).toBeLessThan(KL_TOLERANCE)
  }
}

/** Compares every active subcomponent at the chosen token; returns the address of one with CI 1. */
async function expectSameCi(page: Page, observed: Tensors): Promise<string> {
  const records = await savedRecords(page, 'Save active subcomponents as CSV')
  const listed = new Map(records.map((r) => [`${r.module}:${r.subcomponent}`, Number(r.causal_importance)]))
  let active = 0
  let largest = 0
  const unlisted: string[] = []
  for (const name of observed.keys()) {
    const module = /^causal_importance\/(.+)$/.exec(name)?.[1]
    if (module === undefined) continue
    for (const [c, ci] of rowOf(observed, name, POSITION).entries()) {
      const found = listed.get(`${module}:${c}`)
      if (ci > THRESHOLD) active++
      if (found !== undefined) largest = Math.max(largest, Math.abs(found - ci))
      // Only a CI within the tolerance of the threshold may be listed by one and not by the other.
      else if (ci >= THRESHOLD + CI_TOLERANCE) unlisted.push(`${module}:${c}`)
    }
  }
  expect(unlisted).toEqual([])
  expect(largest).toBeLessThan(CI_TOLERANCE)
  expect(active).toBeGreaterThan(100)
  const [first] = [...listed].filter(([address, ci]) => address.includes('mlp.down_proj') && ci === 1)
  if (first === undefined) throw new Error('no active subcomponent of a down_proj with CI 1')
  return first[0]
}

/** Compares how many subcomponents are active at every token and module. */
async function expectSameCounts(page: Page, observed: Tensors): Promise<void> {
  const records = await savedRecords(page, /^Save numbers as CSV/)
  let compared = 0
  const different: string[] = []
  for (const [name, { shape, data }] of observed) {
    const module = /^causal_importance\/(.+)$/.exec(name)?.[1]
    if (module === undefined) continue
    const C = shape[1] ?? 0
    for (const [position, record] of records.entries()) {
      const row = data.subarray(position * C, (position + 1) * C)
      const count = row.filter((ci) => ci > THRESHOLD).length
      const doubtful = row.filter((ci) => Math.abs(ci - THRESHOLD) < CI_TOLERANCE).length
      if (Math.abs(Number(record[module]) - count) > doubtful) different.push(`${module}@${position}`)
      compared++
    }
  }
  expect(different).toEqual([])
  expect(compared).toBe(28 * records.length)
}

async function savedRecords(page: Page, button: string | RegExp): Promise<Record<string, string>[]> {
  const { text } = await savedFile(page, page.getByRole('button', { name: button }).first())
  const records = csvRecords(text)
  expect(records.length).toBeGreaterThan(0)
  return records
}

const at = (values: Float64Array, index: string | undefined): number => values[Number(index)] ?? Number.NaN
