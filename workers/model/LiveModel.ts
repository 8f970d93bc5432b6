import { type KeptSubcomponents, readKept } from '../../core/bundle/keptSubcomponents.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { decodeWriteNorms } from '../../core/bundle/writeNormsFile.ts'
import { invariant } from '../../core/errors/invariant.ts'
import { createGraphWeightReader } from '../../core/graph/createGraphWeightReader.ts'
import type { GraphTensor } from '../../core/graph/InferenceSession.ts'
import { causalImportancePort, DELTA, IDS, innerActivationPort, LOGITS } from '../../core/graph/ports.ts'
import type { ModulePass } from '../../core/inference/activeSubcomponents.ts'
import { buildMasks, type Intervention } from '../../core/inference/buildMasks.ts'
import { floatOutput } from '../../core/inference/floatOutput.ts'
import { hasScalarCiFunctions, readScalarCiFunction } from '../../core/inference/readScalarCiFunction.ts'
import { storyIds } from '../../core/inference/storyIds.ts'
import { pruneGraph } from '../../core/onnx/pruneGraph.ts'
import type { BackendStatus } from '../contracts/ModelApi.ts'
import type { Backend } from './Backend.ts'
import { FallbackRuntime, type GraphFiles } from './FallbackRuntime.ts'
import { graphFiles, type ModelFiles } from './fetchModel.ts'
import type { AssertWanted } from './LaneQueue.ts'

/** What the target model and its modules do on one story. */
export interface StoryPass {
  readonly ids: readonly number[]
  /** float32[T, vocabulary] of the target model. */
  readonly logits: Float32Array
  /** In the manifest's order. */
  readonly modules: readonly ModulePass[]
  readonly sessionMs: number
  readonly causalImportanceMs: number
}

/** float32[T, C] of CI from float32[T, C] of h; null where the graph gives CI. */
type EvaluateCi = (innerActivations: Float32Array, T: number) => Float32Array

interface LiveModule {
  readonly path: string
  /** The subcomponents that the graphs hold. */
  readonly kept: KeptSubcomponents
  /** float32[kept.count]: ‖U[c]‖₂. */
  readonly writeNorms: Float32Array
  readonly evaluateCi: EvaluateCi | null
}

/** A run's two graphs on whichever backend works. */
export class LiveModel {
  readonly #runtime: FallbackRuntime
  readonly #modules: readonly LiveModule[]

  /** Where CI is computed outside the graph, its part of the graph is not even loaded. */
  constructor(
    private readonly manifest: Manifest,
    files: ModelFiles,
    backends: readonly Backend[],
    private readonly now: () => number,
    causalImportances: 'outside' | 'graph',
  ) {
    const isOutside = causalImportances === 'outside' && hasScalarCiFunctions(manifest.run)
    this.#modules = readModules(manifest, files, isOutside)
    const graphs: Readonly<Record<string, GraphFiles>> = {
      observe: graphFiles(isOutside ? withoutCi(files.observe, manifest) : files.observe, files),
      intervene: graphFiles(files.intervene, files),
    }
    this.#runtime = new FallbackRuntime(backends, async (name) => {
      const graph = graphs[name]
      invariant(graph !== undefined, `a run has no graph ${name}`)
      return graph
    })
  }

  /** Null before a graph was opened. */
  get backend(): BackendStatus | null {
    return this.#runtime.status
  }

  /** Opens the graph every story needs; the other one follows when something is ablated. */
  async open(): Promise<void> {
    await this.#runtime.open('observe')
  }

  /** Runs the target model and watches its modules. */
  async observe(ids: readonly number[], assertWanted: AssertWanted): Promise<StoryPass> {
    const feeds = { [IDS]: storyIds(ids, this.manifest.target_model) }
    const start = this.now()
    const outputs = await this.#runtime.run('observe', feeds)
    const sessionMs = this.now() - start
    assertWanted()
    const modules = this.#modules.map(({ path, kept, writeNorms, evaluateCi }) => {
      const { count: C, subcomponents } = kept
      const none = new Float32Array(0)
      if (C === 0) return { C, subcomponents, innerActivations: none, causalImportances: none, writeNorms }
      const innerActivations = floatOutput(outputs, innerActivationPort(path))
      const causalImportances =
        evaluateCi === null
          ? floatOutput(outputs, causalImportancePort(path))
          : evaluateCi(innerActivations, ids.length).slice(0, ids.length * C)
      return { C, subcomponents, innerActivations, causalImportances, writeNorms }
    })
    const causalImportanceMs = this.now() - start - sessionMs
    return { ids, logits: floatOutput(outputs, LOGITS), modules, sessionMs, causalImportanceMs }
  }

  /** Logits float32[T, vocabulary] of the masked model, δ = 1. */
  async intervene(ids: readonly number[], intervention: Intervention): Promise<Float32Array> {
    const delta: GraphTensor = { type: 'float32', data: Float32Array.of(1), dims: [] }
    const masks = buildMasks(this.manifest.modules, ids.length, intervention)
    const feeds = { [IDS]: storyIds(ids, this.manifest.target_model), [DELTA]: delta, ...masks }
    return floatOutput(await this.#runtime.run('intervene', feeds), LOGITS)
  }
}

function withoutCi(observe: Uint8Array, { modules }: Manifest): Uint8Array {
  const held = modules.filter((module) => readKept(module).count > 0)
  return pruneGraph(observe, [LOGITS, ...held.map(({ path }) => innerActivationPort(path))])
}

function readModules({ run, modules }: Manifest, files: ModelFiles, isOutside: boolean): LiveModule[] {
  const readObserve = createGraphWeightReader(files.observe, files.pieces)
  const writeNorms = decodeWriteNorms(files.writeNorms, modules)
  return modules.map((module, i) => {
    const kept = readKept(module)
    const ciFunction = isOutside && kept.count > 0 ? readScalarCiFunction(run, module, readObserve) : null
    return {
      path: module.path,
      kept,
      writeNorms: Float32Array.from(kept.subcomponents, (c) => writeNorms[i]?.[c] ?? 0),
      evaluateCi: ciFunction === null ? null : ciFunction.evaluate,
    }
  })
}
