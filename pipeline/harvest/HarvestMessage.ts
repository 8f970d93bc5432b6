import type { AtlasErrorCode, ErrorDetails } from '../../core/errors/AtlasError.ts'
import type { Activity, ActivitySettings } from '../../core/statistics/formerActivity.ts'

/** What a harvest worker is started with. */
export interface HarvestWorkerData {
  readonly bundle: string
  readonly settings: ActivitySettings
}

/** A story of the corpus by its index, encoded and cut. */
export interface EncodedStory {
  readonly story: number
  readonly ids: readonly number[]
}

/** To the worker, which answers each in turn. */
export type HarvestRequest =
  | { readonly kind: 'count'; readonly stories: readonly EncodedStory[] }
  | { readonly kind: 'finish' }

/** From the worker: stories counted, its activity (moved, not copied), or what went wrong. */
export type HarvestReply =
  | { readonly kind: 'counted' }
  | { readonly kind: 'finished'; readonly activity: Activity }
  | {
      readonly kind: 'failed'
      /** null for anything but an AtlasError. */
      readonly code: AtlasErrorCode | null
      readonly message: string
      readonly details: ErrorDetails
    }
