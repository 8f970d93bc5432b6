/** Storage types a weight may have in a file; in memory every weight is float32. */
export type WeightDtype = 'float32' | 'float16' | 'bfloat16'

/** One tensor of a checkpoint: shape known, numbers read when asked for, so that a run larger than memory can be converted. */
export interface WeightTensor {
  /** Its key in the file, for messages. */
  readonly key: string
  readonly shape: readonly number[]
  readonly dtype: WeightDtype
  /** All numbers, row-major, widened to float32. Each call reads anew. */
  read(): Promise<Float32Array>
}
