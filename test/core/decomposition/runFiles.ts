import { readdirSync, readFileSync } from 'node:fs'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import type { RunFiles } from '../../../core/decomposition/readDecomposition.ts'
import { readPytorchCheckpoint } from '../../../core/pytorch/readPytorchCheckpoint.ts'
import { type NamedTensor, writeSafetensors } from '../../../core/safetensors/writeSafetensors.ts'

const ORACLES = new URL('../../oracles/', import.meta.url)

/** The files of an oracle; `extension` chooses among its checkpoints. */
export function oracleFiles(name: string, extension = 'pth'): RunFiles {
  const folder = new URL(`${name}/`, ORACLES)
  const checkpoint = readdirSync(folder).find((file) => file.startsWith('model_') && file.endsWith(`.${extension}`))
  if (checkpoint === undefined) throw new Error(`oracle ${name} has no ${extension}`)
  const text = (file: string): { name: string; text: string } => ({
    name: file,
    text: readFileSync(new URL(file, folder), 'utf8'),
  })
  return {
    checkpoint: bytesByteSource(readFileSync(new URL(checkpoint, folder)), checkpoint),
    config: text('final_config.yaml'),
    target: text('target_config.json'),
  }
}

/** A checkpoint's numbers by key, to be bent and written again. */
export type Tensors = Map<string, Omit<NamedTensor, 'name'>>

export interface Bends {
  /** Changes the tensors in place. */
  readonly tensors?: (tensors: Tensors) => void
  /** Replaces in final_config.yaml and in the target's config. */
  readonly config?: (text: string) => string
  readonly target?: (text: string) => string
}

/** The oracle's files, bent; the checkpoint as safetensors under the name model_1000.safetensors. */
export async function bentFiles(name: string, bends: Bends): Promise<RunFiles> {
  const files = oracleFiles(name)
  const tensors: Tensors = new Map()
  for (const [key, { shape, read }] of await readPytorchCheckpoint(files.checkpoint)) {
    tensors.set(key, { shape, data: await read() })
  }
  bends.tensors?.(tensors)
  const bytes = writeSafetensors([...tensors].map(([key, tensor]) => ({ name: key, ...tensor })))
  return {
    checkpoint: bytesByteSource(bytes, 'model_1000.safetensors'),
    config: { name: files.config.name, text: bends.config?.(files.config.text) ?? files.config.text },
    target: { name: files.target.name, text: bends.target?.(files.target.text) ?? files.target.text },
  }
}

/** Numbers 0, 1/64, 2/64, ... of a shape. */
export function ramp(...shape: readonly number[]): Omit<NamedTensor, 'name'> {
  const size = shape.reduce((product, each) => product * each, 1)
  return { shape, data: Float32Array.from({ length: size }, (_, i) => i / 64) }
}
