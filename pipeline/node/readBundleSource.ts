import type { IndexSource, SourceModule } from '../../core/bundle/writing/IndexSource.ts'
import { writeVectorsName } from '../../core/graph/ports.ts'
import { rowNorms } from '../../core/inference/rowNorms.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import type { BundleFolder } from './openBundleFolder.ts'
import { readBundleWeights } from './readBundleWeights.ts'

/** What the bundle itself gives to an index: its tokens, and its modules without their activity. */
export interface BundleSource {
  readonly tokens: IndexSource['tokens']
  readonly modules: readonly Omit<SourceModule, 'readActivity'>[]
}

/** Reads the vocabulary and the norms of the write vectors. */
export async function readBundleSource(bundle: BundleFolder): Promise<BundleSource> {
  const { tokenizer: path, target_model, modules } = bundle.manifest
  const tokenizer = createTokenizer(new TextDecoder().decode(await bundle.read(path)), path)
  const readWeight = await readBundleWeights(bundle, 'intervene')
  return {
    tokens: Array.from({ length: target_model.vocabulary_size }, (_, id) => tokenizer.tokenOf(id)),
    modules: modules.map((module) => ({
      path: module.path,
      layer: module.layer,
      kind: module.kind,
      C: module.c,
      writeNorms: rowNorms(readWeight(writeVectorsName(module.path)).data, module.c),
    })),
  }
}
