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

/** Writes what the target model and its modules do on one story. */
export async function observe(options: ObserveOptions, { tell }: Pick<Terminal, 'tell'>): Promise<void> {
  const bundle = await openBundleFolder(options.bundle)
  const { target_model, modules } = bundle.manifest
  const ids = storyIds(await readStory(options, bundle), target_model)
  const session = await openBundleSession(bundle, 'observe', { outputs: null, threads: options.threads ?? null })
  const outputs = await session.run({ [IDS]: ids })
  await session.close()
  const positions = ids.data.length
  const names = [
    [LOGITS, target_model.vocabulary_size] as const,
    ...modules.map(({ path, c }) => [innerActivationPort(path), c] as const),
    ...modules.map(({ path, c }) => [causalImportancePort(path), c] as const),
  ]
  const tensors = names.map(([name, width]) => ({ name, shape: [positions, width], data: floatOutput(outputs, name) }))
  await writeFileAtomically(options.out, writeSafetensors(tensors))
  tell(`${options.out}: ${positions} positions, ${modules.length} modules`)
}
