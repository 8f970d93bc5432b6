/** Between thousands: narrow, and no line break there. */
const NARROW_SPACE = '\u202f'
const MINUS = '\u2212'

/** A count in full: 134 019. */
export function formatCount(count: number): string {
  return trueMinus(groupThousands(String(count)))
}

/** A share, density or mean: 3 significant digits, below 0.001 as 2.9e−6. */
export function formatShare(share: number): string {
  if (share === 0) return '0'
  const size = Math.abs(share)
  if (size < 0.001) return trueMinus(share.toExponential(1))
  const [whole = '', fraction] = fixedDigits(share, 3).split('.')
  return trueMinus(fraction === undefined ? groupThousands(whole) : `${groupThousands(whole)}.${fraction}`)
}

/** A share from 0 to 1 as percents without the sign: 38.3. What is less than everything never reads 100. */
export function formatPercent(share: number): string {
  const percent = formatShare(share * 100)
  return share < 1 && percent === '100' ? '> 99.9' : percent
}

/** A median of counts: whole, or between two whole numbers. */
export function formatMedian(median: number): string {
  const [whole = '', fraction] = String(median).split('.')
  return groupThousands(whole) + (fraction === undefined ? '' : `.${fraction}`)
}

/** A probability, 3 decimals; a bare 0 or 1 only where it is exactly that, so that 0.9999 reads 1.000. */
export function formatProbability(probability: number): string {
  if (probability === 0 || probability === 1) return String(probability)
  return probability < 0.0005 ? '< 0.001' : probability.toFixed(3)
}

/** A logarithm or other real, 2 decimals, with a true minus. */
export function formatReal(value: number): string {
  return trueMinus(withoutNegativeZero(value.toFixed(2)))
}

/** A change of a logarithm, 2 decimals, always with its sign. */
export function formatChange(change: number): string {
  const text = formatReal(change)
  return text.startsWith(MINUS) || text === '0.00' ? text : `+${text}`
}

/** Nats, 3 decimals. */
export function formatNats(nats: number): string {
  return trueMinus(withoutNegativeZero(nats.toFixed(3)))
}

/** A count on an axis, rounded: 100, 10 k, 1 M. */
export function formatAxisCount(count: number): string {
  if (count >= 1e6) return `${count / 1e6} M`
  if (count >= 1e4) return `${count / 1e3} k`
  return formatCount(count)
}

/** A number of bytes in decimal units: 412 B, 38 kB, 2.1 MB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** The same text with every number as a machine writes it: 134019, -0.76, 2.9e-6. */
export function plainNumbers(text: string): string {
  return text.replace(/(?<=\d)\u202f(?=\d)/g, '').replace(/\u2212(?=\d)/g, '-')
}

/** Rounds to `digits` significant digits without an exponent. */
function fixedDigits(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits))
  const exponent = Math.floor(Math.log10(Math.abs(rounded)))
  return rounded.toFixed(Math.max(0, digits - 1 - exponent))
}

function groupThousands(integer: string): string {
  return integer.replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE)
}

function withoutNegativeZero(text: string): string {
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text
}

function trueMinus(text: string): string {
  return text.replaceAll('-', MINUS)
}
