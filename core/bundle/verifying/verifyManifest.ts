import type { Manifest } from '../manifest.ts'
import { WRITE_NORMS } from '../writeNormsFile.ts'
import type { Report } from './Report.ts'

/** Reports files the manifest speaks of and does not list, or lists twice. */
export function verifyReferences(manifest: Manifest, report: Report): void {
  const { graphs, index, tokenizer, story_grammar, files } = manifest
  const indexPaths =
    index === null
      ? []
      : [
          index.summary,
          ...[...index.levels, ...index.details, ...index.tokens, ...index.stories].map(({ path }) => path),
        ]
  const grammar = story_grammar === null ? [] : [story_grammar]
  const named = [WRITE_NORMS, tokenizer, graphs.observe, graphs.intervene, ...graphs.weights, ...indexPaths, ...grammar]
  const listed = new Set<string>()
  for (const { path } of files) {
    if (listed.has(path)) report(`manifest.json: ${path} is listed twice`)
    listed.add(path)
  }
  for (const path of named) if (!listed.has(path)) report(`manifest.json: names ${path} and does not list it`)
  for (const path of listed) if (!named.includes(path)) report(`manifest.json: lists ${path}, which nothing names`)
}

/** Reports where `parts`, each start ≤ i < end, leave a gap in 0 ≤ i < `length` or overlap. */
export function verifyTiles(
  place: string,
  parts: readonly { readonly path: string; readonly start: number; readonly end: number }[],
  length: number,
  report: Report,
): void {
  let reached = 0
  for (const { path, start, end } of parts.toSorted((a, b) => a.start - b.start)) {
    if (start !== reached) report(`manifest.json, ${place}: ${path} starts at ${start}, expected ${reached}`)
    if (end <= start) report(`manifest.json, ${place}: ${path} ends at ${end}, expected more than ${start}`)
    reached = end
  }
  if (reached !== length) report(`manifest.json, ${place}: ends at ${reached}, expected ${length}`)
}
