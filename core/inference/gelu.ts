/** Beyond ± this GELU is x or 0 to 6e-9. */
const END = 6
const CELLS_PER_UNIT = 32
const CELLS = 2 * END * CELLS_PER_UNIT

/** Terms of the series below that count at |x| = 6 / √2, its largest argument here. */
const SERIES_TERMS = 120

/** GELU's slope is least and greatest where its second derivative (2 − x²) φ(x) is 0: at ∓√2. */
export const SLOPE_TURN = Math.SQRT2
export const LEAST_SLOPE = exactGeluSlope(-SLOPE_TURN)
export const GREATEST_SLOPE = exactGeluSlope(SLOPE_TURN)

/** Four coefficients a cell: the cubic with GELU's own values and slopes at both ends, off by at most 5e-9. */
const COEFFICIENTS = buildCoefficients()

/** The error function, by 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3···(2n+1)), whose terms have one sign: exact to a few 1e-16 for |x| < 5. */
export function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < SERIES_TERMS; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** x Φ(x), the exact GELU, off by at most 6e-9. */
export function gelu(x: number): number {
  if (x >= END) return x
  if (!(x > -END)) return 0
  const place = (x + END) * CELLS_PER_UNIT
  const cell = Math.floor(place)
  const t = place - cell
  const i = 4 * cell
  const cubic = (COEFFICIENTS[i + 2] ?? 0) + t * (COEFFICIENTS[i + 3] ?? 0)
  return (COEFFICIENTS[i] ?? 0) + t * ((COEFFICIENTS[i + 1] ?? 0) + t * cubic)
}

/** GELU's derivative Φ(x) + x φ(x), off by at most 1e-6. */
export function geluSlope(x: number): number {
  if (x >= END) return 1
  if (!(x > -END)) return 0
  const place = (x + END) * CELLS_PER_UNIT
  const cell = Math.floor(place)
  const t = place - cell
  const i = 4 * cell
  const square = 2 * (COEFFICIENTS[i + 2] ?? 0) + 3 * t * (COEFFICIENTS[i + 3] ?? 0)
  return CELLS_PER_UNIT * ((COEFFICIENTS[i + 1] ?? 0) + t * square)
}

function exactGelu(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2))
}

function exactGeluSlope(x: number): number {
  return 0.5 * (1 + erf(x / Math.SQRT2)) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)
}

function buildCoefficients(): Float64Array {
  const coefficients = new Float64Array(4 * CELLS)
  const step = 1 / CELLS_PER_UNIT
  for (let cell = 0; cell < CELLS; cell++) {
    const x = -END + cell * step
    const [start, end] = [exactGelu(x), exactGelu(x + step)]
    const [startSlope, endSlope] = [step * exactGeluSlope(x), step * exactGeluSlope(x + step)]
    const rise = end - start
    coefficients.set(
      [start, startSlope, 3 * rise - 2 * startSlope - endSlope, startSlope + endSlope - 2 * rise],
      4 * cell,
    )
  }
  return coefficients
}
