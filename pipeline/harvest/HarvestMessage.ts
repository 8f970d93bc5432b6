import type { AtlasErrorCode, ErrorDetails } from '../../core/errors/AtlasError.ts'
import type { HarvestPlan } from './HarvestPlan.ts'
import type { PartStories } from './readPartStories.ts'

/** What a harvest worker is started with. */
export interface HarvestWorkerData {
  readonly bundle: string
  readonly plan: HarvestPlan
  /** Folder of the parts. */
  readonly parts: string
  /** Threads of ONNX Runtime. */
  readonly sessionThreads: number
}

/** To the worker, which runs one part at a time. */
export type HarvestRequest = PartStories

/** From the worker: stories and positions counted since it last said so, the part written, or what went wrong. */
export type HarvestReply =
  | { readonly kind: 'counted'; readonly stories: number; readonly positions: number }
  | { readonly kind: 'written' }
  | {
      readonly kind: 'failed'
      /** null for anything but an AtlasError. */
      readonly code: AtlasErrorCode | null
      readonly message: string
      readonly details: ErrorDetails
    }
