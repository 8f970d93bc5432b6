import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../core/bundle/manifest.ts'
import type { WeightTensor } from '../core/bytes/WeightTensor.ts'
import type { Precision } from '../core/graph/Precision.ts'
import { readSafetensors } from '../core/safetensors/readSafetensors.ts'
import { writeSafetensors } from '../core/safetensors/writeSafetensors.ts'
import { type ConvertOptions, convert } from '../pipeline/convert.ts'
import { type InterveneOptions, intervene } from '../pipeline/intervene.ts'
import { openFile, readText, writeFileAtomically } from '../pipeline/node/files.ts'
import { openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { observe } from '../pipeline/observe.ts'

/** The interventions of an oracle, by the names of their reference logits. */
export const INTERVENTIONS = [
  'all_ones_delta_1',
  'all_ones_no_delta',
  'ablate',
  'keep_even',
  'ci_masked',
  'random_mask_delta_0.37',
] as const
export type InterventionName = (typeof INTERVENTIONS)[number]

export const QUANTITIES = ['logits', 'inner_activation', 'causal_importance', ...INTERVENTIONS] as const
export type Quantity = (typeof QUANTITIES)[number]

/** Largest absolute difference from PyTorch over all sequences and modules. */
export type OracleErrors = Readonly<Record<Quantity, number>>

const NO_ERRORS: OracleErrors = {
  logits: 0,
  inner_activation: 0,
  causal_importance: 0,
  all_ones_delta_1: 0,
  all_ones_no_delta: 0,
  ablate: 0,
  keep_even: 0,
  ci_masked: 0,
  'random_mask_delta_0.37': 0,
}

const silent = { tell: () => undefined, onProgress: () => undefined }

type Tensors = ReadonlyMap<string, Float32Array>

/** The files of a run as an oracle's folder names them. */
export async function oracleRun(
  folder: string,
  checkpoint: 'pth' | 'safetensors',
): Promise<Pick<ConvertOptions, 'checkpoint' | 'config' | 'target' | 'tokenizer'>> {
  const files = await readdir(folder)
  const model = files.find((file) => file.startsWith('model_') && file.endsWith(`.${checkpoint}`))
  if (model === undefined) throw new Error(`${folder}: no model_<step>.${checkpoint}`)
  return {
    checkpoint: join(folder, model),
    config: join(folder, 'final_config.yaml'),
    target: join(folder, 'target_config.json'),
    tokenizer: join(folder, 'tokenizer.json'),
  }
}

/** Converts the oracle in `folder`, observes and intervenes on its sequences, all by the commands, into `out`. */
export async function measureOracle(
  folder: string,
  out: string,
  { checkpoint = 'pth', precision = 'f32' }: { checkpoint?: 'pth' | 'safetensors'; precision?: Precision } = {},
): Promise<OracleErrors> {
  await mkdir(out, { recursive: true })
  const bundle = join(out, 'bundle')
  await convert({ ...(await oracleRun(folder, checkpoint)), out: bundle, precision }, silent)
  const { manifest } = await openBundleFolder(bundle)
  const reference = await readTensors(join(folder, 'reference.safetensors'))
  const sequences: { ids: number[][] } = JSON.parse(await readText(join(folder, 'ids.json')))
  const errors = { ...NO_ERRORS }
  const compare = (quantity: Quantity, found: Tensors, name: string, expected: string): void => {
    errors[quantity] = Math.max(errors[quantity], largestDifference(found, name, reference, expected))
  }
  for (const [i, ids] of sequences.ids.entries()) {
    const file = join(out, 'tensors.safetensors')
    const story = { bundle, ids: JSON.stringify(ids), out: file }
    await observe(story, silent)
    const observed = await readTensors(file)
    compare('logits', observed, 'logits', `${i}/logits`)
    for (const { path } of manifest.modules) {
      for (const quantity of ['inner_activation', 'causal_importance'] as const) {
        compare(quantity, observed, `${quantity}/${path}`, `${i}/${quantity}/${path}`)
      }
    }
    for (const name of INTERVENTIONS) {
      const masks = await writeMasks(name, reference, i, manifest, ids.length, join(out, 'masks.safetensors'))
      await intervene({ ...story, ...interventionOptions(name, manifest, ids.length), ...masks }, silent)
      compare(name, await readTensors(file), 'logits', `${i}/${name}`)
    }
  }
  return errors
}

type MaskOptions = Pick<InterveneOptions, 'delta' | 'ablate' | 'keep'>

function interventionOptions(name: InterventionName, { modules }: Manifest, positions: number): MaskOptions {
  const [first, last] = [modules[0]?.path, modules.at(-1)?.path]
  switch (name) {
    case 'all_ones_delta_1':
      return { delta: 1 }
    case 'all_ones_no_delta':
    case 'ci_masked':
      return { delta: 0 }
    case 'ablate':
      return { delta: 1, ablate: `${first}:0,${first}:3,${last}:1@${Math.floor(positions / 2)}` }
    case 'keep_even': {
      const even = modules.flatMap(({ path, c }) =>
        Array.from({ length: Math.ceil(c / 2) }, (_, i) => `${path}:${2 * i}`),
      )
      return { delta: 0, keep: even.join() }
    }
    case 'random_mask_delta_0.37':
      return { delta: 0.37 }
  }
}

async function writeMasks(
  name: InterventionName,
  reference: Tensors,
  sequence: number,
  { modules }: Manifest,
  positions: number,
  file: string,
): Promise<Pick<InterveneOptions, 'masks'>> {
  if (name !== 'ci_masked' && name !== 'random_mask_delta_0.37') return {}
  const source = name === 'ci_masked' ? 'causal_importance' : 'mask'
  const masks = modules.map(({ path, c }) => {
    return { name: `mask/${path}`, shape: [positions, c], data: tensorOf(reference, `${sequence}/${source}/${path}`) }
  })
  await writeFileAtomically(file, writeSafetensors(masks))
  return { masks: file }
}

/** All tensors of a safetensors file. */
export async function readTensors(path: string): Promise<Tensors> {
  const file = await openFile(path)
  const tensors = await readSafetensors(file)
  const read = async ([name, tensor]: [string, WeightTensor]) => [name, await tensor.read()] as const
  const all = new Map(await Promise.all([...tensors].map(read)))
  await file.close()
  return all
}

function tensorOf(tensors: Tensors, name: string): Float32Array {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`no tensor ${name}`)
  return tensor
}

function largestDifference(found: Tensors, name: string, reference: Tensors, expectedName: string): number {
  const [values, expected] = [tensorOf(found, name), tensorOf(reference, expectedName)]
  if (values.length !== expected.length) throw new Error(`${name}: ${values.length} numbers, not ${expected.length}`)
  // Math.max hands NaN on.
  return values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (expected[i] ?? Number.NaN))), 0)
}
