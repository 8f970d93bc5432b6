import { readKept } from '../core/bundle/keptSubcomponents.ts'
import type { Manifest, ManifestModule } from '../core/bundle/manifest.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { DELTA, IDS, LOGITS, maskPort } from '../core/graph/ports.ts'
import {
  ablate,
  assertDroppedMaskedByDelta,
  buildMasks,
  type Intervention,
  keepOnly,
} from '../core/inference/buildMasks.ts'
import { floatOutput } from '../core/inference/floatOutput.ts'
import { readInterventionNode } from '../core/inference/interventionNodes.ts'
import { klDivergence } from '../core/inference/logProbabilities.ts'
import { storyIds } from '../core/inference/storyIds.ts'
import { readSafetensors } from '../core/safetensors/readSafetensors.ts'
import { writeSafetensors } from '../core/safetensors/writeSafetensors.ts'
import { openFile, writeFileAtomically } from './node/files.ts'
import { openBundleFolder } from './node/openBundleFolder.ts'
import { openBundleSession } from './node/openBundleSession.ts'
import { readStory, type StoryOptions } from './storyOptions.ts'
import type { Terminal } from './Terminal.ts'

export interface InterveneOptions extends StoryOptions {
  readonly bundle: string
  readonly delta: number
  readonly masks?: string
  readonly ablate?: string
  readonly keep?: string
  readonly out: string
  readonly threads?: number
}

/** Writes the logits of one story with subcomponents masked, and how far they are from the target model's. */
export async function intervene(options: InterveneOptions, { tell }: Pick<Terminal, 'tell'>): Promise<void> {
  const bundle = await openBundleFolder(options.bundle)
  const { target_model, modules } = bundle.manifest
  const ids = storyIds(await readStory(options, bundle), target_model)
  const positions = ids.data.length
  const intervention = await readIntervention(options, bundle.manifest, positions)
  assertDroppedMaskedByDelta(modules, intervention, options.delta)
  const threads = options.threads ?? null

  const target = await openBundleSession(bundle, 'observe', { outputs: [LOGITS], threads })
  const targetLogits = floatOutput(await target.run({ [IDS]: ids }), LOGITS)
  await target.close()
  const session = await openBundleSession(bundle, 'intervene', { outputs: null, threads })
  const masks = buildMasks(modules, positions, intervention)
  const delta = { type: 'float32', data: Float32Array.of(options.delta), dims: [] } as const
  const logits = floatOutput(await session.run({ [IDS]: ids, [DELTA]: delta, ...masks }), LOGITS)
  await session.close()

  const kl = klDivergence(targetLogits, logits, target_model.vocabulary_size)
  const file = writeSafetensors([
    { name: LOGITS, shape: [positions, target_model.vocabulary_size], data: logits },
    { name: 'kl', shape: [positions], data: Float32Array.from(kl) },
  ])
  await writeFileAtomically(options.out, file)
  const mean = kl.reduce((sum, divergence) => sum + divergence, 0) / positions
  tell(`${options.out}: ${positions} positions, mean KL ${mean.toPrecision(4)} nats`)
}

async function readIntervention(
  options: InterveneOptions,
  { modules }: Manifest,
  positions: number,
): Promise<Intervention> {
  const readNodes = (text: string) => text.split(',').map((node) => readInterventionNode(node, modules, positions))
  if (options.keep !== undefined) {
    if (options.masks !== undefined || options.ablate !== undefined) {
      throw new AtlasError('arguments/invalid', '--keep sets every mask, expected without --masks and --ablate')
    }
    return keepOnly(readNodes(options.keep))
  }
  const ablation = ablate(options.ablate === undefined ? [] : readNodes(options.ablate))
  if (options.masks === undefined) return ablation
  return { ...ablation, base: await readMasks(options.masks, modules, positions, options.delta) }
}

async function readMasks(
  path: string,
  modules: readonly ManifestModule[],
  positions: number,
  delta: number,
): Promise<ReadonlyMap<string, Float32Array>> {
  const file = await openFile(path)
  try {
    const masks = new Map<string, Float32Array>()
    for (const [name, tensor] of await readSafetensors(file)) {
      const module = modules.find((candidate) => maskPort(candidate.path) === name)
      if (module === undefined) {
        throw new AtlasError('address/unknown', `${path}: no module for ${name}, expected ${maskPort('<module>')}`)
      }
      if (`${tensor.shape}` !== `${[positions, module.c]}`) {
        const [found, expected] = [tensor.shape.join(', '), `${positions}, ${module.c}`]
        throw new AtlasError('arguments/invalid', `${path}: ${name} has shape [${found}], expected [${expected}]`)
      }
      masks.set(module.path, takeColumns(module, await tensor.read(), delta, `${path}: ${name}`))
    }
    return masks
  } finally {
    await file.close()
  }
}

/** float32[positions, columns] of a mask float32[positions, C], which must be δ where the graphs have no column. */
function takeColumns(module: ManifestModule, mask: Float32Array, delta: number, place: string): Float32Array {
  const kept = readKept(module)
  if (kept.count === module.c) return mask
  const taken: number[] = []
  for (const [i, value] of mask.entries()) {
    const c = i % module.c
    if (kept.columnOf(c) !== null) taken.push(value)
    else if (value !== Math.fround(delta)) {
      const found = `${value} of subcomponent ${c}, which the bundle's graphs leave out`
      throw new AtlasError('arguments/invalid', `${place} is ${found}, expected delta, ${delta}`)
    }
  }
  return Float32Array.from(taken)
}
