/** How numbers are stored: 32 or 16 bits each, or 8 with a float32 scale a column (see `quantise`). */
export type Precision = 'f32' | 'f16' | 'i8'

/** Storage of the weights of a run's graphs by what they are; arithmetic is float32 whatever it is. */
export interface GraphPrecision {
  readonly target: 'f32' | 'f16'
  readonly v: Precision
  readonly u: Precision
  /** Of the CI functions' matrices; those of kind mlp are float32 always. */
  readonly ci: Precision
}

/** `precision` for everything; where it is i8 the target model keeps 16 bits, since nothing measures what 8 would do to it. */
export function uniformPrecision(precision: Precision): GraphPrecision {
  return { target: precision === 'i8' ? 'f16' : precision, v: precision, u: precision, ci: precision }
}
