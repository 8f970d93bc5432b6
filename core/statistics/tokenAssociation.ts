/**
 * How a subcomponent and a token hang together over a corpus, in the symbols of the methods page:
 * m positions hold the token while the subcomponent is active, T positions hold the token,
 * F positions have the subcomponent active, N positions in all.
 */
export interface TokenFirings {
  readonly m: number
  readonly T: number
  readonly F: number
  readonly N: number
}

/** P(fires|token) = m/T; null where the token does not occur. */
export function firesGivenToken({ m, T }: TokenFirings): number | null {
  return T === 0 ? null : m / T
}

/** P(token|fires) = m/F; null where the subcomponent is dead. */
export function tokenGivenFires({ m, F }: TokenFirings): number | null {
  return F === 0 ? null : m / F
}

/** P(fires|token) over the firing density, (m/T)/(F/N); null where the token does not occur or the subcomponent is dead. */
export function lift({ m, T, F, N }: TokenFirings): number | null {
  return T === 0 || F === 0 ? null : (m * N) / (T * F)
}

/** Natural logarithm of the lift, in nats; null where there is no lift or it is 0. */
export function pointwiseMutualInformation(firings: TokenFirings): number | null {
  const value = lift(firings)
  return value === null || value === 0 ? null : Math.log(value)
}

/** Rarity of a firing, −ln(F/N) in nats; null for a dead subcomponent. */
export function firingRarity({ F, N }: Pick<TokenFirings, 'F' | 'N'>): number | null {
  return F === 0 ? null : Math.log(N / F)
}
