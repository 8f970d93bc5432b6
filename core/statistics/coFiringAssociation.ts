/**
 * How two subcomponents c and d hang together over a corpus, in the symbols of the methods page: both are active at n
 * positions, c at F_c, d at F_d, and there are N in all. A pair that never fires together has no such numbers.
 */
export interface CoFirings {
  readonly n: number
  readonly Fc: number
  readonly Fd: number
  readonly N: number
}

/** P(d|c) = n/F_c */
export const partnerGivenFires = ({ n, Fc }: Pick<CoFirings, 'n' | 'Fc'>): number => n / Fc

/** P(c|d) = n/F_d */
export const firesGivenPartner = ({ n, Fd }: Pick<CoFirings, 'n' | 'Fd'>): number => n / Fd

/** n / (F_c + F_d − n) */
export const jaccard = ({ n, Fc, Fd }: Pick<CoFirings, 'n' | 'Fc' | 'Fd'>): number => n / (Fc + Fd - n)

/** ln(nN / (F_c F_d)), in nats. */
export const coFiringPmi = ({ n, Fc, Fd, N }: CoFirings): number => Math.log((n * N) / (Fc * Fd))
