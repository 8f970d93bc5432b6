import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesByteSource } from '../core/bytes/bytesByteSource.ts'
import { readSafetensors } from '../core/safetensors/readSafetensors.ts'

/** The bundle the app under test serves. */
const BUNDLE = 'public/runs/demo'
const MAX_OUTPUT_BYTES = 2 ** 26

/** What an `atlas` command prints. */
export function atlas(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(
    'npx',
    ['tsx', 'pipeline/cli.ts', command, '--bundle', BUNDLE, ...args],
    { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES },
  )
  if (error) throw error
  if (status !== 0) throw new Error(`atlas ${command} ended with ${status}: ${stderr}`)
  return stdout
}

/** Rows of `atlas table`, one record a line. */
export function atlasTable(name: 'modules' | 'subcomponents' | 'tokens'): Record<string, string | number>[] {
  const lines = atlas('table', name, '--format', 'jsonl').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, string | number>)
}

/** The tensors `observe` or `intervene` writes. */
export async function atlasTensors(command: 'observe' | 'intervene', ...args: readonly string[]): Promise<Tensors> {
  const folder = mkdtempSync(join(tmpdir(), 'spd-atlas-e2e-'))
  try {
    const file = join(folder, 'out.safetensors')
    atlas(command, ...args, '--out', file)
    const weights = await readSafetensors(bytesByteSource(readFileSync(file), file))
    const tensors = new Map<string, Tensor>()
    for (const [name, weight] of weights) tensors.set(name, { shape: weight.shape, data: await weight.read() })
    return tensors
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export type Tensors = ReadonlyMap<string, Tensor>

/** Row `position` of a tensor [T, n]; the last one for −1. */
export function rowOf(tensors: Tensors, name: string, position: number): Float32Array {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`no tensor ${name}`)
  const [T = 0, n = 0] = tensor.shape
  const row = position < 0 ? T + position : position
  return tensor.data.subarray(row * n, (row + 1) * n)
}
