import { AtlasError } from '../../errors/AtlasError.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { expectLength, startsOf } from './expectLength.ts'

/** The row of `passage`. */
export interface PassageColumns {
  readonly stories: Uint8Array | null
  readonly starts: Uint8Array
  readonly lengths: Uint8Array
  readonly token_ranks: Uint8Array
}

/** Consecutive tokens of a story. */
export interface Passage {
  /** null where the stories are not known. */
  readonly story: number | null
  /** Position of the first token. */
  readonly start: number
  /** Frequency ranks of the tokens. */
  readonly ranks: Uint32Array
}

/** The stretches that `windows` of stories cover together, by story and start; windows that touch are one stretch. */
export function unionOfWindows(
  windows: readonly { readonly story: number; readonly start: number; readonly end: number }[],
): { story: number; start: number; end: number }[] {
  const stretches: { story: number; start: number; end: number }[] = []
  for (const { story, start, end } of windows.toSorted((a, b) => a.story - b.story || a.start - b.start)) {
    const last = stretches.at(-1)
    if (last !== undefined && last.story === story && start <= last.end) last.end = Math.max(last.end, end)
    else stretches.push({ story, start, end })
  }
  return stretches
}

/** Stories, where known, ascend. */
export function encodePassages(passages: readonly Passage[]): PassageColumns {
  const stories = passages.flatMap(({ story }) => (story === null ? [] : [story]))
  return {
    stories:
      stories.length < passages.length ? null : encodeVarints(stories.map((story, i) => story - (stories[i - 1] ?? 0))),
    starts: encodeVarints(passages.map(({ start }) => start)),
    lengths: encodeVarints(passages.map(({ ranks }) => ranks.length)),
    token_ranks: encodeVarints(passages.flatMap(({ ranks }) => [...ranks])),
  }
}

export function decodePassages(columns: PassageColumns): Passage[] {
  const place = 'passage'
  const starts = decodeVarints(columns.starts, place)
  const lengths = decodeVarints(columns.lengths, place)
  const ranks = decodeVarints(columns.token_ranks, place)
  const ends = startsOf(lengths)
  expectLength(place, 'lengths', lengths.length, starts.length)
  expectLength(place, 'token ranks', ranks.length, ends.at(-1) ?? 0)
  const distances = columns.stories === null ? null : decodeVarints(columns.stories, place)
  if (distances !== null) expectLength(place, 'stories', distances.length, starts.length)
  let story = 0
  return Array.from(starts, (start, i) => {
    story += distances?.[i] ?? 0
    if (story >= 2 ** 32) throw new AtlasError('bundle/corrupt', `${place}: story ${story}, expected less than 2³²`)
    return { story: distances === null ? null : story, start, ranks: ranks.subarray(ends[i], ends[i + 1]) }
  })
}
