import { proxy } from 'comlink'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import type {
  AblateRequest,
  AblationEffect,
  EncodedText,
  ModelAddress,
  ModelApi,
  ObservedPosition,
  ObservedStory,
  ObserveRequest,
  OpenedModel,
  PositionRequest,
  ShadeRequest,
} from '../../workers/contracts/ModelApi.ts'
import { connectWorker, type WorkerLike } from './connectWorker.ts'

/** The model of one run. Failures are thrown; a worker that died is replaced by the next question. */
export interface ModelClient {
  open(onProgress: OnProgress): Promise<OpenedModel>
  encode(text: string): Promise<EncodedText>
  tellStory(seed: number): Promise<string>
  observe(request: ObserveRequest): Promise<ObservedStory>
  describePosition(request: PositionRequest): Promise<ObservedPosition>
  shade(request: ShadeRequest): Promise<Float32Array>
  ablate(request: AblateRequest): Promise<AblationEffect>
  /** Drops every pass under way; starts no worker for it. */
  cancel(): Promise<void>
  close(): void
}

/** How a model is to run, as far as a link says so. */
export type ModelPreference = Omit<ModelAddress, 'bundleUrl'>

/** Asks the worker `createWorker` starts about the model of the bundle at `bundleUrl` (absolute, ending in a slash). */
export function createModelClient(
  bundleUrl: string,
  readPreference: () => ModelPreference,
  createWorker: () => WorkerLike = startWorker,
): ModelClient {
  const { ask, close } = connectWorker<ModelApi>('model worker', createWorker)
  const address = (): ModelAddress => ({ bundleUrl, ...readPreference() })
  let isOpened = false
  return {
    open: async (onProgress) => {
      isOpened = true
      return ask((api) => api.open(address(), proxy(onProgress)))
    },
    encode: async (text) => ask((api) => api.encode(address(), text)),
    tellStory: async (seed) => ask((api) => api.tellStory(address(), seed)),
    observe: async (request) => ask((api) => api.observe(address(), request)),
    describePosition: async (request) => ask((api) => api.describePosition(address(), request)),
    shade: async (request) => ask((api) => api.shade(address(), request)),
    ablate: async (request) => ask((api) => api.ablate(address(), request)),
    cancel: async () => {
      if (isOpened) await ask((api) => api.cancel())
    },
    close: () => {
      isOpened = false
      close()
    },
  }
}

/** More than any machine gives a tab. */
const MAX_THREADS = 64

/**
 * What `search`, the query before the hash, says: `backend=wasm|webgpu`, `threads=<n>`, `ci=graph`. Anything else under
 * these names is `arguments/invalid`.
 */
export function readModelPreference(search: string): ModelPreference {
  const params = new URLSearchParams(search)
  const [backend, threads, ci] = [params.get('backend'), params.get('threads'), params.get('ci')]
  if (backend !== null && backend !== 'wasm' && backend !== 'webgpu') {
    throw new AtlasError('arguments/invalid', `backend=${backend}: expected wasm or webgpu`)
  }
  if (threads !== null && !(/^[1-9]\d*$/.test(threads) && Number(threads) <= MAX_THREADS)) {
    throw new AtlasError('arguments/invalid', `threads=${threads}: expected 1 to ${MAX_THREADS}`)
  }
  if (ci !== null && ci !== 'graph') throw new AtlasError('arguments/invalid', `ci=${ci}: expected graph`)
  return { backend, threads: threads === null ? null : Number(threads), causalImportances: ci ?? 'outside' }
}

function startWorker(): WorkerLike {
  return new Worker(new URL('../../workers/model/model.worker.ts', import.meta.url), { type: 'module', name: 'model' })
}
