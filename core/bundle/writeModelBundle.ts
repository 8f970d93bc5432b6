import type { Decomposition } from '../decomposition/Decomposition.ts'
import { keepSubcomponents } from '../decomposition/keepSubcomponents.ts'
import { measureFaithfulness } from '../decomposition/measureFaithfulness.ts'
import { buildGraphs } from '../graph/buildGraphs.ts'
import type { GraphPrecision } from '../graph/Precision.ts'
import { pieceName } from '../graph/WeightPlan.ts'
import { writeWeightPieces } from '../graph/writeWeightPieces.ts'
import type { OnProgress } from '../progress/Progress.ts'
import { assertTokenizerFits } from '../tokenizer/assertTokenizerFits.ts'
import { createTokenizer } from '../tokenizer/createTokenizer.ts'
import { describeTargetModel } from './describeTargetModel.ts'
import { encodeKept } from './keptSubcomponents.ts'
import { BUNDLE_FORMAT, type BundleFile, type Manifest, type PrunedBy } from './manifest.ts'
import { sha256 } from './sha256.ts'
import { encodeWriteNorms, WRITE_NORMS } from './writeNormsFile.ts'

export interface ModelBundleRequest {
  readonly decomposition: Decomposition
  readonly tokenizer: { readonly name: string; readonly text: string }
  readonly precision: GraphPrecision
  /** Null where the graphs hold every subcomponent. */
  readonly pruning: Pruning | null
  readonly id: string
  readonly title: string
  /** Version of SPD Atlas. */
  readonly version: string
  /** The checkpoint and config as read, for the manifest. */
  readonly checkpoint: Manifest['run']['checkpoint']
  readonly config: Manifest['run']['config']
}

/** Which subcomponents the graphs hold. */
export interface Pruning {
  /** One list a module, ascending. */
  readonly kept: readonly ArrayLike<number>[]
  readonly prunedBy: PrunedBy
}

/** Stores one file of a bundle under its path in it. */
export type WriteBundleFile = (path: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>

const TOKENIZER = 'tokenizer.json'
const OBSERVE = 'model/observe.onnx'
const INTERVENE = 'model/intervene.onnx'

/**
 * Writes the model part of a bundle (tokenizer, graphs, weights, write norms and, last, manifest.json) and returns its
 * manifest, which names no corpus and no index. Refuses a tokenizer whose ids exceed the vocabulary (tokenizer/vocabulary).
 */
export async function writeModelBundle(
  request: ModelBundleRequest,
  write: WriteBundleFile,
  onProgress: OnProgress,
): Promise<Manifest> {
  const { decomposition, tokenizer, precision, pruning } = request
  const fitted = createTokenizer(tokenizer.text, tokenizer.name)
  assertTokenizerFits(fitted, decomposition.target.vocabularySize)
  const held = pruning === null ? decomposition : keepSubcomponents(decomposition, pruning.kept)
  const { observe, intervene, weights } = buildGraphs(held, precision)

  const files: BundleFile[] = []
  const store = async (path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    await write(path, bytes)
    files.push({ path, bytes: bytes.length, sha256: await sha256(bytes) })
  }
  await store(TOKENIZER, new TextEncoder().encode(tokenizer.text))
  await store(OBSERVE, observe)
  await store(INTERVENE, intervene)
  const total = weights.pieceBytes.reduce((sum, bytes) => sum + bytes, 0)
  let done = 0
  for await (const { name, bytes } of writeWeightPieces(weights)) {
    await store(`model/${name}`, bytes)
    done += bytes.length
    onProgress({ label: 'writing weights', done, total, unit: 'bytes' })
  }
  await store(WRITE_NORMS, await encodeWriteNorms(decomposition.modules))
  const faithfulness = await measureModules(decomposition, onProgress)
  const pieces = weights.pieceBytes.map((_, piece) => `model/${pieceName(piece)}`)
  const manifest = describeBundle(request, pieces, faithfulness, files)
  await write('manifest.json', new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`))
  return manifest
}

async function measureModules(
  { target, modules }: Decomposition,
  onProgress: OnProgress,
): Promise<readonly (number | null)[]> {
  const measured: (number | null)[] = []
  for (const module of modules) {
    measured.push(await measureFaithfulness(target, module))
    onProgress({ label: 'faithfulness', done: measured.length, total: modules.length, unit: 'modules' })
  }
  return measured
}

function describeBundle(
  request: ModelBundleRequest,
  weights: string[],
  faithfulness: readonly (number | null)[],
  files: BundleFile[],
): Manifest {
  const { decomposition, id, title, version, checkpoint, config, precision, pruning } = request
  const { run, target, modules } = decomposition
  return {
    format: BUNDLE_FORMAT,
    id,
    title,
    written_by: version,
    run: {
      step: run.step,
      ci_kind: run.ciKind,
      ci_hidden: [...run.ciHidden],
      sigmoid_type: run.sigmoidType,
      sampling: run.sampling,
      use_delta_component: run.useDeltaComponent,
      trained_length: run.trainedLength,
      checkpoint,
      config,
    },
    target_model: describeTargetModel(target, run.targetName),
    modules: modules.map(({ path, layer, kind, role, dIn, dOut, C }, i) => ({
      path,
      layer,
      kind,
      role: role.kind,
      d_in: dIn,
      d_out: dOut,
      c: C,
      kept: pruning === null ? null : encodeKept(pruning.kept[i] ?? [], C),
      faithfulness: faithfulness[i] ?? null,
    })),
    // CI functions of kind mlp are stored exactly whatever was asked of the others.
    precision: { ...precision, ci: run.ciKind === 'mlp' ? 'f32' : precision.ci },
    pruned_by: pruning?.prunedBy ?? null,
    evaluation: null,
    graphs: { observe: OBSERVE, intervene: INTERVENE, weights },
    tokenizer: TOKENIZER,
    corpus: null,
    index: null,
    story_grammar: null,
    files,
  }
}
