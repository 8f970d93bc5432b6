/** Every foreseen failure; a code says what the caller may conclude, the message says it to a person. */
export type AtlasErrorCode =
  | 'arguments/invalid'
  | 'source/unreachable'
  | 'output/unwritable'
  | 'format/malformed'
  | 'format/unsupported'
  | 'format/too-large'
  | 'checkpoint/unknown-key'
  | 'checkpoint/missing-tensor'
  | 'checkpoint/bad-shape'
  | 'config/invalid'
  | 'config/unsupported'
  | 'tokenizer/invalid'
  | 'tokenizer/vocabulary'
  | 'story/empty'
  | 'story/too-long'
  | 'bundle/version'
  | 'bundle/missing-file'
  | 'bundle/corrupt'
  | 'harvest/other-settings'
  | 'harvest/incomplete'
  | 'address/unknown'
  | 'model/failed'
  | 'backend/unavailable'
  | 'worker/died'
  | 'request/cancelled'

export type ErrorDetails = Readonly<Record<string, string | number>>

/**
 * The only error class for foreseen failures. Messages read "subject, found, expected, place", for example
 * "model_400000.pth: V of h.0.mlp.c_fc has shape [650, 128], expected [128, 650]", and give no advice.
 */
export class AtlasError extends Error {
  override readonly name = 'AtlasError'
  constructor(
    readonly code: AtlasErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.details = options.details ?? {}
  }
  readonly details: ErrorDetails
}
