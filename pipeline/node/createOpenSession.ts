import * as ort from 'onnxruntime-node'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { GraphTensor, OpenSession } from '../../core/graph/InferenceSession.ts'

/** Where ONNX Runtime does a graph's matrix products; `webgpu` needs a graphics driver (Vulkan, Direct3D 12 or Metal). */
export type Provider = 'cpu' | 'webgpu'

/**
 * Opens graphs with ONNX Runtime on `threads` threads; null leaves the number to it. A provider that cannot be opened is
 * `backend/unavailable`.
 */
export function createOpenSession(threads: number | null, provider: Provider = 'cpu'): OpenSession {
  return async (graph, externalData) => {
    const session = await ort.InferenceSession.create(graph, {
      executionProviders: [provider],
      externalData: externalData.map(({ path, data }) => ({ path, data })),
      ...(threads === null ? {} : { intraOpNumThreads: threads }),
    }).catch(provider === 'cpu' ? failed : unavailable)
    return {
      run: async (feeds) => {
        const tensors = Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)] as const)
        const outputs = await session.run(Object.fromEntries(tensors)).catch(failed)
        return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOrt(name, tensor)]))
      },
      close: () => session.release(),
    }
  }
}

function toOrt({ type, data, dims }: GraphTensor): ort.Tensor {
  return type === 'int64' ? new ort.Tensor(type, data, dims) : new ort.Tensor(type, data, dims)
}

function fromOrt(name: string, { type, data, dims }: ort.Tensor): GraphTensor {
  if (type === 'float32' && data instanceof Float32Array) return { type, data, dims }
  invariant(type === 'int64' && data instanceof BigInt64Array, `output ${name} is ${type}`)
  return { type, data, dims }
}

function failed(cause: unknown): never {
  throw new AtlasError('model/failed', `ONNX Runtime: ${reasonOf(cause)}`, { cause })
}

function unavailable(cause: unknown): never {
  throw new AtlasError('backend/unavailable', `ONNX Runtime on WebGPU: ${reasonOf(cause)}`, { cause })
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
