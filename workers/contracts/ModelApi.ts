import type { RankedSubcomponents, RankOrder } from '../../core/inference/activeSubcomponents.ts'
import type { InterventionNode } from '../../core/inference/interventionNodes.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import type { Reply } from './Reply.ts'

/**
 * The model of a run: stories in, small derived results out; whole arrays [T, C] stay in the worker. Every question names
 * its model, so that it can be put to a fresh worker; a worker holds one model, the last one asked for.
 */
export interface ModelApi {
  /** Fetches graph and weights and opens them; what is open already answers at once. */
  open(model: ModelAddress, onProgress: OnProgress): Promise<Reply<OpenedModel>>
  /** The tokens of a text; waits for no pass. */
  encode(model: ModelAddress, text: string): Promise<Reply<EncodedText>>
  /** A story in the model's own language, the same for the same seed; `bundle/missing-file` where the run has no grammar. */
  tellStory(model: ModelAddress, seed: number): Promise<Reply<string>>
  /** How many subcomponents are active, per module and position. Replaces an `observe` that waits. */
  observe(model: ModelAddress, request: ObserveRequest): Promise<Reply<ObservedStory>>
  /** What is active at one position, and the next-token predictions there. Replaces a `describePosition` that waits. */
  describePosition(model: ModelAddress, request: PositionRequest): Promise<Reply<ObservedPosition>>
  /** Causal importance of one subcomponent along the story, float32[T]. Replaces a `shade` that waits. */
  shade(model: ModelAddress, request: ShadeRequest): Promise<Reply<Float32Array>>
  /** What the target model loses without a set of subcomponents. Replaces an `ablate` that waits. */
  ablate(model: ModelAddress, request: AblateRequest): Promise<Reply<AblationEffect>>
  /** Drops every pass that waits or runs; their requests fail with `request/cancelled`. */
  cancel(): Promise<Reply<null>>
}

export type BackendName = 'webgpu' | 'wasm'

export interface ModelAddress {
  /** Absolute URL of the bundle's folder, with a slash at the end. */
  readonly bundleUrl: string
  /** Only this backend; null tries WebGPU, then WASM. */
  readonly backend: BackendName | null
  /** Threads of WASM; null takes what the machine has, up to four. */
  readonly threads: number | null
  /** Where causal importances are computed: in the graph, or outside it wherever the run's CI functions allow that. */
  readonly causalImportances: 'outside' | 'graph'
}

export interface OpenedModel {
  readonly backend: BackendStatus
  /** Milliseconds to fetch, to check and to open. */
  readonly openMs: number
}

export interface BackendStatus {
  readonly name: BackendName
  /** Of WASM; 1 on WebGPU. */
  readonly threads: number
  /** Why the backend before it was left; null where the first one works. */
  readonly fallbackReason: string | null
}

export interface EncodedText {
  /** As the tokenizer writes them, e.g. "##ing"; all of the text's, however many. */
  readonly tokens: readonly string[]
}

/** A text, encoded by the tokenizer and, where `isCut`, cut at the context length (which drops [EOS]). */
export interface Story {
  readonly text: string
  readonly isCut: boolean
}

export interface ObserveRequest {
  readonly story: Story
  /** A subcomponent is active where its causal importance is strictly greater. */
  readonly threshold: number
}

export interface ObservedStory {
  readonly tokens: readonly string[]
  /** Position of the last token that is the text's own, not the tokenizer's end mark; 0 where there is none. */
  readonly lastOwn: number
  /** Active subcomponents, uint16[modules, T], modules in the run's order. */
  readonly activeCounts: Uint16Array
  readonly timing: PassTiming
  readonly backend: BackendStatus
}

/** Milliseconds of one pass. */
export interface PassTiming {
  /** In the session: the target model and what else the graph holds. */
  readonly sessionMs: number
  /** Causal importances outside the graph; 0 where the graph gives them. */
  readonly causalImportanceMs: number
  /** Encoding, counting. */
  readonly otherMs: number
}

export interface PositionRequest {
  readonly story: Story
  readonly threshold: number
  /** 0 <= position < T; null is the last token that is the text's own. */
  readonly position: number | null
  /** By CI, then |h|‖U‖; or by |h|‖U‖. */
  readonly order: RankOrder
  /** How many next tokens. */
  readonly predictionCount: number
}

export interface ObservedPosition {
  readonly position: number
  readonly token: string
  /** Every active subcomponent, in the order asked for; modules by their index in the manifest. */
  readonly active: RankedSubcomponents
  /** The likeliest next tokens, likeliest first. */
  readonly predictions: readonly Prediction[]
  /** −ln p of the token that does come next, in nats; null at the last position. */
  readonly nextTokenLoss: number | null
}

export interface Prediction {
  readonly tokenId: number
  /** As the tokenizer writes it; null where it has no such token. */
  readonly token: string | null
  readonly probability: number
}

export interface ShadeRequest {
  readonly story: Story
  readonly modulePath: string
  readonly subcomponent: number
}

export interface AblateRequest {
  readonly story: Story
  /** Mask 0 on these, 1 elsewhere; δ = 1. */
  readonly ablated: readonly InterventionNode[]
  /** Where next tokens are compared, 0 <= position < T; null is the last token that is the text's own. */
  readonly position: number | null
  readonly predictionCount: number
}

export interface AblationEffect {
  readonly position: number
  readonly token: string
  /** KL(target ‖ ablated) in nats, float32[T]. */
  readonly kl: Float32Array
  /** The same of a pass with nothing ablated, float32[T]: rounding alone. */
  readonly roundingKl: Float32Array
  /** The likeliest next tokens before and after, likeliest before first. */
  readonly predictions: readonly ChangedPrediction[]
  /** −ln p of the token that does come next, in nats; null at the last position. */
  readonly nextTokenLoss: { readonly before: number; readonly after: number } | null
  readonly sessionMs: number
  readonly backend: BackendStatus
}

export interface ChangedPrediction {
  readonly tokenId: number
  readonly token: string | null
  readonly before: number
  readonly after: number
  /** ln after − ln before, in nats. */
  readonly logChange: number
}
