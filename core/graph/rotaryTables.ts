/** cos and sin of the rotary angles, float32[positions, width / 2] each. */
export interface RotaryTables {
  readonly cosine: Float32Array
  readonly sine: Float32Array
}

/**
 * Tables of the angles position · base^(−2i / headWidth), with the roundings to float32 that PyTorch makes on the way:
 * at position 500 they move an angle by up to 3e-5, so that a table in float64 would be further from the target model.
 */
export function rotaryTables(positions: number, headWidth: number, base: number): RotaryTables {
  const half = headWidth / 2
  const cosine = new Float32Array(positions * half)
  const sine = new Float32Array(positions * half)
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(1 / Math.fround(base ** ((2 * i) / headWidth)))
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency)
      cosine[position * half + i] = Math.cos(angle)
      sine[position * half + i] = Math.sin(angle)
    }
  }
  return { cosine, sine }
}
