import type { ByteSource } from '../bytes/ByteSource.ts'
import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { readPytorchCheckpoint } from '../pytorch/readPytorchCheckpoint.ts'
import { readSafetensors } from '../safetensors/readSafetensors.ts'
import { CheckpointKeys } from './CheckpointKeys.ts'
import { currentKeys } from './currentKeys.ts'
import type { Decomposition } from './Decomposition.ts'
import { decomposableModules } from './decomposableModules.ts'
import type { ConfigText } from './parseConfigText.ts'
import { readModules } from './readModules.ts'
import { readRunConfig } from './readRunConfig.ts'
import { readTargetConfig } from './readTargetConfig.ts'
import { readTargetModel } from './readTargetModel.ts'

/** The files of a run, as the spd package leaves them. */
export interface RunFiles {
  /** model_<step>.pth or the same keys as safetensors. */
  readonly checkpoint: ByteSource
  /** final_config.yaml */
  readonly config: ConfigText
  /** The target model's config.json, or model_config.yaml. */
  readonly target: ConfigText
}

/**
 * A run as plain data, its weights read when asked for. Every key of the checkpoint is used or refused by name; errors say
 * which file, what was found and what was expected.
 */
export async function readDecomposition({ checkpoint, config, target }: RunFiles): Promise<Decomposition> {
  const runConfig = readRunConfig(config, checkpoint.name)
  const targetConfig = readTargetConfig(target, runConfig.architecture)
  const tensors = currentKeys(await readCheckpoint(checkpoint), checkpoint.name)
  const keys = new CheckpointKeys(tensors, checkpoint.name)
  const targetModel = await readTargetModel(targetConfig, keys, target.name)
  const modules = readModules(decomposableModules(targetModel), runConfig, keys, config.name)
  const { architecture } = runConfig
  keys.refuseRest(`a ${architecture} and ${modules.length} modules with CI functions of kind ${runConfig.run.ciKind}`)
  return { run: runConfig.run, target: targetModel, modules }
}

/** A zip starts with "PK", a safetensors header with "{" after its eight bytes of length. */
async function readCheckpoint(source: ByteSource): Promise<ReadonlyMap<string, WeightTensor>> {
  const start = new TextDecoder('latin1').decode(await source.slice(0, Math.min(9, source.byteLength)))
  if (start.startsWith('PK')) return readPytorchCheckpoint(source)
  if (start[8] === '{') return readSafetensors(source)
  throw new AtlasError(
    'format/unsupported',
    `${source.name}: is neither a zip of torch.save nor a safetensors file (${source.byteLength} bytes)`,
  )
}
