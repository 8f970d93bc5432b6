import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { CheckpointKeys } from '../decomposition/CheckpointKeys.ts'
import { readTargetConfig } from '../decomposition/readTargetConfig.ts'
import { readTargetModel } from '../decomposition/readTargetModel.ts'
import type { TargetModel } from '../decomposition/TargetModel.ts'
import { RandomStream } from './RandomStream.ts'
import { type SyntheticRun, syntheticName, type TargetSizes } from './SyntheticRun.ts'

/** A target model drawn at random: it predicts nothing, but its activations have the sizes of a trained one's. */
export interface SyntheticTarget {
  /** config.json */
  readonly configText: string
  readonly model: TargetModel
  /** All weights under their keys in a checkpoint, drawn anew at each read. */
  readonly tensors: readonly WeightTensor[]
}

/** Standard deviation of the token embeddings. */
const EMBEDDING_DEVIATION = 0.2
/** What a block adds is so much smaller than what it reads, so that the token at hand stays visible in later blocks. */
const OUTPUT_GAIN = 0.25
const NORM_DEVIATION = 0.1

/** The target model of `run`, made of the sizes in its config by the reader of checkpoints. */
export async function syntheticTarget(run: SyntheticRun): Promise<SyntheticTarget> {
  const configText = `${JSON.stringify(targetConfig(run), null, 2)}\n`
  const tensors = targetShapes(run.target).map(([key, shape]) => drawnTensor(run.seed, key, shape))
  const keys = new CheckpointKeys(new Map(tensors.map((tensor) => [tensor.key, tensor])), 'synthetic target')
  const config = readTargetConfig({ name: 'config.json', text: configText }, 'LlamaForCausalLM')
  const model = await readTargetModel(config, keys, 'config.json')
  return { configText, model, tensors }
}

function targetConfig(run: SyntheticRun): Record<string, unknown> {
  const { layers, width, heads, keyValueHeads, mlpWidth, vocabularySize, contextLength } = run.target
  return {
    _name_or_path: syntheticName(run),
    architectures: ['LlamaForCausalLM'],
    attention_bias: false,
    bos_token_id: null,
    eos_token_id: 1,
    head_dim: width / heads,
    hidden_act: 'silu',
    hidden_size: width,
    intermediate_size: mlpWidth,
    max_position_embeddings: contextLength,
    mlp_bias: false,
    model_type: 'llama',
    num_attention_heads: heads,
    num_hidden_layers: layers,
    num_key_value_heads: keyValueHeads,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    tie_word_embeddings: true,
    torch_dtype: 'float32',
    vocab_size: vocabularySize,
  }
}

type NamedShape = readonly [key: string, shape: readonly number[]]

function targetShapes({ layers, width, heads, keyValueHeads, mlpWidth, vocabularySize }: TargetSizes): NamedShape[] {
  const keyWidth = (width / heads) * keyValueHeads
  const blocks = Array.from({ length: layers }, (_, layer): NamedShape[] => {
    const at = (part: string): string => `target_model.model.layers.${layer}.${part}.weight`
    return [
      [at('input_layernorm'), [width]],
      [at('self_attn.q_proj'), [width, width]],
      [at('self_attn.k_proj'), [keyWidth, width]],
      [at('self_attn.v_proj'), [keyWidth, width]],
      [at('self_attn.o_proj'), [width, width]],
      [at('post_attention_layernorm'), [width]],
      [at('mlp.gate_proj'), [mlpWidth, width]],
      [at('mlp.up_proj'), [mlpWidth, width]],
      [at('mlp.down_proj'), [width, mlpWidth]],
    ]
  })
  return [
    ['target_model.model.embed_tokens.weight', [vocabularySize, width]],
    ...blocks.flat(),
    ['target_model.model.norm.weight', [width]],
  ]
}

function drawnTensor(seed: number, key: string, shape: readonly number[]): WeightTensor {
  return { key, shape, dtype: 'float32', read: async () => drawTarget(key, shape, new RandomStream(seed, key)) }
}

/** Norms are near 1; a matrix keeps the size of what it reads, but for OUTPUT_GAIN where it writes to the residual stream. */
function drawTarget(key: string, shape: readonly number[], stream: RandomStream): Float32Array {
  const [rows = 1, columns] = shape
  if (columns === undefined) return stream.normals(rows, NORM_DEVIATION).map((offset) => 1 + offset)
  if (key.includes('embed_tokens')) return stream.normals(rows * columns, EMBEDDING_DEVIATION)
  const gain = /\.(o|down)_proj\.weight$/.test(key) ? OUTPUT_GAIN : 1
  return stream.normals(rows * columns, gain / Math.sqrt(columns))
}
