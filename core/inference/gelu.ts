/** More than `gelu` is off. */
export const GELU_ERROR = 1e-10
/** More than `geluSlope` is off. */
export const GELU_SLOPE_ERROR = 1e-7

/** Beyond ± this GELU is x or 0 to 1e-14. */
const END = 8
const CELLS_PER_UNIT = 128
const CELLS = 2 * END * CELLS_PER_UNIT

/** Terms of the series below that count at |x| = 8 / √2, its largest argument here. */
const SERIES_TERMS = 120

/** GELU's slope is least and greatest where its second derivative (2 − x²) φ(x) is 0: at ∓√2. */
export const SLOPE_TURN = Math.SQRT2
export const LEAST_SLOPE = exactGeluSlope(-SLOPE_TURN)
export const GREATEST_SLOPE = exactGeluSlope(SLOPE_TURN)

/**
 * The most of |GELU''''|, where GELU'''' = (−x⁴ + 7x² − 4) φ(x): with u = x² its slope in u is (u² − 11u + 18) / 2 times
 * e^(−u/2), 0 at u = 2 and 9, so the extremes are 4 φ(0) at 0, then 0.88 and 0.10.
 */
export const MOST_FOURTH_DERIVATIVE = 4 / Math.sqrt(2 * Math.PI)

/** Four coefficients a cell: the cubic with GELU's own values and slopes at both ends. */
const COEFFICIENTS = buildCoefficients()

/** The error function, by 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3···(2n+1)), whose terms have one sign: exact to a few 1e-16 for |x| < 6. */
export function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < SERIES_TERMS; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** x Φ(x), the exact GELU, off by less than GELU_ERROR. */
export function gelu(x: number): number {
  if (x >= END) return x
  if (x <= -END) return 0
  const place = (x + END) * CELLS_PER_UNIT
  const cell = Math.floor(place)
  const t = place - cell
  const i = 4 * cell
  const cubic = (COEFFICIENTS[i + 2] ?? 0) + t * (COEFFICIENTS[i + 3] ?? 0)
  return (COEFFICIENTS[i] ?? 0) + t * ((COEFFICIENTS[i + 1] ?? 0) + t * cubic)
}

/** GELU's derivative Φ(x) + x φ(x), off by less than GELU_SLOPE_ERROR. */
export function geluSlope(x: number): number {
  if (x >= END) return 1
  if (x <= -END) return 0
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
