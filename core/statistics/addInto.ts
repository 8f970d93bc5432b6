import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'

/** Adds `part` to `total`, number by number; refuses (format/too-large) sums that `total` does not hold exactly. */
export function addInto(total: Uint32Array | Float64Array, part: Uint32Array | Float64Array, subject: string): void {
  invariant(total.length === part.length, `${subject}: ${part.length} numbers added to ${total.length}`)
  const limit = total instanceof Uint32Array ? 2 ** 32 : 2 ** 53
  for (let i = 0; i < part.length; i++) {
    const sum = (total[i] ?? 0) + (part[i] ?? 0)
    if (sum >= limit) throw new AtlasError('format/too-large', `${subject}: a sum of ${sum}, exact below ${limit}`)
    total[i] = sum
  }
}
