import type { DecomposedModule } from '../decomposition/Decomposition.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { rowNorms } from '../inference/rowNorms.ts'
import type { ManifestModule } from './manifest.ts'

/**
 * ‖U[c]‖₂ of all subcomponents, those left out of the graphs among them, as the checkpoint has them: float32, module
 * after module in the manifest's order.
 */
export const WRITE_NORMS = 'model/write-norms.bin'

/** The file's bytes. */
export async function encodeWriteNorms(modules: readonly DecomposedModule[]): Promise<Uint8Array<ArrayBuffer>> {
  const norms = new Float32Array(modules.reduce((sum, { C }) => sum + C, 0))
  let start = 0
  for (const { U, C } of modules) {
    norms.set(rowNorms(await U.read(), C), start)
    start += C
  }
  return new Uint8Array(norms.buffer)
}

/** float32[C] of each module. Refuses bytes of another length (bundle/corrupt). */
export function decodeWriteNorms(
  bytes: Uint8Array,
  modules: readonly Pick<ManifestModule, 'c'>[],
): readonly Float32Array[] {
  const count = modules.reduce((sum, { c }) => sum + c, 0)
  if (bytes.length !== 4 * count) {
    throw new AtlasError('bundle/corrupt', `${WRITE_NORMS}: ${bytes.length} bytes, expected ${4 * count}`)
  }
  // Copied, so that the numbers are aligned wherever the bytes lie in their buffer.
  const norms = new Float32Array(new Uint8Array(bytes).buffer)
  let end = 0
  return modules.map(({ c }) => {
    end += c
    return norms.subarray(end - c, end)
  })
}
