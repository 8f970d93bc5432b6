import { AtlasError } from '../errors/AtlasError.ts'
import type { ManifestModule } from './manifest.ts'

/** What tells which subcomponents of a module a bundle's graphs hold. */
export type PrunedModule = Pick<ManifestModule, 'path' | 'c'> & { readonly kept?: ManifestModule['kept'] }

/** The subcomponents of a module as the graphs number them: by column. */
export interface KeptSubcomponents {
  /** Number of columns. */
  readonly count: number
  /** uint32[count]: the subcomponent each column is of, ascending. */
  readonly subcomponents: Uint32Array
  /** The column of a subcomponent; null where the graphs do not hold it. */
  columnOf(subcomponent: number): number | null
}

/** The manifest's `kept` of a module with C subcomponents, `subcomponents` (ascending) of them held; null where all are. */
export function encodeKept(subcomponents: ArrayLike<number>, C: number): ManifestModule['kept'] {
  if (subcomponents.length === C) return null
  const bytes = new Uint8Array(Math.ceil(C / 8))
  for (let i = 0; i < subcomponents.length; i++) {
    const c = subcomponents[i] ?? 0
    bytes[c >> 3] = (bytes[c >> 3] ?? 0) | (1 << (c & 7))
  }
  return { count: subcomponents.length, bits: btoa(String.fromCharCode(...bytes)) }
}

/** Which subcomponents of `module` its graphs hold. Refuses bits that do not fit C and count (bundle/corrupt). */
export function readKept({ path, c: C, kept = null }: PrunedModule): KeptSubcomponents {
  if (kept === null) {
    const isOne = (c: number): boolean => Number.isInteger(c) && c >= 0 && c < C
    return {
      count: C,
      subcomponents: Uint32Array.from({ length: C }, (_, c) => c),
      columnOf: (c) => (isOne(c) ? c : null),
    }
  }
  const bytes = decodeBits(kept.bits, path)
  const subcomponents: number[] = []
  for (let c = 0; c < 8 * bytes.length; c++) if (((bytes[c >> 3] ?? 0) >> (c & 7)) & 1) subcomponents.push(c)
  if (bytes.length !== Math.ceil(C / 8) || subcomponents.length !== kept.count || (subcomponents.at(-1) ?? 0) >= C) {
    const found = `${subcomponents.length} of ${8 * bytes.length} bits`
    throw new AtlasError('bundle/corrupt', `${path}: kept has ${found}, expected ${kept.count} of ${C}`)
  }
  const columns = new Map(subcomponents.map((c, column) => [c, column]))
  return {
    count: kept.count,
    subcomponents: Uint32Array.from(subcomponents),
    columnOf: (c) => columns.get(c) ?? null,
  }
}

/** Refuses a subcomponent that the graphs do not hold (address/unknown): what was left out cannot be watched or masked. */
export function columnOfKept(kept: KeptSubcomponents, modulePath: string, subcomponent: number): number {
  const column = kept.columnOf(subcomponent)
  if (column !== null) return column
  throw new AtlasError(
    'address/unknown',
    `${modulePath}:${subcomponent}: not in this bundle's graphs, which leave out subcomponents that never fired`,
    { details: { module: modulePath, subcomponent } },
  )
}

function decodeBits(bits: string, path: string): Uint8Array {
  try {
    return Uint8Array.from(atob(bits), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw new AtlasError('bundle/corrupt', `${path}: kept is not base64`, { cause })
  }
}
