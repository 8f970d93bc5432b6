/** A firing with the tokens around it, of a corpus whose stories are not at hand. */
export interface FiringWindow {
  /** Tokens of the window, as far as they are known. */
  readonly tokenIds: readonly number[]
  /** ciByte of each of them. */
  readonly ciBytes: Uint8Array
  /** Index of the firing among them. */
  readonly firing: number
  readonly causalImportance: number
  /** null where it is not known. */
  readonly innerActivation: number | null
}
