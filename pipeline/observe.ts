import { readKept } from '../core/bundle/keptSubcomponents.ts'
import type { ManifestModule } from '../core/bundle/manifest.ts'
import { causalImportancePort, IDS, innerActivationPort, LOGITS } from '../core/graph/ports.ts'
import { floatOutput } from '../core/inference/floatOutput.ts'
import { storyIds } from '../core/inference/storyIds.ts'
import { writeSafetensors } from '../core/safetensors/writeSafetensors.ts'
import { writeFileAtomically } from './node/files.ts'
import { openBundleFolder } from './node/openBundleFolder.ts'
import { openBundleSession } from './node/openBundleSession.ts'
import { readStory, type StoryOptions } from './storyOptions.ts'
import type { Terminal } from './Terminal.ts'

export interface ObserveOptions extends StoryOptions {
  readonly bundle: string
  readonly out: string
  readonly threads?: number
}

/**
 * Writes what the target model and its modules do on one story. Tensors are C wide; subcomponents that the graphs do not
 * hold are NaN, since nothing is known of them.
 */
export async function observe(options: ObserveOptions, { tell }: Pick<Terminal, 'tell'>): Promise<void> {
  const bundle = await openBundleFolder(options.bundle)
  const { target_model, modules } = bundle.manifest
  const ids = storyIds(await readStory(options, bundle), target_model)
  const session = await openBundleSession(bundle, 'observe', { outputs: null, threads: options.threads ?? null })
  const outputs = await session.run({ [IDS]: ids })
  await session.close()
  const positions = ids.data.length
  const tensorsOf = (port: (modulePath: string) => string) =>
    modules.map((module) => {
      const name = port(module.path)
      return {
        name,
        shape: [positions, module.c],
        data: spreadColumns(module, positions, () => floatOutput(outputs, name)),
      }
    })
  const tensors = [
    { name: LOGITS, shape: [positions, target_model.vocabulary_size], data: floatOutput(outputs, LOGITS) },
    ...tensorsOf(innerActivationPort),
    ...tensorsOf(causalImportancePort),
  ]
  await writeFileAtomically(options.out, writeSafetensors(tensors))
  tell(`${options.out}: ${positions} positions, ${modules.length} modules`)
}

/** float32[positions, C] of the float32[positions, columns] that the graph gives, if it has any columns of the module. */
function spreadColumns(module: ManifestModule, positions: number, read: () => Float32Array): Float32Array {
  const { count, subcomponents } = readKept(module)
  if (count === module.c) return read()
  const spread = new Float32Array(positions * module.c).fill(Number.NaN)
  if (count === 0) return spread
  for (const [i, value] of read().entries()) {
    spread[Math.floor(i / count) * module.c + (subcomponents[i % count] ?? 0)] = value
  }
  return spread
}
