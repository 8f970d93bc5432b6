import { decodeWriteNorms, WRITE_NORMS } from '../../core/bundle/writeNormsFile.ts'
import type { IndexSource, SourceModule } from '../../core/bundle/writing/IndexSource.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import type { BundleFolder } from './openBundleFolder.ts'

/** What the bundle itself gives to an index: its tokens, and its modules without their activity. */
export interface BundleSource {
  readonly tokens: IndexSource['tokens']
  readonly modules: readonly Omit<SourceModule, 'readActivity'>[]
}

/** Reads the vocabulary and the norms of the write vectors. */
export async function readBundleSource(bundle: BundleFolder): Promise<BundleSource> {
  const { tokenizer: path, target_model, modules } = bundle.manifest
  const tokenizer = createTokenizer(new TextDecoder().decode(await bundle.read(path)), path)
  const writeNorms = decodeWriteNorms(await bundle.read(WRITE_NORMS), modules)
  return {
    tokens: Array.from({ length: target_model.vocabulary_size }, (_, id) => tokenizer.tokenOf(id)),
    modules: modules.map((module, i) => ({
      path: module.path,
      layer: module.layer,
      kind: module.kind,
      C: module.c,
      writeNorms: writeNorms[i] ?? new Float32Array(module.c),
    })),
  }
}
