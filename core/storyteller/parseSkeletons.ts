import { AtlasError } from '../errors/AtlasError.ts'
import type { Skeleton } from './Grammar.ts'

const HEADER = /^===\s*theme:\s*([^|\n]*[^|\s])\s*\|\s*style:\s*([^|\n]*[^|\s])\s*$/

/** Reads a file of skeletons, each under a header line "=== theme: lost things | style: gentle"; `name` is the file's. */
export function parseSkeletons(text: string, name: string): Skeleton[] {
  return text
    .split(/^(?====)/m)
    .filter((block) => block.trim() !== '')
    .map((block) => parseSkeleton(block, name))
}

function parseSkeleton(block: string, name: string): Skeleton {
  const lineEnd = block.indexOf('\n')
  const header = block.slice(0, lineEnd < 0 ? block.length : lineEnd)
  const [, theme, style] = HEADER.exec(header) ?? []
  if (theme === undefined || style === undefined) {
    const expected = '"=== theme: ... | style: ..."'
    throw new AtlasError('format/malformed', `skeleton header "${header}" is not ${expected}, in ${name}`)
  }
  return { theme, style, body: block.slice(header.length).trim() }
}
