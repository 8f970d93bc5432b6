import type { ManifestModule } from '../../core/bundle/manifest.ts'
import { type CiReader, createCiReader } from '../../core/evaluation/CiReader.ts'
import type { MaskedPair } from '../../core/evaluation/measureCiMasked.ts'
import type { ReadGraphWeight } from '../../core/graph/createGraphWeightReader.ts'
import type { InferenceSession } from '../../core/graph/InferenceSession.ts'
import { maskOneModule } from '../../core/graph/maskOneModule.ts'
import { LOGITS } from '../../core/graph/ports.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { openBundleSession, openGraphSession } from '../node/openBundleSession.ts'

/** A bundle opened for evaluation. */
export interface EvaluatedBundle {
  readonly bundle: BundleFolder
  /** Of `observe`. */
  readonly readWeight: ReadGraphWeight
  readonly threshold: number
  /** Threads of ONNX Runtime; it chooses where null. */
  readonly threads: number | null
}

/** A session on `observe` and what reads causal importances from it. */
export interface CiSource {
  readonly session: InferenceSession
  readonly reader: CiReader
}

/** Whether the graphs hold a subcomponent of a module; where they do not it has no ports. */
const holdsAny = ({ kept }: ManifestModule): boolean => kept === null || kept.count > 0

/** The target model beside itself with all modules masked, or with `module` alone. */
export async function openMaskedPair(evaluated: EvaluatedBundle, module: ManifestModule | null): Promise<MaskedPair> {
  const { bundle, threads } = evaluated
  const { manifest } = bundle
  const masked = module === null ? manifest.modules : [module]
  const modules = masked.filter(holdsAny).map((one) => readerOf(evaluated, one))
  const outputs = [LOGITS, ...modules.map(({ output }) => output)]
  const observe = await openBundleSession(bundle, 'observe', { outputs, threads })
  const whole = await bundle.read(manifest.graphs.intervene)
  const paths = manifest.modules.map(({ path }) => path)
  const graph = module === null ? whole : maskOneModule(whole, module.path, paths)
  const intervene = await openGraphSession(bundle, 'intervene', graph, threads)
  return { observe, intervene, modules, model: manifest.target_model }
}

/** Causal importances of `module` alone. */
export async function openCiSource(evaluated: EvaluatedBundle, module: ManifestModule): Promise<CiSource> {
  const { bundle, threads } = evaluated
  const reader = readerOf(evaluated, module)
  const session = await openBundleSession(bundle, 'observe', { outputs: [reader.output], threads })
  return { session, reader }
}

function readerOf({ bundle, readWeight, threshold }: EvaluatedBundle, { path, c, kept }: ManifestModule): CiReader {
  return createCiReader(bundle.manifest.run, { path, columnCount: kept?.count ?? c }, readWeight, threshold)
}
