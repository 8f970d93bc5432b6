import type { InferenceSession as OrtSession, Tensor as OrtTensor } from 'onnxruntime-common'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { GraphTensor, InferenceSession, OpenSession } from '../../core/graph/InferenceSession.ts'
import type { ModelAddress } from '../contracts/ModelApi.ts'
import type { Backend, StartedBackend } from './Backend.ts'

/** What both builds of ONNX Runtime export; loaded when needed, as each brings megabytes of WebAssembly. */
type Ort = Pick<typeof import('onnxruntime-web'), 'InferenceSession' | 'Tensor' | 'env'>

/** More gains nothing for models of this size. */
const MAX_THREADS = 4

/** ONNX Runtime warns of every graph whose shape arithmetic runs on the CPU, which it always does. */
const ERRORS_ONLY = 3

/** The backends a request allows, in the order to try. */
export function ortBackends({ backend, threads }: Pick<ModelAddress, 'backend' | 'threads'>): readonly Backend[] {
  const all = [createWebGpuBackend(backend === 'webgpu'), createWasmBackend(threads)]
  return all.filter(({ name }) => backend === null || name === backend)
}

function createWasmBackend(threads: number | null): Backend {
  return {
    name: 'wasm',
    start: async () => {
      const ort: Ort = await import('onnxruntime-web/wasm')
      // Threads share memory, which browsers give to isolated pages only.
      const available = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1
      ort.env.logLevel = 'error'
      ort.env.wasm.numThreads = Math.min(available, threads ?? MAX_THREADS)
      return {
        threads: ort.env.wasm.numThreads,
        openSession: openWith(ort, 'wasm'),
        lost: new Promise(() => undefined),
      }
    },
  }
}

function createWebGpuBackend(acceptsSoftware: boolean): Backend {
  return {
    name: 'webgpu',
    start: async () => {
      await assertAdapter(acceptsSoftware)
      const ort: Ort = await import('onnxruntime-web/webgpu')
      ort.env.logLevel = 'error'
      const openSession = openWith(ort, 'webgpu')
      let reportLoss: (reason: string) => void = () => undefined
      const lost = new Promise<string>((resolve) => {
        reportLoss = resolve
      })
      const started: StartedBackend = {
        threads: 1,
        openSession: async (graph, externalData) => {
          const session = await openSession(graph, externalData)
          const device: GPUDevice = await ort.env.webgpu.device
          void device.lost.then(({ message }) => reportLoss(`WebGPU: device lost: ${message}`))
          return session
        },
        lost,
      }
      return started
    },
  }
}

/** A software adapter is correct but slower than WASM, so only a request that names WebGPU gets it. */
async function assertAdapter(acceptsSoftware: boolean): Promise<void> {
  // The property is missing where pages are not served over HTTPS, and in older browsers.
  const gpu: GPU | undefined = navigator.gpu
  const adapter = gpu === undefined ? null : await gpu.requestAdapter()
  if (adapter === null) {
    const reason = gpu === undefined ? 'not in this browser' : 'no adapter'
    throw new AtlasError('backend/unavailable', `WebGPU: ${reason}`)
  }
  if (adapter.info.isFallbackAdapter && !acceptsSoftware) {
    throw new AtlasError('backend/unavailable', 'WebGPU: software adapter only')
  }
}

function openWith(ort: Ort, provider: 'wasm' | 'webgpu'): OpenSession {
  return async (graph, externalData) => {
    const session = await ort.InferenceSession.create(graph, {
      executionProviders: [provider],
      logSeverityLevel: ERRORS_ONLY,
      externalData: externalData.map(({ path, data }) => ({ path, data })),
    })
    return wrapSession(ort, session)
  }
}

function wrapSession(ort: Ort, session: OrtSession): InferenceSession {
  return {
    run: async (feeds) => {
      const tensors = Object.entries(feeds).map(([name, tensor]) => [name, toOrt(ort, tensor)] as const)
      const outputs = await session.run(Object.fromEntries(tensors))
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOrt(name, tensor)]))
    },
    close: () => session.release(),
  }
}

const toOrt = (ort: Ort, { type, data, dims }: GraphTensor): OrtTensor =>
  type === 'int64' ? new ort.Tensor('int64', data, dims) : new ort.Tensor('float32', data, dims)

function fromOrt(name: string, tensor: OrtTensor): GraphTensor {
  const { data, dims } = tensor
  invariant(data instanceof Float32Array, `output ${name} is ${tensor.type}, the graphs give float32`)
  return { type: 'float32', data, dims }
}
