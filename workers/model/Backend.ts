import type { OpenSession } from '../../core/graph/InferenceSession.ts'
import type { BackendName } from '../contracts/ModelApi.ts'

/** A way to run graphs that this browser may or may not have. */
export interface Backend {
  readonly name: BackendName
  /** Loads the runtime; fails with `backend/unavailable` where the browser lacks what it needs. */
  start(): Promise<StartedBackend>
}

export interface StartedBackend {
  /** Of WebAssembly; 1 on WebGPU. */
  readonly threads: number
  readonly openSession: OpenSession
  /** Settles with the reason when the device is gone; sessions of a lost device may never answer. */
  readonly lost: Promise<string>
}
