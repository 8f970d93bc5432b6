import { dirname, posix } from 'node:path'
import { externalDataOf } from '../../core/graph/externalDataOf.ts'
import type { InferenceSession } from '../../core/graph/InferenceSession.ts'
import { pruneGraph } from '../../core/onnx/pruneGraph.ts'
import { createOpenSession, type Provider } from './createOpenSession.ts'
import type { BundleFolder } from './openBundleFolder.ts'

export interface SessionOptions {
  /** Outputs to compute; all where null. What only the others need is neither read nor loaded. */
  readonly outputs: readonly string[] | null
  /** Threads of ONNX Runtime; it chooses where null. */
  readonly threads: number | null
}

/** A session on one of a bundle's graphs. */
export async function openBundleSession(
  bundle: BundleFolder,
  graph: 'observe' | 'intervene',
  { outputs, threads }: SessionOptions,
): Promise<InferenceSession> {
  const whole = await bundle.read(bundle.manifest.graphs[graph])
  return openGraphSession(bundle, graph, outputs === null ? whole : pruneGraph(whole, outputs), threads)
}

/** A session on `bytes`, what was made of one of a bundle's graphs, on `threads` threads (ONNX Runtime chooses where null). */
export async function openGraphSession(
  bundle: BundleFolder,
  graph: 'observe' | 'intervene',
  bytes: Uint8Array,
  threads: number | null,
  provider: Provider = 'cpu',
): Promise<InferenceSession> {
  const path = bundle.manifest.graphs[graph]
  const externalData = await Promise.all(
    externalDataOf(bytes).map(async (piece) => ({
      path: piece,
      data: await bundle.read(posix.join(dirname(path), piece)),
    })),
  )
  return createOpenSession(threads, provider)(bytes, externalData)
}
