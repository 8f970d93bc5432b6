import { dirname, posix } from 'node:path'
import { createGraphWeightReader, type ReadGraphWeight } from '../../core/graph/createGraphWeightReader.ts'
import { externalDataOf } from '../../core/graph/externalDataOf.ts'
import type { BundleFolder } from './openBundleFolder.ts'

/** Reads single weights of one of a bundle's graphs; the pieces they lie in are in memory. */
export async function readBundleWeights(
  bundle: BundleFolder,
  graph: 'observe' | 'intervene',
): Promise<ReadGraphWeight> {
  const path = bundle.manifest.graphs[graph]
  const bytes = await bundle.read(path)
  const pieces = new Map<string, Uint8Array>()
  for (const piece of externalDataOf(bytes)) pieces.set(piece, await bundle.read(posix.join(dirname(path), piece)))
  return createGraphWeightReader(bytes, pieces)
}
